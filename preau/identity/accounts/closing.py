"""Closing one's account: asked, told, taken back by signing in, done after thirty days.

The account closed is never opened again and its username never given again; what its holder gave is forgotten. The
school's base still knows the guardian: a new account, « Non notifié », waits for them, so that nobody shuts their own
family out for ever (docs/decisions/0013).
"""

import base64
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from preau import clock
from preau.identity import keys
from preau.identity.accounts import lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import (
    Account,
    ChannelChange,
    ChannelRemoval,
    Closing,
    GuardianRecord,
    Kind,
    OneTimeLink,
)
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory.models import Guardian, Guardianship, Kinship
from preau.identity.messaging import outbox

WAITS = timedelta(days=30)
BY_CLOCK = "system:clock"
_AT_ONCE = 100
_PURPOSE = "accounts/closed-address"


class NotTheirs(Exception):
    """A pupil's account goes with their schooling: it is not theirs to close."""


@transaction.atomic
def ask(account: Account, *, by: str, at: datetime) -> Closing:
    """The holder asks; told on every proved channel. Twice keeps the first date. Raises `NotTheirs`."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    if account.kind != Kind.GUARDIAN:
        raise NotTheirs
    before = of(account)
    if before is not None:
        return before
    Closing.objects.filter(account=account).delete()
    closing = Closing.objects.create(account=account, asked_at=at, takes_effect_at=at + WAITS)
    record(Events.CLOSING_ASKED, by=by, on=account.key, at=at)
    for way in _ways(account):
        outbox.post("my_account/closing_asked", on=account.key, at=at, way=way)
    return closing


def of(account: Account) -> Closing | None:
    """The closing that waits, not taken back by signing in since."""
    closing = Closing.objects.select_related("account").filter(account=account).first()
    return closing if closing is not None and not closing.is_taken_back() else None


@transaction.atomic
def take_back(account: Account, *, by: str, at: datetime) -> bool:
    """The holder keeps the account, or signed in since asking. False when nothing waited."""
    if not Closing.objects.filter(account=account).delete()[0]:
        return False
    record(Events.CLOSING_TAKEN_BACK, by=by, on=account.key, at=at)
    return True


def close_due(*, at: datetime) -> int:
    """Close the accounts whose thirty days have passed; forget what was taken back (jobs/catalogue.py)."""
    due = Closing.objects.filter(takes_effect_at__lte=at).order_by("takes_effect_at", "pk")
    numbers = list(due.values_list("account_id", flat=True)[:_AT_ONCE])
    for number in numbers:
        _settle(number, at=at)
    return len(numbers)


@transaction.atomic
def _settle(number: int, *, at: datetime) -> None:
    account = Account.objects.select_for_update().get(pk=number)
    closing = Closing.objects.select_related("account").filter(account=account, takes_effect_at__lte=at).first()
    if closing is None:  # another worker was quicker
        return
    if closing.is_taken_back() or account.state == State.CLOSED:
        take_back(account, by=account.key, at=at)
    else:
        _close(account, at=at)


def _close(account: Account, *, at: datetime) -> None:
    """The account ends, and another waits for the guardian as the schools know them."""
    guardians = list(Guardian.objects.filter(record__account=account).order_by("pk"))
    for way in _ways(account):
        place = account.email if way is Way.EMAIL else account.mobile
        # The address is forgotten with the account: sealed, because what waits to leave holds none.
        outbox.post("my_account/closed", on=account.key, at=at, way=way, sealed=seal(place))
    lifecycle.close([account], by=account.key, at=at)
    _forget(account, at=at)
    links = Guardianship.objects.legal().active_on(clock.today(at)).filter(guardian__in=guardians)
    links = links.exclude(kinship=Kinship.SELF)
    with_rights = set(links.values_list("guardian_id", flat=True))
    newcomers = [guardian for guardian in guardians if guardian.pk in with_rights]
    _open_again(newcomers, at=at)


def _forget(account: Account, *, at: datetime) -> None:
    """What the holder gave, and what tied the account to them. The journal keeps what happened, by key."""
    Account.objects.filter(pk=account.pk).update(
        password=make_password(None),
        email="",
        email_confirmed_at=None,
        pending_email="",
        mobile="",
        mobile_confirmed_at=None,
        must_change_password=False,
    )
    for model in (Closing, ChannelChange, ChannelRemoval, OneTimeLink, GuardianRecord):
        model._default_manager.filter(account=account).delete()


def _open_again(guardians: list[Guardian], *, at: datetime) -> None:
    """One account for the records that were gathered in the closed one: they are still one person's."""
    accounts = lifecycle.open_for_guardians(guardians[:1], by=BY_CLOCK, at=at)
    for guardian in guardians[1:]:
        lifecycle.gather(guardian, into=accounts[0], by=BY_CLOCK, at=at)


def _ways(account: Account) -> list[Way]:
    proved = {Way.EMAIL: account.has_confirmed_email(), Way.SMS: account.has_confirmed_mobile()}
    return [way for way, is_proved in proved.items() if is_proved]


def seal(address: str) -> str:
    """An address that is about to be forgotten, for the one message that still goes there."""
    return base64.b64encode(keys.encrypt(_PURPOSE, address.encode())).decode()


def unseal(sealed: str) -> str:
    """What `seal` was given."""
    return keys.decrypt(_PURPOSE, base64.b64decode(sealed)).decode()
