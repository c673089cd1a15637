"""The messages of this room, made at the moment of sending: the secret of one does not exist a second before."""

from datetime import datetime
from typing import Any

from django.db import transaction

from preau.clock import today
from preau.design import text
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, Channel
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.distribution import expiry, plan, recipients, texts
from preau.identity.distribution.models import WITH_SECRET, Notice, Withheld
from preau.identity.distribution.recipients import Recipient
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing


def invitation(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """« Ouvrez votre compte »: no secret, the ways to get in alone."""
    notice = _notice(outgoing)
    recipient = _recipient(notice, at=at)
    if recipient is None:
        return None
    context = _context(notice, recipient)
    ways = [way for way in texts.WAYS_ALONE if way != "mobile" or recipient.has_mobile]
    _made(notice, at=at, expires_at=None)
    return Envelope(recipient.email, {**context, "ways": ways})


@transaction.atomic
def credentials(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Username and temporary password. Committed before it is handed over; sent again, it carries a new one."""
    notice = _notice(outgoing)
    recipient = _recipient(notice, at=at)
    if recipient is None:
        return None
    batch = notice.batch
    assert batch is not None
    expires = expiry.expires_at(Channel.EMAIL, at)
    (secret,) = lifecycle.notify(
        [recipient.account], channel=Channel.EMAIL, expires_at=expires, by=batch.made_by, at=at, uai=batch.school_id
    )
    _made(notice, at=at, expires_at=expires)
    if outgoing.is_doubtful:
        facts = {"batch": batch.pk, "tries": outgoing.tries}
        record(Events.MAIL_DOUBLED, by="system:worker", on=recipient.account.key, at=at, uai=batch.school_id, **facts)
    made = {"secret": " ".join(text.in_groups(secret.password)), "until": texts.day(expiry.last_day(expires))}
    return Envelope(recipient.email, {**_context(notice, recipient), **made, "is_again": outgoing.is_doubtful})


def _notice(outgoing: Outgoing) -> Notice:
    return Notice.objects.select_related("batch__school").get(outgoing=outgoing)


def _recipient(notice: Notice, *, at: datetime) -> Recipient | None:
    """The person as the base knows them now; None, with the reason kept, when there is nothing to send any more."""
    batch = notice.batch
    assert batch is not None
    found = recipients.read(Account.objects.filter(pk=notice.account_id), uai=batch.school_id, day=today(at))
    recipient = found[0] if found else None
    notice.withheld = _reason_to_withhold(notice, recipient)
    if notice.withheld:
        notice.save(update_fields=["withheld"])
        return None
    return recipient


def _reason_to_withhold(notice: Notice, recipient: Recipient | None) -> str:
    """Empty when the message may leave."""
    if notice.withheld or (notice.batch and notice.batch.stopped_at):
        return notice.withheld or Withheld.STOPPED
    if recipient is None:
        return Withheld.NO_RIGHTS
    if against := plan.reason_against(recipient):
        return Withheld.ACTIVE if against is plan.Reason.ACTIVE else Withheld.NO_RIGHTS
    if recipient.is_protected:
        return Withheld.PROTECTED
    if not recipient.email:
        return Withheld.NO_ADDRESS
    if notice.way in WITH_SECRET and not recipient.has_own_email():
        return Withheld.SHARED if recipient.is_email_shared else Withheld.RECENT
    return ""


def _made(notice: Notice, *, at: datetime, expires_at: datetime | None) -> None:
    notice.made_at, notice.expires_at = at, expires_at
    notice.save(update_fields=["made_at", "expires_at"])


def _context(notice: Notice, recipient: Recipient) -> dict[str, Any]:
    batch = notice.batch
    assert batch is not None
    return {
        "school_name": batch.school.name,
        "school_phone": batch.school.phone,
        "greeting": recipient.greeting,
        "name": recipient.name,
        "children": texts.children(recipient.children),
        "username": recipient.account.username,
        "address": texts.site(),
    }
