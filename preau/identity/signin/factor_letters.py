"""The holder is told, at the address they proved or else the mobile, that a means of signing in came or went."""

from datetime import datetime
from enum import StrEnum

from preau import clock
from preau.identity.accounts import channels
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing
from preau.identity.signin.help import words_about


class Factor(StrEnum):
    """What was added or removed."""

    PASSKEY = "passkey"
    AUTHENTICATOR = "authenticator"


def tell_added(account: Account, factor: Factor, *, at: datetime) -> None:
    """Post the message, for who can be reached."""
    channels.tell_by_one("signin/factor_added", account, at=at, factor=factor, done_at=at.isoformat())


def tell_removed(account: Account, factor: Factor, *, at: datetime) -> None:
    """Post the message, for who can be reached."""
    channels.tell_by_one("signin/factor_removed", account, at=at, factor=factor, done_at=at.isoformat())


def envelope(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of both messages: no link to follow, only who to call."""
    account = Account.objects.filter(pk=outgoing.on.partition(":")[2]).first()
    to = channels.reached_by_one(account, Way(outgoing.way)) if account is not None else ""
    if account is None or not to:
        return None
    context = {
        **words_about(account, day=clock.today(at)),
        "is_passkey": outgoing.facts["factor"] == Factor.PASSKEY,
        "done_at": datetime.fromisoformat(outgoing.facts["done_at"]),
    }
    return Envelope(to=to, context=context)
