"""The journal cannot be edited unnoticed: batches of events are sealed in a chain, and verified by a command."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from preau.identity import keys
from preau.identity.audit.models import Event, Seal

_PURPOSE = "audit/seal"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """A seal that no longer agrees with what it closes, and what is wrong."""

    seal: int
    reason: str


@transaction.atomic
def seal_waiting(*, at: datetime, at_most: int = 5000) -> Seal | None:
    """Seal the events that wait, oldest first. Returns the new seal, or nothing when no event waits."""
    # Two workers must not seal the same events: the last seal is the lock they queue for.
    previous = Seal.objects.select_for_update().order_by("-id").first()
    waiting = list(Event.objects.select_for_update().unsealed()[:at_most])
    if not waiting:
        return None
    seal = Seal.objects.create(
        first_event=waiting[0].id,
        last_event=waiting[-1].id,
        count=len(waiting),
        digest=keys.digest(_PURPOSE, previous.digest if previous else "", *_lines(waiting)),
        made_at=at,
    )
    Event.objects.filter(id__in=[event.id for event in waiting]).update(seal=seal)
    # The chain cannot tell that its end was cut off: the log, kept elsewhere, can.
    log.info("seal %s over events %s to %s: %s", seal.id, seal.first_event, seal.last_event, seal.digest)
    return seal


def faults() -> Iterable[Fault]:
    """Read the whole journal again. Yields what does not agree.

    A batch is missing whoever took it away: a purge will have to say so under the master secret to be believed.
    """
    previous = ""
    for seal in Seal.objects.order_by("id").iterator():
        events = list(Event.objects.filter(seal=seal).order_by("id"))
        if len(events) != seal.count:
            yield Fault(seal.id, f"{seal.count} événements scellés, {len(events)} trouvés")
        elif not keys.matches(_PURPOSE, seal.digest, previous, *_lines(events)):
            yield Fault(seal.id, "un événement du lot, ou le sceau précédent, a été modifié")
        previous = seal.digest


def _lines(events: Iterable[Event]) -> Iterable[str]:
    for event in events:
        facts = json.dumps(event.facts, sort_keys=True, ensure_ascii=False)
        instant = int(event.at.timestamp() * 1_000_000)
        yield "\x1f".join([str(event.id), event.name, str(instant), event.by, event.on, event.uai, facts])
