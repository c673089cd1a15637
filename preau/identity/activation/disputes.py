"""« Je ne suis pas le représentant légal de cet élève »: the guardian says so, the school will check."""

from datetime import datetime

from django.db import transaction

from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory.models import Guardianship


@transaction.atomic
def dispute(link: Guardianship, *, by: str, at: datetime) -> None:
    """End at once what the link opens; the school sees who disputes it, and since when. Twice changes nothing."""
    if not Guardianship.objects.filter(pk=link.pk, disputed_at=None).update(disputed_at=at):
        return
    uai, pupil = link.enrolment.school_id, link.enrolment.pupil.key
    record(Events.GUARDIANSHIP_DISPUTED, by=by, on=f"guardian:{link.guardian_id}", at=at, uai=uai, pupil=pupil)
