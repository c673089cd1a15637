"""The link that confirms an address: made at the moment of sending, lives 48 hours, serves once, never signs in.

A button confirms, because mail scanners follow links (design.md §5).
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from preau import clock
from preau.identity import keys
from preau.identity.accounts import channel_changes, lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, OneTimeLink
from preau.identity.messaging import outbox
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing
from preau.identity.signin import counters
from preau.identity.signin.help import words_about

LASTS = timedelta(hours=48)  # specs/educonnect.md §12
PURPOSE = "confirm-email"
_DIGEST = "signin/email-link"
# One message a minute to one address, and so many a day for one account: nobody's box is filled through us.
_MINUTE, _DAY, _A_DAY = timedelta(minutes=1), timedelta(days=1), 10
# An activation proves the mobile and gives the address in one deed: no SMS tells people what they do themselves, and
# the address need not wait. Short, or a visit left open just after it would hide an address from the mobile. Either may
# come first: an address typed hours before the mobile was proved is another deed too.
_ONE_DEED = timedelta(minutes=2)


class LinkState(StrEnum):
    """What a link is worth."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


def ask(account: Account, *, message: str, at: datetime) -> bool:
    """Post the message that carries a link to the address that waits. False when one has just left, or too many."""
    minute = counters.key("email-link", account.key, account.pending_email)
    day = counters.key("email-link", account.key)
    counted = counters.add({minute: _MINUTE, day: _DAY}, at=at)
    if counted[minute] > 1 or counted[day] > _A_DAY:
        return False
    outbox.post(message, on=account.key, at=at)
    return True


def envelope(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of a message with a link. Nothing leaves when no address waits any more."""
    account = Account.objects.filter(pk=outgoing.on.partition(":")[2]).first()
    if account is None or not account.pending_email or not account.is_open():
        return None
    path = reverse("activation:email", args=[_make(account, at=at)])
    context = {**words_about(account, day=clock.today(at)), "action_url": f"{settings.PUBLIC_URL}{path}"}
    return Envelope(to=account.pending_email, context=context)


def look(token: str, *, at: datetime) -> tuple[LinkState, Account | None]:
    """What the link is worth now, and whose it is."""
    return _judge(_found(token).first(), at=at)


@transaction.atomic
def use(token: str, *, at: datetime) -> tuple[LinkState, Account | None]:
    """Confirm the address the link was sent to. Only a GOOD link changes anything, once.

    Beside a mobile proved in another deed, the address waits 48 hours, and the mobile is told (`is_to_wait`).
    """
    link = _found(token).select_for_update(of=("self",)).first()
    state, account = _judge(link, at=at)
    if link is not None and account is not None and state is LinkState.GOOD:
        link.used_at = at
        link.save(update_fields=["used_at"])
        if _is_beside_a_mobile(link):
            lifecycle.forget_waiting_email([account])
            by, address = account.key, link.sent_to
            channel_changes.ask(account, way=Way.EMAIL, address=address, is_proved=True, by=by, at=at)
        else:
            account = lifecycle.confirm_email(account, address=link.sent_to, by=account.key, at=at)
    return state, account


def is_to_wait(token: str) -> bool:
    """What the link confirms will count 48 hours later: another channel is proved already (docs/decisions/0029)."""
    link = _found(token).first()
    return link is not None and _is_beside_a_mobile(link)


def _is_beside_a_mobile(link: OneTimeLink) -> bool:
    proved_at = link.account.mobile_confirmed_at
    return proved_at is not None and abs(link.made_at - proved_at) > _ONE_DEED


def _make(account: Account, *, at: datetime) -> str:
    token = secrets.token_urlsafe(24)
    OneTimeLink.objects.filter(account=account, purpose=PURPOSE, expires_at__lte=at).delete()
    OneTimeLink.objects.create(
        account=account,
        purpose=PURPOSE,
        sent_to=account.pending_email,
        digest=keys.digest(_DIGEST, token),
        made_at=at,
        expires_at=at + LASTS,
    )
    return token


def _found(token: str) -> QuerySet[OneTimeLink]:
    return OneTimeLink.objects.filter(digest__in=keys.candidates(_DIGEST, token), purpose=PURPOSE).select_related(
        "account"
    )


def _judge(link: OneTimeLink | None, *, at: datetime) -> tuple[LinkState, Account | None]:
    if link is None:
        return LinkState.UNKNOWN, None
    if link.used_at is not None:
        return LinkState.USED, link.account
    if at >= link.expires_at:
        return LinkState.EXPIRED, link.account
    # It dies with the address it was sent to, and never replaces a confirmed one: that waits (docs/decisions/0014).
    is_good = link.sent_to == link.account.pending_email and not link.account.has_confirmed_email()
    return (LinkState.GOOD if is_good else LinkState.UNKNOWN), link.account
