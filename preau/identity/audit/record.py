"""Writing the journal. Called by verbs, inside their transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.compiled import Insertion, Write

_NEW = Insertion(Event)


class OutsideTransaction(RuntimeError):
    """An event was about to be written outside the transaction of its verb: the two could disagree."""


def record(event: Events, *, by: str, on: str, at: datetime, uai: str = "", **facts: Any) -> Event:
    """Write one event. `by` and `on` are person keys; `facts` are JSON values, without secret nor address."""
    _must_be_in_a_transaction()
    return _NEW.of(Event(name=event, by=by, on=on, at=at, uai=uai, facts=facts))


def line(event: Events, *, by: str, on: str, at: datetime, uai: str = "", **facts: Any) -> Write:
    """One event as a write of its own, for `compiled.together`: with what it tells, or not at all."""
    return _NEW.write(Event(name=event, by=by, on=on, at=at, uai=uai, facts=facts))


def record_many(
    event: Events, *, by: str, on: Iterable[str | tuple[str, dict[str, Any]]], at: datetime, uai: str = "", **facts: Any
) -> None:
    """Write one event per person of `on` (a key, or a key with its own facts), in bulk."""
    _must_be_in_a_transaction()
    rows = []
    for person in on:
        key, own = person if isinstance(person, tuple) else (person, {})
        rows.append(Event(name=event, by=by, on=key, at=at, uai=uai, facts={**facts, **own}))
    Event.objects.bulk_create(rows, batch_size=1000)


def _must_be_in_a_transaction() -> None:
    if not connection.in_atomic_block:
        raise OutsideTransaction
