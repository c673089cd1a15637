"""« Nouvelle connexion »: the proved address of a holder is told when a browser they never used signs in.

When, and what kind of device; no place and no address of the network, which say little to people and much to others.
"""

from datetime import datetime

from django.http import HttpRequest

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.messaging import outbox
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing
from preau.identity.signin import device
from preau.identity.signin.help import words_about


def is_to_tell(request: HttpRequest, account: Account) -> bool:
    """Whether this browser is new to the account. The very first visit of all surprises nobody."""
    is_first = account.last_signed_in_at is None
    return not is_first and account.has_confirmed_email() and not device.of(request).is_familiar(account)


def tell(request: HttpRequest, account: Account, *, at: datetime) -> None:
    """Post the message."""
    facts = {"device": device.kind(request), "signed_in_at": at.isoformat()}
    outbox.post("signin/new_device", on=account.key, at=at, **facts)


def envelope(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of the message: no link to follow, what to do and who to call."""
    account = Account.objects.filter(pk=outgoing.on.partition(":")[2]).first()
    if account is None or not account.has_confirmed_email():
        return None
    context = {
        **words_about(account, day=clock.today(at)),
        "device": outgoing.facts["device"],
        "signed_in_at": datetime.fromisoformat(outgoing.facts["signed_in_at"]),
    }
    return Envelope(to=account.email, context=context)
