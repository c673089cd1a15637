"""The outbox: a message is posted inside the verb's transaction, and sent by the worker, again and again if need be."""

import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils.module_loading import import_string

from preau.identity.messaging import email, gateways, sms
from preau.identity.messaging.catalogue import MESSAGES, Envelope, Way
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
LONGEST_RUN = 20.0  # seconds: the worker has other things to do
LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
WITHOUT_OBJECT = "sans objet"


class UnknownMessage(Exception):
    """No line of the catalogue has this name."""


def post(
    name: str, *, on: str, at: datetime, way: str = Way.EMAIL, once: str | None = None, **facts: Any
) -> Outgoing | None:
    """Put a message in the outbox, for the person `on`. `facts` are JSON values without secret nor address.

    With `once`, a second post of the same key does nothing and returns None. Raises `UnknownMessage`.
    """
    if name not in MESSAGES:
        raise UnknownMessage(name)
    outgoing = Outgoing(message=name, way=way, on=on, facts=facts, once=once, posted_at=at, due_at=at)
    if once is None:
        outgoing.save()
        return outgoing
    made = Outgoing.objects.bulk_create([outgoing], ignore_conflicts=True)
    stored = Outgoing.objects.filter(once=once, posted_at=at).first()
    return stored if made and stored else None


def post_many(name: str, *, on: Sequence[str], at: datetime, **facts: Any) -> list[Outgoing]:
    """Put the same message in the outbox for each person of `on`. Returns the rows, in the same order."""
    if name not in MESSAGES:
        raise UnknownMessage(name)
    rows = [Outgoing(message=name, on=key, facts=facts, posted_at=at, due_at=at) for key in on]
    return Outgoing.objects.bulk_create(rows, batch_size=1000)


def send_due(*, at: datetime, at_most: int = 50) -> int:
    """Send what is due: first the SMS, which people wait for, then the e-mails. Returns how many were tried.

    `at` is the instant of the first; the others follow the watch. While a line does not answer none of its messages is
    touched, and nobody knocks again before a pause.
    """
    return _send_texts(at=at, at_most=at_most) + _send_emails(at=at, at_most=at_most)


def _send_emails(*, at: datetime, at_most: int) -> int:
    """One e-mail after the other over one line."""
    if at < _line.closed_until or not Outgoing.objects.due(at).by(Way.EMAIL).exists():
        return 0
    begun, tried = time.monotonic(), 0
    try:
        with email.line() as connection:
            _line.answers()
            while tried < at_most and time.monotonic() - begun < LONGEST_RUN:
                instant = at + timedelta(seconds=time.monotonic() - begun)
                outgoing = _take(at=instant)
                if outgoing is None:
                    break
                tried += 1
                if not _send(outgoing, at=instant, connection=connection):
                    break
    except OSError as trouble:
        _line.fails(at)
        log.error("mail server: %s", type(trouble).__name__)
    return tried


def _send_texts(*, at: datetime, at_most: int) -> int:
    """One SMS after the other, until the gateway fails or the budget of the hour is spent."""
    begun, tried = time.monotonic(), 0
    while tried < at_most and time.monotonic() - begun < LONGEST_RUN:
        instant = at + timedelta(seconds=time.monotonic() - begun)
        if not Outgoing.objects.due(instant).by(Way.SMS).exists():
            break
        if sms.is_closed(instant) or sms.is_over_budget(instant):
            break
        outgoing = _take(at=instant, way=Way.SMS)
        if outgoing is None:
            break
        tried += 1
        if not _send_text(outgoing, at=instant):
            break
    return tried


@dataclass
class _Line:
    """What this worker knows of the mail server: it did not answer, and when to knock again."""

    failures: int = 0
    closed_until: datetime = LONG_AGO

    def answers(self) -> None:
        """It answered."""
        self.failures, self.closed_until = 0, LONG_AGO

    def fails(self, at: datetime) -> None:
        """It did not: wait 2 s, then 4, up to a minute."""
        self.failures += 1
        self.closed_until = at + min(timedelta(seconds=2**self.failures), timedelta(minutes=1))


_line = _Line()


