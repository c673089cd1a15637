"""Whose number it is: an adult pupil who is their own guardian is one human, anybody else is somebody else."""

from datetime import date, datetime

import pytest

from preau.identity.accounts import lifecycle
from preau.identity.accounts.channels import Way, is_held_by_others
from preau.identity.accounts.models import Account
from preau.identity.directory.models import Guardianship, Kinship
from tests.rooms.identity.signin import people

pytestmark = pytest.mark.django_db
NUMBER = "+33639981717"


@pytest.fixture
def tidiane(at: datetime) -> tuple[Account, Account]:
    """His account as a guardian of himself, and as a pupil: one number in the base for both."""
    school = people.school()
    pupil = people.pupil(school, "9", "Tidiane", "SOW", date(2008, 1, 9))
    pupil.enrolments.update(mobile=NUMBER)
    himself = people.guardian(school, "90", "Tidiane", "SOW", pupil)
    Guardianship.objects.update(kinship=Kinship.SELF)
    (guardian,) = lifecycle.open_for_guardians([himself], by="system:import", at=at)
    (own,) = lifecycle.open_for_pupils([pupil], by="system:import", at=at)
    return guardian, own


def test_his_own_number_is_nobody_elses(tidiane: tuple[Account, Account], at: datetime) -> None:
    guardian, own = tidiane
    lifecycle.confirm_mobile(own, mobile=NUMBER, by=own.key, at=at)
    assert not is_held_by_others(guardian, way=Way.SMS, address=NUMBER)
    assert not is_held_by_others(own, way=Way.SMS, address=NUMBER)


@pytest.mark.parametrize("change", [{"kinship": "10"}, {"is_legal": False}, {"disputed_at": "2026-11-02T08:00Z"}])
def test_a_childs_number_is_the_childs(tidiane: tuple[Account, Account], change: dict[str, object]) -> None:
    guardian, own = tidiane
    Guardianship.objects.update(**change)
    assert is_held_by_others(guardian, way=Way.SMS, address=NUMBER)
    assert is_held_by_others(own, way=Way.SMS, address=NUMBER)
