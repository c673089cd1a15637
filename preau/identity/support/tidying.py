"""What the worker does for tickets: tell that one may try again, forget those whose time has passed."""

from datetime import datetime

from django.db import transaction

from preau.identity.accounts.models import Kind
from preau.identity.messaging import outbox
from preau.identity.messaging.catalogue import Way
from preau.identity.signin import letter
from preau.identity.support.models import Ticket


@transaction.atomic
def tell_due(*, at: datetime) -> int:
    """Post « vous pouvez réessayer » for the tickets whose day has come. Returns how many."""
    due = Ticket.objects.select_for_update(of=("self",)).open_at(at).filter(told_at=None, retry_at__lte=at)
    waiting = list(due.select_related("guardian")[:200])
    for ticket in waiting:
        # A pupil's own ticket was compared with a guardian's record too: it is not that guardian who waits.
        if ticket.guardian is not None and ticket.journey != letter.JOURNEYS[Kind.PUPIL]:
            for way in Way:  # which one they proved is seen when it leaves (telling.to_holder)
                outbox.post("support/try_again", on=ticket.guardian.key, at=at, way=way)
        ticket.told_at = at
    Ticket.objects.bulk_update(waiting, ["told_at"])
    return len(waiting)


def forget_tickets(*, at: datetime) -> int:
    """Forget the tickets of more than thirty days."""
    return Ticket.objects.all().purge(at=at)
