"""Replacing an address or a mobile that was proved: asked, proved, told to the old one, then done (design.md §6.8).

A thief who has the password must not walk away with the account: the old channel is told at once, and the new one
counts after 48 hours, or as soon as the old one agrees. A first address or number given beside the other channel, that
is proved, waits as long: told to it, refused by it, and agreed to by nobody, because who holds the phone for five
minutes would agree. A first one of all counts at once (docs/decisions/0029).
"""

import hmac
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction

from preau.identity import keys
from preau.identity.accounts import lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, ChannelChange, Outcome
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory import corrections
from preau.identity.directory.matching import folded_email
from preau.identity.directory.models import Datum, Proof
from preau.identity.messaging import outbox

WAITS = timedelta(hours=48)
# Long enough to answer « who changed my number last spring? », then the addresses are forgotten.
KEPT = timedelta(days=180)
BY_CLOCK = "system:clock"
_PURPOSE = "accounts/channel-change"
_AT_ONCE = 200


class RefusedBefore(Exception):
    """The old channel said « ce n’est pas moi » and the password is still the same: first another password."""


class Worth(StrEnum):
    """What a link of a change is worth."""

    GOOD = "good"
    USED = "used"
    OVER = "over"  # cancelled, refused, done, or the password was replaced since
    UNKNOWN = "unknown"


# Asking ---------------------------------------------------------------------------------------------------------------
@transaction.atomic
def ask(account: Account, *, way: Way, address: str, is_proved: bool, by: str, at: datetime) -> ChannelChange:
    """Ask that `address` replace the proved channel of `account`, or be its first. A change that waited is replaced.

    `is_proved`: a code sent to the new one was typed back already. Raises `RefusedBefore`.
    """
    account = _held(account)
    if was_refused(account, way):
        raise RefusedBefore
    _end_waiting(account, way, Outcome.CANCELLED, at=at)
    change = ChannelChange.objects.create(
        account=account,
        way=way,
        previous=account.email if way is Way.EMAIL else account.mobile,
        address=folded_email(address) if way is Way.EMAIL else address,
        asked_at=at,
        takes_effect_at=at + WAITS,
        proved_at=at if is_proved else None,
    )
    event = Events.CHANNEL_ADDED if change.is_first else Events.CHANNEL_CHANGE_ASKED
    record(event, by=by, on=account.key, at=at, way=way.value)
    tell_new(change, at=at)
    message = "my_account/channel_coming" if change.is_first else "my_account/channel_changing"
    _tell(message, change, Holder.OLD, Holder.OTHER, at=at)
    return change


def waiting(account: Account, way: Way) -> ChannelChange | None:
    """The change of this channel that waits, if any."""
    found = ChannelChange.objects.filter(account=account, way=way, ended_at=None).select_related("account").first()
    return found if found is not None and found.is_alive() else None


def was_refused(account: Account, way: Way) -> bool:
    """The old channel refused a change, and the password has not been replaced since."""
    since = account.credentials_changed_at
    return ChannelChange.objects.filter(account=account, way=way, outcome=Outcome.REFUSED, ended_at__gte=since).exists()


def may_be_given(account: Account, way: Way) -> bool:
    """A first address, or number, may be given: none waits, and none was refused since the password was chosen."""
    return waiting(account, way) is None and not was_refused(account, way)


def tell_new(change: ChannelChange, *, at: datetime) -> None:
    """Send, or send again, the link that proves a new address. A mobile was proved by its code."""
    if change.way == Way.EMAIL and change.proved_at is None:
        outbox.post("my_account/email_to_prove", on=change.account.key, at=at, change=change.pk)


# Links: derived from the master secret, so that none is stored, and each channel holds its own ------------------------
class Holder(StrEnum):
    """Who holds a link, and what it lets them do."""

    NEW = "new"  # the new address: it proves itself
    OLD = "old"  # what is replaced: it agrees or refuses
    OTHER = "other"  # the account's other proved channel: it refuses


def token(change: ChannelChange, holder: Holder) -> str:
    """The secret of a link, for the message that carries it (96 bits: it lives two days and serves once)."""
    return f"{change.pk}-{_seal(keys.digest(_PURPOSE, *_parts(change, holder)))}"


def look(given: str, *holders: Holder) -> tuple[Worth, ChannelChange | None, Holder | None]:
    """What a link is worth, the change it is about, and whose it is among `holders`."""
    change = ChannelChange.objects.filter(pk=_number(given)).select_related("account").first()
    return _judged(change, given, holders)


