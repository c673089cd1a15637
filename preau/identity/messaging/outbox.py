"""The outbox: a message is posted inside the verb's transaction, and sent by the worker, again and again if need be."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.module_loading import import_string

from preau.identity.messaging import email
from preau.identity.messaging.catalogue import MESSAGES
from preau.identity.messaging.models import Outgoing

log = logging.getLogger(__name__)

# After a failure: a minute, then five, half an hour, two hours, and twice a day until four days have passed.
DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    *[timedelta(hours=12)] * 8,
)
# While one worker sends, no other takes the row; a worker that died gives it back after this.
LEASE = timedelta(minutes=5)


class UnknownMessage(Exception):
    """No line of the catalogue has this name."""


def post(name: str, *, on: str, at: datetime, once: str | None = None, **facts: Any) -> Outgoing | None:
    """Put a message in the outbox, for the person `on`. `facts` are JSON values without secret nor address.

    With `once`, a second post of the same key does nothing and returns None. Raises `UnknownMessage`.
    """
    if name not in MESSAGES:
        raise UnknownMessage(name)
    outgoing = Outgoing(message=name, on=on, facts=facts, once=once, posted_at=at, due_at=at)
    if once is None:
        outgoing.save()
        return outgoing
    made = Outgoing.objects.bulk_create([outgoing], ignore_conflicts=True)
    stored = Outgoing.objects.filter(once=once, posted_at=at).first()
    return stored if made and stored else None


def post_many(name: str, *, on: list[str], at: datetime, **facts: Any) -> None:
    """Put the same message in the outbox for each person of `on`."""
    if name not in MESSAGES:
        raise UnknownMessage(name)
    rows = [Outgoing(message=name, on=key, facts=facts, posted_at=at, due_at=at) for key in on]
    Outgoing.objects.bulk_create(rows, batch_size=1000)


def send_due(*, at: datetime, at_most: int = 50) -> int:
    """Send what is due. Returns how many were tried."""
    taken = _take(at=at, at_most=at_most)
    for outgoing in taken:
        _send(outgoing, at=at)
    return len(taken)


@transaction.atomic
def _take(*, at: datetime, at_most: int) -> list[Outgoing]:
    skip = connection.features.has_select_for_update_skip_locked
    waiting = list(Outgoing.objects.select_for_update(skip_locked=skip).due(at)[:at_most])
    for outgoing in waiting:
        outgoing.tries += 1
        outgoing.due_at = at + LEASE
    Outgoing.objects.bulk_update(waiting, ["tries", "due_at"])
    return waiting


def _send(outgoing: Outgoing, *, at: datetime) -> None:
    try:
        envelope = import_string(MESSAGES[outgoing.message].made_by)(outgoing, at)
        if envelope is not None:
            email.send(outgoing.message, envelope)
    except Exception as trouble:  # whatever happens to one message, the others leave
        # The class only: a mail server's words may repeat the address.
        _postpone(outgoing, trouble=type(trouble).__name__, at=at)
        log.warning("outgoing %s %s: %s", outgoing.pk, outgoing.message, type(trouble).__name__)
    else:
        outgoing.sent_at, outgoing.trouble = at, "" if envelope else "sans objet"
        outgoing.save(update_fields=["sent_at", "trouble"])


def _postpone(outgoing: Outgoing, *, trouble: str, at: datetime) -> None:
    outgoing.trouble = trouble
    if outgoing.tries > len(DELAYS):
        outgoing.given_up_at = at
    else:
        outgoing.due_at = at + DELAYS[outgoing.tries - 1]
    outgoing.save(update_fields=["trouble", "due_at", "given_up_at"])
