"""Proving who you are with a username and a password, temporary or not. One answer for everything that is wrong.

Whatever the username, a try costs one counting, one reading of the account and one slow hash: nobody
learns from the time or the work whether a person is known (design.md §6.10).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import BigIntegerField, DateField

from preau import clock
from preau.identity import keys
from preau.identity.accounts import hashing, lifecycle, passwords, usernames
from preau.identity.accounts.hash_queue import Busy
from preau.identity.accounts.models import Account, Kind, TemporaryPassword
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.compiled import Given, Reading, Write
from preau.identity.postgresql import lend
from preau.identity.signin import captcha, counters, lockout
from preau.identity.signin.captcha import Answer, Effort
from preau.identity.signin.device import Device
from preau.identity.signin.lockout import Door, Verdict

_BEARER = Reading(
    lambda: Account.objects.select_related("temporary_password", "authenticator").filter(username=Given("username"))
)
# Not read with the bearer: for an account that is found by its name, PostgreSQL may choose to read all the enrolments.
_WITH_RIGHTS = Reading(
    lambda: (
        Account.objects.only("pk").filter(pk=Given("pk", BigIntegerField())).with_rights_on(Given("day", DateField()))
    )
)


class Found(StrEnum):
    """What a try comes to."""

    WRONG = "wrong"
    PAUSED = "paused"
    CROWDED = "crowded"
    EFFORT = "effort"  # nothing was compared: the effort that this try asks was not made
    # From here on the secret was right: the answer may say more.
    OWN = "own"  # an active account and its holder's password
    TEMPORARY = "temporary"  # an active account whose password was reset: to change at once
    LETTER = "letter"  # the school's letter: to activate
    WAITING = "waiting"  # activated but for the link sent by e-mail
    EXPIRED = "expired"
    OTHER_PROFILE = "other_profile"
    SHUT = "shut"
    NO_RIGHTS = "no_rights"  # no child, or no school, left


OPENS = frozenset({Found.OWN, Found.TEMPORARY})


@dataclass(frozen=True)
class Proof:
    """The outcome of a try. `account` is there only when the secret was right."""

    found: Found
    account: Account | None = None
    temporary: TemporaryPassword | None = None
    tries_left: int = 0
    until_at: datetime | None = None
    effort: Effort | None = None  # what the next try asks
    is_early: bool = False
    forgiveness: Write | None = None  # still to be written: the try that was counted was no failure


def prove(
    *,
    username: str,
    typed: str,
    profile: Kind | None,
    device: Device,
    network: str,
    at: datetime,
    answer: str = "",
    forgives_later: bool = False,
) -> Proof:
    """Judge one try from one device. `answer` is what the browser gave of the effort that was asked, if any.

    `profile` None: no profile was chosen, the account's own is the right one (signin/classic.py). `forgives_later`: who
    asks writes the `forgiveness` of a proof that opens a visit, with that visit.

    Raises `Busy`, with nothing counted, when too many sign in at once.
    """
    name = usernames.normalised(username)
    own, theirs = device_counter(device, network), counters.key(Door.PASSWORD, "record", name)
    crowd = counters.key(Door.PASSWORD, "network", network)
    # Counted before anything is compared: tries made at the same instant are all seen.
    windows = {own: lockout.DEVICE[Door.PASSWORD].window, theirs: lockout.RECORD[Door.PASSWORD].window}
    counted = counters.add_and_read(windows, crowd, at=at)
    account = _BEARER.first(username=name)
    tries = lockout.Tries(
        device=counted[own].count,
        record=counted[theirs].count,
        network=counted[crowd].count,
        is_familiar=device.is_familiar(account),
    )
    judged = lockout.verdict(Door.PASSWORD, tries)
    if judged is Verdict.PAUSED:
        return Proof(Found.PAUSED, until_at=counters.read(own, at=at)[own].until_at)
    if judged is Verdict.CROWDED:
        return Proof(Found.CROWDED, until_at=counted[crowd].until_at)
    if (refused := _effort_refused(answer, tries, device=device, network=network, at=at)) is not None:
        counters.take_back(own, theirs)  # nothing is compared: it was no try
        return refused
    lend()  # for as long as the hash takes, and its queue
    try:
        proof = _compare(account, typed, is_silent=judged is Verdict.SILENT, profile=profile, at=at)
    except Busy:
        counters.take_back(own, theirs)  # nothing was compared
        raise
    if proof.found is Found.WRONG:
        _remember_failure(account, name=name, network=network, crowd=crowd, tries=tries, at=at)
        asked = lockout.seconds_to_wait(lockout.next_of(tries))
        effort = Effort(device, network, seconds=asked, at=at) if asked else None
        return Proof(Found.WRONG, tries_left=lockout.left(Door.PASSWORD, tries), effort=effort)
    if forgives_later and proof.found in OPENS:
        return replace(proof, forgiveness=counters.forgiveness(own, theirs))
    counters.take_back(own, theirs)
    return proof


def _effort_refused(answer: str, tries: lockout.Tries, *, device: Device, network: str, at: datetime) -> Proof | None:
    seconds = lockout.seconds_to_wait(tries)
    if not seconds:
        return None
    effort = Effort(device, network, seconds=seconds, at=at)
    worth = effort.judge(answer)
    if worth is Answer.MET:
        return None
    return Proof(Found.EFFORT, effort=captcha.following(effort, answer, worth), is_early=worth is Answer.EARLY)


def _compare(account: Account | None, typed: str, *, is_silent: bool, profile: Kind | None, at: datetime) -> Proof:
    temporary: TemporaryPassword | None = getattr(account, "temporary_password", None)
    if temporary is not None:
        is_temporary = lifecycle.temporary_matches(temporary, typed)
    else:
        is_temporary = keys.matches(lifecycle.TEMPORARY_PURPOSE, "", "0", passwords.temporary_as_typed(typed))
    if account is not None:
        is_own = account.check_password(typed) and not is_silent
    else:
        hashing.spend_the_same_time(typed)
        is_own = False
    if account is None or not (is_own or is_temporary):
        return Proof(Found.WRONG)
    found = _after(account, temporary if is_temporary else None, profile=profile, at=at)
    return Proof(found, account=account, temporary=temporary if is_temporary else None)


def _after(account: Account, temporary: TemporaryPassword | None, *, profile: Kind | None, at: datetime) -> Found:
    """What a right secret opens, by the account's state."""
    if account.state in (State.BLOCKED, State.DISABLED):
        return Found.SHUT
    if account.state == State.CLOSED:
        return Found.WRONG
    if temporary is not None and temporary.is_expired_at(at):
        return Found.EXPIRED
    if profile is not None and account.kind != profile:
        return Found.OTHER_PROFILE
    if account.state != State.ACTIVE:
        return Found.LETTER if temporary is not None else Found.WAITING
    if _WITH_RIGHTS.first(pk=account.pk, day=clock.today(at)) is None:
        return Found.NO_RIGHTS
    return Found.TEMPORARY if temporary is not None else Found.OWN


