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
_MARK = "audit/mark"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """A seal that no longer agrees with what it closes: what is wrong, and the row when one can be named."""

    seal: int
    reason: str
    event: int | None = None


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
        marks={str(event.id): _mark(event) for event in waiting},
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
        if len(events) != seal.count or not keys.matches(_PURPOSE, seal.digest, previous, *_lines(events)):
            named = list(_named(seal, events))
            yield from named or [Fault(seal.id, "le sceau lui-même, ou le sceau précédent, a été modifié")]
        previous = seal.digest


def _named(seal: Seal, events: list[Event]) -> Iterable[Fault]:
    """Which rows of a batch are not those that were sealed."""
    found = {str(event.id): event for event in events}
    for number, mark in seal.marks.items():
        if number not in found:
            yield Fault(seal.id, f"l’événement {number} a disparu", int(number))
        elif not keys.matches(_MARK, mark, *_lines([found[number]])):
            yield Fault(seal.id, f"l’événement {number} a été modifié", int(number))
    for number in sorted(found.keys() - seal.marks.keys(), key=int):
        yield Fault(seal.id, f"l’événement {number} a été ajouté après coup", int(number))


def _mark(event: Event) -> str:
    return keys.digest(_MARK, *_lines([event]))


def _lines(events: Iterable[Event]) -> Iterable[str]:
    for event in events:
        facts = json.dumps(event.facts, sort_keys=True, ensure_ascii=False)
        instant = int(event.at.timestamp() * 1_000_000)
        yield "\x1f".join([str(event.id), event.name, str(instant), event.by, event.on, event.uai, facts])
