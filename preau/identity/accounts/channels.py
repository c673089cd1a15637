"""Which channels may give an account back: only one its holder proved, and that nobody else holds.

Design §6.8. What the school's base alone knows, and an address never confirmed, recover nothing. A channel that
somebody else holds too (a mailbox shared by two guardians, a mobile lent to a child) needs a second one beside it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from preau.identity.accounts.models import Account
from preau.identity.accounts.states import State
from preau.identity.directory.matching import folded_email
from preau.identity.directory.models import Enrolment, Guardian, Guardianship, Kinship
from preau.identity.messaging import outbox
from preau.identity.messaging.catalogue import Way as Way


@dataclass(frozen=True)
class Proved:
    """A channel the holder proved, and whether it is theirs alone."""

    way: Way
    address: str
    is_alone: bool


def proved(account: Account) -> tuple[Proved, ...]:
    """The channels the holder of `account` proved, e-mail first."""
    found = []
    if account.has_confirmed_email():
        found.append(Proved(Way.EMAIL, account.email, is_held_alone(account, Way.EMAIL)))
    if account.has_confirmed_mobile():
        found.append(Proved(Way.SMS, account.mobile, is_held_alone(account, Way.SMS)))
    return tuple(found)


def tell(message: str, account: Account, *, at: datetime) -> None:
    """Post a message to every channel the holder proved."""
    for channel in proved(account):
        outbox.post(message, on=account.key, at=at, way=channel.way)


def tell_by_one(message: str, account: Account, *, at: datetime, **facts: Any) -> None:
    """Post a message to the address the holder proved, or to the mobile of who proved none: an SMS costs."""
    for way in Way:
        if reached_by_one(account, way):
            outbox.post(message, on=account.key, at=at, way=way, **facts)


def reached_by_one(account: Account, way: Way) -> str:
    """Where such a message goes by this way; empty when it goes by the other, or nowhere."""
    if account.has_confirmed_email():
        return account.email if way is Way.EMAIL else ""
    return account.mobile if way is Way.SMS and account.has_confirmed_mobile() else ""


def is_held_alone(account: Account, way: Way) -> bool:
    """Nobody but the holder has this channel: no other account proved it, no record of somebody else bears it."""
    return not is_held_by_others(account, way=way, address=account.email if way is Way.EMAIL else account.mobile)


def is_held_by_others(*accounts: Account, way: Way, address: str) -> bool:
    """Whether an account of somebody else proved `address`, or a record of somebody else bears it, in any school.

    `accounts` are those of one person. A pupil's own number in the base counts: a child must not open its parent's.
    """
    # An adult pupil who is their own guardian (kinship 70) is one human: their own number is not somebody else's.
    selves = Guardianship.objects.filter(kinship=Kinship.SELF, is_legal=True, disputed_at=None, ended_at=None)
    own_pupils = selves.filter(guardian__record__account__in=accounts).values("enrolment__pupil")
    own_records = selves.filter(enrolment__pupil__account__in=accounts).values("guardian")
    others = Account.objects.exclude(pk__in=[account.pk for account in accounts]).exclude(state=State.CLOSED)
    others = others.exclude(pupil__isnull=False, pupil__in=own_pupils).exclude(records__guardian__in=own_records)
    guardians = Guardian.objects.exclude(record__account__in=accounts).exclude(pk__in=own_records)
    enrolments = Enrolment.objects.exclude(pupil__account__in=accounts).exclude(pupil__in=own_pupils)
    if way is Way.EMAIL:
        theirs = others.filter(email=folded_email(address), email_confirmed_at__isnull=False)
        where = Q(email=folded_email(address))
    else:
        theirs, where = others.filter(mobile=address), Q(mobile=address)
    return theirs.exists() or guardians.filter(where).exists() or enrolments.filter(where).exists()


def is_another_mobile_known(account: Account) -> bool:
    """The schools' bases know a mobile of the holder, and none of them the one that was proved.

    Operators give numbers again: it may be somebody else's since. What the holder changes in their account reaches the
    bases a day later (directory/corrections.py), so only a base that says otherwise, or a number just given, differs.
    """
    known = set(Guardian.objects.filter(record__account=account).values_list("mobile", flat=True)) - {""}
    return account.has_confirmed_mobile() and bool(known) and account.mobile not in known


def accounts_by(way: Way, address: str) -> list[Account]:
    """The accounts, not closed, whose holder proved this channel; in a stable order."""
    accounts = Account.objects.exclude(state=State.CLOSED).order_by("pk")
    if way is Way.EMAIL:
        return list(accounts.filter(email=folded_email(address), email_confirmed_at__isnull=False))
    return list(accounts.filter(mobile=address, mobile_confirmed_at__isnull=False))
