"""A guardian vouches for a pupil: the pupil's screen shows a number, the guardian types it in their own account.

Typing the number, and not pressing a button, is what ties the guardian's yes to the browser that asks. The password is
then chosen in that browser only.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from preau import clock
from preau.identity import keys
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.messaging import outbox
from preau.identity.recovery import vouching
from preau.identity.recovery.models import Approval
from preau.identity.signin.device import Device

LASTS = timedelta(minutes=30)
TRIES = 3
# Time to choose a password, for a guardian who answers in the last minute.
_TO_CHOOSE = timedelta(minutes=10)


def subject(username: str) -> str:
    """How a username is named in these rows, whether or not somebody bears it."""
    return keys.pseudonym("recovery/approval", username)


def number(approval: Approval) -> str:
    """The three digits of a request: derived, kept nowhere."""
    made = keys.pseudonym("recovery/number", str(approval.pk), approval.trail, approval.ref)
    return f"{int(made, 16) % 1000:03d}"


@transaction.atomic
def ask(
    *, trail: str, username: str, account: Account | None, device: Device, kind: str, network: str,
    is_silent: bool, at: datetime,
) -> Approval:  # fmt: skip
    """Write a request. The same rows and the same message whoever bears the username, and if nobody does.

    One stands at a time. A newer one takes its place from the same device, or from a device the pupil knows while the
    other is not: otherwise it is born dead, and its number is nobody's (a classmate can't push a pupil out). So is one
    past the pupil's silent cap (`is_silent`).
    """
    about, mine = subject(username), keys.pseudonym("recovery/device", device.number or f"network {network}")
    known = device.is_familiar(account)
    standing = Approval.objects.standing(at).filter(subject=about).select_for_update(of=("self",)).first()
    takes_place = not is_silent and (
        standing is None or standing.device == mine or (known and not standing.is_familiar)
    )
    over = Approval.objects.filter(subject=about, ended_at=None)
    (over if takes_place else over.filter(until_at__lte=at)).update(ended_at=at)
    row = Approval(
        ref=secrets.token_hex(8), trail=trail, subject=about, account=account, device=mine, device_kind=kind,
        is_familiar=known, asked_at=at, until_at=at + LASTS, ended_at=None if takes_place else at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # another browser asked at the same instant
        row.ended_at = at
        row.save()
    outbox.post("recovery/approval_asked", on="recovery", at=at, approval=row.pk)
    return row


def of_walk(trail: str, username: str) -> Approval | None:
    """The newest request of a walk for a username."""
    return Approval.objects.on_walk(trail, subject(username)).first()


def is_given(approval: Approval, *, at: datetime) -> bool:
    """A guardian typed the number, not long ago, and nothing used it yet."""
    return approval.approved_at is not None and approval.ended_at is None and at < approval.until_at


def waiting_for(guardian: Account, *, at: datetime) -> list[Approval]:
    """The requests a guardian may answer, oldest first."""
    pupils = vouching.pupils_of(guardian, day=clock.today(at), at=at)
    standing = Approval.objects.standing(at).filter(approved_at=None, account__in=pupils)
    return list(standing.select_related("account__pupil").order_by("asked_at", "pk"))


@dataclass(frozen=True)
class Answered:
    """What an answer came to. `tries_left` counts when it was the wrong number; None: the request is over."""

    is_right: bool = False
    tries_left: int | None = None


@transaction.atomic
def answer(guardian: Account, *, ref: str, typed: str, by: str, at: datetime) -> Answered:
    """The guardian types the number. Three wrong ones end the request."""
    approval = _held(guardian, ref, at=at)
    if approval is None or approval.account is None:
        return Answered()
    if secrets.compare_digest(number(approval), typed):
        approval.approved_at, approval.approved_by = at, guardian.key
        approval.until_at = max(approval.until_at, at + _TO_CHOOSE)
        approval.save(update_fields=["approved_at", "approved_by", "until_at"])
        record(Events.RECOVERY_APPROVED, by=by, on=approval.account.key, at=at)
        return Answered(is_right=True)
    approval.tries += 1
    if approval.tries >= TRIES:
        approval.ended_at = at
        record(Events.RECOVERY_REFUSED, by=by, on=approval.account.key, at=at, why="numbers")
    approval.save(update_fields=["tries", "ended_at"])
    return Answered(tries_left=TRIES - approval.tries)


@transaction.atomic
def refuse(guardian: Account, *, ref: str, by: str, at: datetime) -> bool:
    """« Ce n’est pas mon enfant qui demande ». False when the request is over already."""
    approval = _held(guardian, ref, at=at)
    if approval is None or approval.account is None:
        return False
    approval.ended_at = at
    approval.save(update_fields=["ended_at"])
    record(Events.RECOVERY_REFUSED, by=by, on=approval.account.key, at=at, why="refused")
    return True


class NotGiven(Exception):
    """Nobody vouches any more: used, too old, or the guardian's link has ended since."""


@transaction.atomic
def use(approval: Approval, *, at: datetime) -> str:
    """Spend a given approval, once. Returns the key of the guardian who gave it. Raises `NotGiven`."""
    held = Approval.objects.select_for_update(of=("self",)).select_related("account__pupil").get(pk=approval.pk)
    if held.account is None or not is_given(held, at=at):
        raise NotGiven
    may = {guardian.key for guardian in vouching.guardians_of(held.account, day=clock.today(at), at=at)}
    if held.approved_by not in may:
        raise NotGiven
    held.ended_at = at
    held.save(update_fields=["ended_at"])
    return held.approved_by


def _held(guardian: Account, ref: str, *, at: datetime) -> Approval | None:
    """The request of that name among those this guardian may answer, locked."""
    allowed = [one.pk for one in waiting_for(guardian, at=at)]
    found = Approval.objects.standing(at).filter(pk__in=allowed, ref=ref, approved_at=None)
    return found.select_for_update(of=("self",)).select_related("account__pupil").first()