@transaction.atomic
def prove(given: str, *, at: datetime) -> tuple[Worth, ChannelChange | None]:
    """The button behind the link sent to the new address. Done at once if the old one agreed already."""
    return _answer(given, Holder.NEW, "proved_at", Events.CHANNEL_PROVED, at=at)


@transaction.atomic
def agree(given: str, *, at: datetime) -> tuple[Worth, ChannelChange | None]:
    """« C’est moi », from the old channel: nothing more to wait for, once the new one is proved."""
    return _answer(given, Holder.OLD, "agreed_at", Events.CHANNEL_CHANGE_AGREED, at=at)


def _answer(
    given: str, holder: Holder, written: str, event: Events, *, at: datetime
) -> tuple[Worth, ChannelChange | None]:
    """Write down when one of the two channels said yes; with the other, or the time, the change is done."""
    worth, change, _ = _judged(_locked(_number(given)), given, (holder,))
    if worth is Worth.GOOD and change is not None:
        setattr(change, written, at)
        change.save(update_fields=[written])
        record(event, by=change.account.key, on=change.account.key, at=at, way=change.way)
        _do_if_ready(change, at=at)
    return worth, change


@transaction.atomic
def refuse(given: str, *, at: datetime) -> tuple[Worth, ChannelChange | None]:
    """« Ce n’est pas moi », from a proved channel: nothing changes, and no other change before another password."""
    change = _locked(_number(given))
    worth, change, _ = _judged(change, given, (Holder.OLD, Holder.OTHER))
    if worth is Worth.GOOD and change is not None:
        _end(change, Outcome.REFUSED, at=at)
        if change.way == Way.EMAIL:  # and what else was typed meanwhile
            lifecycle.forget_waiting_email([change.account])
        record(Events.CHANNEL_CHANGE_REFUSED, by=change.account.key, on=change.account.key, at=at, way=change.way)
    return worth, change


def _parts(change: ChannelChange, holder: Holder) -> tuple[str, ...]:
    return holder.value, str(change.pk), str(int(change.asked_at.timestamp()))


def _seal(digest: str) -> str:
    return digest.partition("$")[2][:24]


