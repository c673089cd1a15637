"""What the school decides of a disputed link: it is right and stands again, or false and never comes back.

The dispute itself is the guardian's (activation/disputes.py): from then on the link opens nothing.
"""

from datetime import datetime

from django.db import transaction

from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory.models import Correction, Datum, Guardianship, Proof
from preau.identity.messaging import outbox


@transaction.atomic
def restore(link: Guardianship, *, by: str, at: datetime) -> bool:
    """The school checked: the link is right. The guardian is told. False when it is not disputed any more."""
    if not Guardianship.objects.filter(pk=link.pk).disputed().update(disputed_at=None):
        return False
    _record(Events.LINK_RESTORED, link, by=by, at=at)
    outbox.post("support/link_restored", on=f"guardian:{link.guardian_id}", at=at)
    return True


@transaction.atomic
def refute(link: Guardianship, *, by: str, at: datetime) -> bool:
    """The school checked: the link is false. It ends, goes on the list for the base, and no import revives it."""
    if not Guardianship.objects.filter(pk=link.pk).disputed().update(ended_at=at):
        return False
    Correction.objects.create(
        school_id=link.enrolment.school_id, guardian_id=link.guardian_id, enrolment_id=link.enrolment_id,
        field=Datum.LINK, proof=Proof.DISPUTE, by=by, proposed_at=at, effective_at=at, applied_at=at,
    )  # fmt: skip
    _record(Events.LINK_REFUTED, link, by=by, at=at)
    return True


def _record(event: Events, link: Guardianship, *, by: str, at: datetime) -> None:
    enrolment = link.enrolment
    guardian, pupil = f"guardian:{link.guardian_id}", f"pupil:{enrolment.pupil_id}"
    record(event, by=by, on=guardian, at=at, uai=enrolment.school_id, pupil=pupil)
