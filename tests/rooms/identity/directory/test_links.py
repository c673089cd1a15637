"""A disputed link: the school settles it, once."""

from datetime import datetime

import pytest

from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory import links
from preau.identity.directory.models import Correction, Datum, Guardianship
from preau.identity.messaging.models import Outgoing
from tests.rooms.identity.signin import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(at: datetime) -> Guardianship:
    family = people.family(at)
    found = family.links()[0]
    found.disputed_at = at
    found.save()
    return found


def test_a_right_link_stands_again_and_its_guardian_is_told(link: Guardianship, at: datetime) -> None:
    assert links.restore(link, by="staff:1", at=at)
    assert Guardianship.objects.legal().filter(pk=link.pk).exists()
    assert Outgoing.objects.get(message="support/link_restored").on == f"guardian:{link.guardian_id}"
    assert Event.objects.get(name=Events.LINK_RESTORED).on == f"guardian:{link.guardian_id}"


def test_a_false_link_ends_and_goes_on_the_list(link: Guardianship, at: datetime) -> None:
    assert links.refute(link, by="staff:1", at=at)
    assert not Guardianship.objects.disputed().exists() and not Guardianship.objects.legal().filter(pk=link.pk).exists()
    correction = Correction.objects.unexported().get()
    assert (correction.field, correction.guardian_id, correction.enrolment_id) == (
        Datum.LINK, link.guardian_id, link.enrolment_id,
    )  # fmt: skip
    assert Event.objects.get(name=Events.LINK_REFUTED).facts == {"pupil": link.enrolment.pupil.key}


def test_a_settled_link_is_settled(link: Guardianship, at: datetime) -> None:
    assert links.refute(link, by="staff:1", at=at)
    assert not links.refute(link, by="staff:1", at=at) and not links.restore(link, by="staff:1", at=at)
    assert Correction.objects.count() == 1


def test_a_link_that_nobody_disputes_is_not_settled(link: Guardianship, at: datetime) -> None:
    Guardianship.objects.update(disputed_at=None)
    assert not links.refute(link, by="staff:1", at=at) and not links.restore(link, by="staff:1", at=at)
    assert not Event.objects.filter(name__startswith="directory.link_").exists()