def _number(given: str) -> int:
    """The change a link says it is about; 0 is nobody's."""
    number = given.partition("-")[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 18 else 0


def _judged(
    change: ChannelChange | None, given: str, holders: tuple[Holder, ...]
) -> tuple[Worth, ChannelChange | None, Holder | None]:
    holder = _holder(change, given, holders) if change is not None else None
    if change is None or holder is None:
        return Worth.UNKNOWN, None, None
    used_at = change.proved_at if holder is Holder.NEW else change.agreed_at
    if used_at is not None or change.outcome == Outcome.REFUSED:
        return Worth.USED, change, holder
    return (Worth.GOOD if change.is_alive() else Worth.OVER), change, holder


def _holder(change: ChannelChange, given: str, holders: tuple[Holder, ...]) -> Holder | None:
    seal, found = given.partition("-")[2], None
    for holder in holders:
        for made in keys.candidates(_PURPOSE, *_parts(change, holder)):
            if hmac.compare_digest(seal.encode(), _seal(made).encode()):
                found = holder
    return found


@transaction.atomic
def cancel(account: Account, *, way: Way, by: str, at: datetime) -> bool:
    """The holder changes their mind. False when nothing waited."""
    account = _held(account)
    if not _end_waiting(account, way, Outcome.CANCELLED, at=at):
        return False
    record(Events.CHANNEL_CHANGE_CANCELLED, by=by, on=account.key, at=at, way=way.value)
    return True


# The worker -----------------------------------------------------------------------------------------------------------
def take_effect(*, at: datetime) -> int:
    """Do the changes whose time has come, end those never proved, forget the old ones (jobs/catalogue.py)."""
    due = ChannelChange.objects.filter(ended_at=None, takes_effect_at__lte=at).order_by("takes_effect_at", "pk")
    numbers = list(due.values_list("pk", flat=True)[:_AT_ONCE])
    for number in numbers:
        _settle(number, at=at)
    ChannelChange.objects.filter(ended_at__lt=at - KEPT).delete()
    return len(numbers)


@transaction.atomic
def _settle(number: int, *, at: datetime) -> None:
    change = _locked(number)
    if change is None or change.ended_at is not None:  # another worker, or the holder, was quicker
        return
    if change.is_alive() and change.proved_at is not None:
        _do(change, by=BY_CLOCK, at=at)
    else:
        _end(change, Outcome.EXPIRED, at=at)
        record(Events.CHANNEL_CHANGE_EXPIRED, by=BY_CLOCK, on=change.account.key, at=at, way=change.way)


def _locked(number: int) -> ChannelChange | None:
    """The change, with its account held first: the order every verb of an account takes."""
    seen = ChannelChange.objects.filter(pk=number).first()
    if seen is None:
        return None
    account = Account.objects.select_for_update().get(pk=seen.account_id)
    change = ChannelChange.objects.select_for_update().filter(pk=number).first()
    if change is not None:
        change.account = account
    return change


def _held(account: Account) -> Account:
    return Account.objects.select_for_update().get(pk=account.pk)


def _do_if_ready(change: ChannelChange, *, at: datetime) -> None:
    is_time = change.agreed_at is not None or at >= change.takes_effect_at
    if change.proved_at is not None and is_time:
        _do(change, by=change.account.key, at=at)


def _do(change: ChannelChange, *, by: str, at: datetime) -> None:
    if change.way == Way.EMAIL:
        lifecycle.confirm_email(change.account, address=change.address, by=by, at=at)
    else:
        lifecycle.confirm_mobile(change.account, mobile=change.address, by=by, at=at)
        tell_the_schools(change.account, mobile=change.address, previous=change.previous, at=at)
    _end(change, Outcome.DONE, at=at)
    if change.is_first:
        told = (Holder.OTHER, Holder.NEW) if change.way == Way.EMAIL else (Holder.OTHER,)
        _tell("my_account/channel_come", change, *told, at=at)
        return
    # A mobile was proved by a code: one SMS less.
    told = (Holder.OLD, Holder.NEW) if change.way == Way.EMAIL else (Holder.OLD, Holder.OTHER)
    _tell("my_account/channel_changed", change, *told, at=at)


def _end(change: ChannelChange, outcome: Outcome, *, at: datetime) -> None:
    change.ended_at, change.outcome = at, outcome
    change.save(update_fields=["ended_at", "outcome"])


def _end_waiting(account: Account, way: Way, outcome: Outcome, *, at: datetime) -> bool:
    rows = ChannelChange.objects.filter(account=account, way=way, ended_at=None)
    return bool(rows.update(ended_at=at, outcome=outcome))


def _tell(message: str, change: ChannelChange, *holders: Holder, at: datetime) -> None:
    account, other = change.account, Way.SMS if change.way == Way.EMAIL else Way.EMAIL
    for holder in holders:
        if holder is Holder.OLD and change.is_first:
            continue
        if holder is Holder.OTHER and not _has_proved(account, other):
            continue
        way = other if holder is Holder.OTHER else Way(change.way)
        outbox.post(message, on=account.key, at=at, way=way, change=change.pk, holder=holder.value)


def _has_proved(account: Account, way: Way) -> bool:
    return account.has_confirmed_email() if way is Way.EMAIL else account.has_confirmed_mobile()


# The school's base ----------------------------------------------------------------------------------------------------
@transaction.atomic
def give_mobile(account: Account, *, mobile: str, by: str, at: datetime) -> ChannelChange | None:
    """The holder typed back a code sent to `mobile`: theirs at once when nothing was proved, otherwise a change begins.

    Returns the change that waits, or None when it is done. Raises `RefusedBefore`.
    """
    account = _held(account)
    if account.mobile != mobile and (account.has_confirmed_mobile() or account.has_confirmed_email()):
        return ask(account, way=Way.SMS, address=mobile, is_proved=True, by=by, at=at)
    _end_waiting(account, Way.SMS, Outcome.CANCELLED, at=at)
    lifecycle.confirm_mobile(account, mobile=mobile, by=by, at=at)
    tell_the_schools(account, mobile=mobile, at=at)
    return None


def tell_the_schools(account: Account, *, mobile: str, at: datetime, previous: str = "") -> None:
    """A line for the base of each school that knows another number (directory/corrections.py).

    One message to each number and address: those of the account, the replaced number (`previous`) included, are told
    of the change itself, and two schools often know the same one.
    """
    told = {previous, mobile, account.email if account.has_confirmed_email() else ""}
    for record_ in account.records.select_related("guardian").order_by("guardian_id"):
        guardian = record_.guardian
        if guardian.mobile != mobile:
            with suppress(corrections.CannotCorrect):  # the line waits already
                corrections.propose(
                    guardian, field=Datum.MOBILE, value=mobile, proof=Proof.ACCOUNT, by=account.key, at=at, told=told
                )
                told |= {guardian.mobile, guardian.email}
