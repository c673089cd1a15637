"""The school corrects a record: the verb of the directory, who else is told, and the ticket that asked for it."""

from datetime import datetime

from django.db import transaction

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.accounts.states import State
from preau.identity.directory import corrections
from preau.identity.directory.models import Correction, Datum, Enrolment, Guardian, Guardianship, Proof
from preau.identity.messaging import outbox
from preau.identity.support import tickets
from preau.identity.support.models import Answer, Ticket


@transaction.atomic
def correct(
    person: Guardian | Enrolment,
    *,
    field: Datum,
    value: str,
    proof: Proof,
    ticket: Ticket | None = None,
    by: str,
    at: datetime,
) -> Correction:
    """Propose the correction, tell the other guardians who are active, answer the ticket. Raises `CannotCorrect`."""
    correction = corrections.propose(person, field=field, value=value, proof=proof, by=by, at=at)
    if isinstance(person, Guardian):
        _tell_the_others(person, at=at)
    if ticket is not None:
        tickets.answer(ticket, what=Answer.RETRY, retry_at=correction.effective_at, by=by, at=at)
    return correction


def _tell_the_others(guardian: Guardian, *, at: datetime) -> None:
    """design.md §6.5, as for an import: nobody is made another person's equal unseen by who is active for the child.

    Which child, never who. A protected file tells nobody.
    """
    record = getattr(guardian, "record", None)
    if record is not None and record.account.state == State.ACTIVE:
        return
    day = clock.today(at)
    own = Guardianship.objects.legal().active_on(day).unprotected().filter(guardian=guardian)
    for link in own.select_related("enrolment"):
        beside = Guardianship.objects.legal().active_on(day).filter(enrolment__pupil=link.enrolment.pupil_id)
        holders = Account.objects.filter(
            state=State.ACTIVE, records__guardian__in=beside.exclude(guardian=guardian).values("guardian")
        )
        for account in holders.distinct():
            outbox.post("support/guardian_corrected", on=account.key, at=at, enrolment=link.enrolment_id)
