"""What an adult pupil ended stays ended, whatever the base lists."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from preau.identity.accounts import adulthood, lifecycle
from preau.identity.accounts.models import Account
from preau.identity.accounts.origins import Origin
from preau.identity.directory.models import Guardianship
from preau.identity.imports import runs, schools
from tests.rooms.identity.imports.build import UAI, SchoolFiles, pupil

pytestmark = pytest.mark.django_db
BY = "staff:1"


def ended(files: SchoolFiles, at: datetime) -> Account:
    """Inès Belkacem, 19, who ended her mother's access."""
    schools.add(UAI, by=BY, at=at)
    runs.apply_now(files.all(), by=BY, at=at)
    account = Account.objects.get(pupil__enrolments__source_key="500101")
    account = lifecycle.activate(account, origin=Origin.SCHOOL, by=account.key, at=at)
    assert adulthood.end_guardians(account, by=account.key, at=at) == 1
    return account


def links() -> list[Guardianship]:
    return list(Guardianship.objects.legal().filter(enrolment__source_key="500101"))


def born(day: str) -> SchoolFiles:
    return SchoolFiles().but(
        pupils=[pupil("500101", "BELKACEM", "Inès", day, "990000101DJ"), *SchoolFiles().pupils[1:]]
    )


def test_the_next_import_does_not_revive_an_access_that_the_adult_pupil_ended(at: datetime, settings: Any) -> None:
    settings.DEMO_NUMBERS = True
    ended(born("03/02/2007"), at)
    assert not links()
    later = born("03/02/2007").but(exported="01/12/2026 09:00:00", persons=SchoolFiles().persons[:1])
    runs.apply_now(later.all(), by=BY, at=at + timedelta(days=7), confirms_shrinking=True)
    assert not links()
    assert adulthood.give_back_for_minors(at=at + timedelta(days=7)) == 0 and not links()


def test_a_birth_date_put_right_gives_a_minor_s_guardians_back(at: datetime, settings: Any) -> None:
    settings.DEMO_NUMBERS = True
    ended(born("03/02/2007"), at)
    runs.apply_now(born("03/02/2014").but(exported="01/12/2026 09:00:00").all(), by=BY, at=at + timedelta(days=7))
    assert not links()
    assert adulthood.give_back_for_minors(at=at + timedelta(days=8)) == 1
    assert len(links()) == 1
    assert adulthood.give_back_for_minors(at=at + timedelta(days=9)) == 0