@transaction.atomic
def _take(*, at: datetime, way: str = Way.EMAIL) -> Outgoing | None:
    """The oldest message due, ours for the time of a lease. One at a time: a worker that dies leaves one in doubt."""
    skip = connection.features.has_select_for_update_skip_locked
    outgoing = Outgoing.objects.select_for_update(skip_locked=skip).due(at).by(way).first()
    if outgoing is None:
        return None
    outgoing.is_doubtful |= outgoing.begun_at is not None
    outgoing.tries += 1
    outgoing.begun_at, outgoing.due_at = at, at + LEASE
    outgoing.save(update_fields=["is_doubtful", "tries", "begun_at", "due_at"])
    return outgoing


def _send(outgoing: Outgoing, *, at: datetime, connection: BaseEmailBackend) -> bool:
    """Make the message and hand it over. False when the line is broken and the next message needs a new one."""
    envelope: Envelope | None = None
    try:
        envelope = import_string(MESSAGES[outgoing.message].made_by)(outgoing, at)
        if envelope is not None:
            email.send(outgoing.message, envelope, connection=connection)
            _tell(envelope, at=at)
    except Exception as trouble:  # whatever happens to one message, the others leave
        # The class only: a mail server's words may repeat the address.
        if isinstance(trouble, email.NobodyKnows):
            outgoing.is_doubtful = True
            _tell(envelope, at=at)
        _postpone(outgoing, trouble=type(trouble).__name__, at=at)
        log.warning("outgoing %s %s: %s", outgoing.pk, outgoing.message, type(trouble).__name__)
        return not isinstance(trouble, OSError | email.NobodyKnows)
    outgoing.sent_at, outgoing.begun_at, outgoing.trouble = at, None, "" if envelope else WITHOUT_OBJECT
    outgoing.save(update_fields=["sent_at", "begun_at", "trouble"])
    return True


def _send_text(outgoing: Outgoing, *, at: datetime) -> bool:
    """Make the SMS and hand it over. False when the gateway fails: the others wait.

    Each try has its own words, hence its own key: no key ever carries two messages.
    """
    envelope: Envelope | None = None
    try:
        envelope = import_string(MESSAGES[outgoing.message].made_by)(outgoing, at)
        if envelope is not None:
            outgoing.reference = sms.send(outgoing.message, envelope, key=secrets.token_hex(8), at=at)
            sms.answers()
            _tell(envelope, at=at)
    except gateways.Unavailable as trouble:
        _put_back(outgoing, until=sms.fails(at))
        log.error("sms gateway: %s", trouble)
        return False
    except sms.OverBudget:
        _put_back(outgoing, until=sms.hour_of(at) + timedelta(hours=1))
        return True
    except gateways.Refused as trouble:
        sms.answers()
        outgoing.given_up_at, outgoing.begun_at, outgoing.trouble = at, None, "Refused"
        outgoing.save(update_fields=["given_up_at", "begun_at", "trouble"])
        log.warning("outgoing %s %s: refused, %s", outgoing.pk, outgoing.message, trouble)
        return True
    except gateways.NobodyKnows as trouble:
        outgoing.is_doubtful = True
        _tell(envelope, at=at)
        sms.fails(at)
        _postpone(outgoing, trouble="NobodyKnows", at=at)
        log.error("sms gateway: %s", trouble)
        return False
    except Exception as trouble:  # whatever happens to one message, the others leave
        _postpone(outgoing, trouble=type(trouble).__name__, at=at)
        log.warning("outgoing %s %s: %s", outgoing.pk, outgoing.message, type(trouble).__name__)
        return True
    outgoing.sent_at, outgoing.begun_at, outgoing.trouble = at, None, "" if envelope else WITHOUT_OBJECT
    outgoing.save(update_fields=["sent_at", "begun_at", "trouble", "reference"])
    return True


def _tell(envelope: Envelope | None, *, at: datetime) -> None:
    if envelope is not None and envelope.when_sent is not None:
        envelope.when_sent(at)


def _put_back(outgoing: Outgoing, *, until: datetime) -> None:
    """It has surely not left: this was no try. It goes on when the line opens again."""
    outgoing.tries -= 1
    outgoing.due_at, outgoing.begun_at = until, None
    outgoing.save(update_fields=["tries", "due_at", "begun_at"])


def _postpone(outgoing: Outgoing, *, trouble: str, at: datetime) -> None:
    outgoing.trouble, outgoing.begun_at = trouble, None
    if outgoing.tries > len(DELAYS):
        outgoing.given_up_at = at
    else:
        outgoing.due_at = at + DELAYS[outgoing.tries - 1]
    outgoing.save(update_fields=["trouble", "begun_at", "due_at", "given_up_at", "is_doubtful"])
