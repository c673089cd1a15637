"""A protected file: marked, lifted, each an event; and what the querysets then leave out."""

from datetime import datetime

import pytest

from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory import protection
from preau.identity.directory.models import Enrolment, Guardianship
from tests.rooms.identity.signin import people

pytestmark = pytest.mark.django_db


def test_a_file_is_protected_once_and_lifted_once(at: datetime) -> None:
    hugo = people.family(at).hugo
    assert protection.protect(hugo, by="staff:1", at=at, uai="0991234D")
    assert not protection.protect(hugo, by="staff:1", at=at, uai="0991234D")
    hugo.refresh_from_db()
    assert hugo.is_protected() and hugo.protected_at == at
    assert protection.unprotect(hugo, by="staff:1", at=at, uai="0991234D")
    assert not protection.unprotect(hugo, by="staff:1", at=at, uai="0991234D")
    hugo.refresh_from_db()
    assert not hugo.is_protected()
    names = Event.objects.about(hugo.key).values_list("name", flat=True)
    assert list(names)[:2] == [Events.FILE_UNPROTECTED, Events.FILE_PROTECTED]


def test_the_querysets_leave_the_protected_child_out_and_only_that_one(at: datetime) -> None:
    family = people.family(at)
    protection.protect(family.hugo, by="staff:1", at=at, uai="0991234D")
    assert [one.pupil for one in Enrolment.objects.unprotected().select_related("pupil")] == [family.ines]
    assert [one.enrolment.pupil for one in Guardianship.objects.frozen()] == [family.hugo]
    assert [one.enrolment.pupil for one in Guardianship.objects.unprotected()] == [family.ines]
    assert Guardianship.objects.legal().count() == 2  # the right itself is the judge's to end