def opens(account: Account, *, at: datetime) -> Found:
    """What an account opens to its holder, proved by something else than a password (a passkey, FranceConnect)."""
    return _after(account, None, profile=Kind(account.kind), at=at)


def _remember_failure(
    account: Account | None, *, name: str, network: str, crowd: str, tries: lockout.Tries, at: datetime
) -> None:
    pair = counters.key(Door.PASSWORD, "pair", network, name)
    if counters.add({pair: lockout.NETWORK.window}, at=at)[pair] == 1:
        counters.add({crowd: lockout.NETWORK.window}, at=at)
    limits = (lockout.DEVICE[Door.PASSWORD].tries, lockout.RECORD[Door.PASSWORD].tries)
    if tries.device == limits[0] or tries.record == limits[1]:
        # The same row for a username nobody bears: known and unknown look alike from the database too.
        on = account.key if account else "account:unknown"
        with transaction.atomic():
            record(Events.SIGNIN_PAUSED, by="system:signin", on=on, at=at)


def forgive(*, username: str, device: Device, network: str) -> None:
    """The try that was just counted as wrong was right after all: what was typed belongs to an old account."""
    name = usernames.normalised(username)
    theirs, pair = counters.key(Door.PASSWORD, "record", name), counters.key(Door.PASSWORD, "pair", network, name)
    counters.take_back(device_counter(device, network), theirs, pair)


def device_counter(device: Device, network: str) -> str:
    """Where the failures of a browser are counted; without a cookie, those of all such browsers of its network."""
    return counters.key(Door.PASSWORD, "device", device.number or f"network {network}")


@dataclass(frozen=True)
class OwnProof:
    """The holder, already signed in, proves themselves again with their password."""

    is_right: bool
    until_at: datetime | None = None  # paused until then


def prove_again(account: Account, *, typed: str, device: Device, network: str, at: datetime) -> OwnProof:
    """Compare the current password of a signed-in holder: the same counters as at the door. Raises `Busy`."""
    own = device_counter(device, network)
    theirs = counters.key(Door.PASSWORD, "record", account.username)
    counted = counters.add(
        {own: lockout.DEVICE[Door.PASSWORD].window, theirs: lockout.RECORD[Door.PASSWORD].window}, at=at
    )
    tries = lockout.Tries(device=counted[own], record=counted[theirs], is_familiar=device.is_familiar(account))
    if lockout.verdict(Door.PASSWORD, tries) is not Verdict.LOOK:
        return OwnProof(is_right=False, until_at=counters.read(own, at=at)[own].until_at)
    try:
        is_right = account.check_password(typed)
    except Busy:
        counters.take_back(own, theirs)
        raise
    if not is_right:
        return OwnProof(is_right=False)
    counters.take_back(own, theirs)
    return OwnProof(is_right=True)
