"""The holder is told, at the address they proved, that a means of signing in was added or removed."""

from datetime import datetime
from enum import StrEnum

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.messaging import outbox
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing
from preau.identity.signin.help import words_about


class Factor(StrEnum):
    """What was added or removed."""

    PASSKEY = "passkey"
    AUTHENTICATOR = "authenticator"


def tell_added(account: Account, factor: Factor, *, at: datetime) -> None:
    """Post the message, for who has a proved address."""
    if account.has_confirmed_email():
        outbox.post("signin/factor_added", on=account.key, at=at, factor=factor, done_at=at.isoformat())


def tell_removed(account: Account, factor: Factor, *, at: datetime) -> None:
    """Post the message, for who has a proved address."""
    if account.has_confirmed_email():
        outbox.post("signin/factor_removed", on=account.key, at=at, factor=factor, done_at=at.isoformat())


def envelope(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of both messages: no link to follow, only who to call."""
    account = Account.objects.filter(pk=outgoing.on.partition(":")[2]).first()
    if account is None or not account.has_confirmed_email():
        return None
    context = {
        **words_about(account, day=clock.today(at)),
        "is_passkey": outgoing.facts["factor"] == Factor.PASSKEY,
        "done_at": datetime.fromisoformat(outgoing.facts["done_at"]),
    }
    return Envelope(to=account.email, context=context)
