"""The verbs of an account, the only writers of its state. Each is one transaction and one event per person.

Verbs that act on many take the set: rows and events are written in bulk.
"""
# size: every verb that may write a state stands here, on purpose, so that none stands elsewhere

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db import transaction
from django.db.models import Exists, OuterRef

from preau.identity import keys
from preau.identity.accounts import passwords, past_passwords, states, usernames
from preau.identity.accounts.models import (
    Account,
    AccountQuerySet,
    Channel,
    ChannelChange,
    ChannelRemoval,
    FranceConnectLink,
    GuardianRecord,
    Kind,
    Merge,
    OneTimeLink,
    TemporaryPassword,
    UsernameStem,
)
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import ForbiddenMove, Move, State
from preau.identity.audit.events import Events
from preau.identity.audit.record import record, record_many
from preau.identity.directory.matching import folded_email
from preau.identity.directory.models import Guardian, Guardianship, Pupil
from preau.identity.messaging.catalogue import Way

TEMPORARY_PURPOSE = "accounts/temporary-password"
_BULK = 500


@dataclass(frozen=True)
class Secret:
    """A temporary password in clear, for the one response, e-mail or page that carries it. Never stored."""

    account: Account
    password: str
    expires_at: datetime


# Opening --------------------------------------------------------------------------------------------------------------
@transaction.atomic
def open_for_guardians(guardians: Sequence[Guardian], *, by: str, at: datetime, uai: str = "") -> list[Account]:
    """Open an account for each guardian of the set that has none. Returns the new accounts, in order."""
    taken = set(GuardianRecord.objects.filter(guardian__in=guardians).values_list("guardian_id", flat=True))
    newcomers = [guardian for guardian in guardians if guardian.pk not in taken]
    accounts = _open(Kind.GUARDIAN, newcomers, by=by, at=at, uai=uai)
    GuardianRecord.objects.bulk_create(
        [
            GuardianRecord(account=account, guardian=guardian, gathered_at=at)
            for account, guardian in zip(accounts, newcomers, strict=True)
        ],
        batch_size=_BULK,
    )
    return accounts


@transaction.atomic
def open_for_pupils(pupils: Sequence[Pupil], *, by: str, at: datetime, uai: str = "") -> list[Account]:
    """Open an account for each pupil of the set that has none. Returns the new accounts, in order."""
    taken = set(Account.objects.filter(pupil__in=pupils).values_list("pupil_id", flat=True))
    newcomers = [pupil for pupil in pupils if pupil.pk not in taken]
    return _open(Kind.PUPIL, newcomers, by=by, at=at, uai=uai)


def _open(kind: Kind, people: Sequence[Guardian | Pupil], *, by: str, at: datetime, uai: str) -> list[Account]:
    accounts = [
        Account(
            kind=kind,
            username=username,
            pupil=person if isinstance(person, Pupil) else None,
            password=_unusable(),
            opened_at=at,
            credentials_changed_at=at,
        )
        for person, username in zip(people, _usernames(people), strict=True)
    ]
    accounts = Account.objects.bulk_create(accounts, batch_size=_BULK)
    record_many(Events.ACCOUNT_OPENED, by=by, on=[account.key for account in accounts], at=at, uai=uai)
    return accounts


def _unusable() -> str:
    """What `make_password(None)` gives, in one draw instead of forty: an import opens thousands of accounts."""
    return UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30)


def _usernames(people: Sequence[Guardian | Pupil]) -> list[str]:
    """One new username each. The counter of a stem only grows: a username is never given twice."""
    stems = [usernames.stem(person.first_name, person.surname) for person in people]
    wanted = Counter(stems)
    UsernameStem.objects.bulk_create([UsernameStem(stem=s) for s in sorted(wanted)], ignore_conflicts=True)
    locked = UsernameStem.objects.select_for_update().filter(stem__in=sorted(wanted)).order_by("stem")
    counters = {row.stem: row for row in locked}
    given = []
    for base in stems:
        counters[base].last_number += 1
        given.append(usernames.numbered(base, counters[base].last_number))
    UsernameStem.objects.bulk_create(
        counters.values(),
        batch_size=_BULK,
        update_conflicts=True,
        unique_fields=["stem"],
        update_fields=["last_number"],
    )
    return given


@transaction.atomic
def gather(guardian: Guardian, *, into: Account, by: str, at: datetime) -> None:
    """Add to an account the holder's record in another base (the rule is directory/matching.py)."""
    GuardianRecord.objects.create(account=into, guardian=guardian, gathered_at=at)
    record(Events.RECORD_GATHERED, by=by, on=into.key, at=at, uai=guardian.school_id, guardian=guardian.key)


UNDOABLE = timedelta(days=30)


class CannotMerge(Exception):
    """The two accounts cannot be one person's: a pupil's, one account twice, or two guardians of one pupil."""


@transaction.atomic
def merge(kept: Account, absorbed: Account, *, by: str, at: datetime, uai: str = "") -> Merge:
    """Move every record of `absorbed` into `kept`; the absorbed account no longer opens anything.

    Undoable for thirty days (`unmerge`). Raises `CannotMerge`, or `ForbiddenMove` when `absorbed` is blocked or closed.
    Whether the two belong to one person was proven before (directory/claims.py).
    """
    rows = {account.pk: account for account in _lock([kept, absorbed])}
    if len(rows) < 2 or any(account.kind != Kind.GUARDIAN for account in rows.values()):
        raise CannotMerge
    if _answer_for_one_pupil_as_two(kept, absorbed):
        raise CannotMerge
    states.after(State(rows[absorbed.pk].state), Move.MERGE, was_activated=False)
    records = GuardianRecord.objects.filter(account=absorbed)
    merged = Merge(kept=kept, absorbed=absorbed, made_at=at)
    merged.guardians = sorted(records.values_list("guardian_id", flat=True))
    merged.save()
    records.update(account=kept, gathered_at=at)
    _shut([absorbed], Move.MERGE, Events.ACCOUNT_ABSORBED, reason="", by=by, at=at, uai=uai)
    record(Events.ACCOUNTS_MERGED, by=by, on=kept.key, at=at, uai=uai, absorbed=absorbed.key)
    return merged


@transaction.atomic
def unmerge(merged: Merge, *, by: str, at: datetime, uai: str = "") -> bool:
    """Give the absorbed account its records and its life back. False when it was undone already, or is too old."""
    locked = Merge.objects.select_for_update().select_related("kept", "absorbed").get(pk=merged.pk)
    if locked.undone_at is not None or locked.settled_at is not None or at >= locked.made_at + UNDOABLE:
        return False
    locked.undone_at = at
    locked.save(update_fields=["undone_at"])
    GuardianRecord.objects.filter(account=locked.kept, guardian__in=locked.guardians).update(account=locked.absorbed)
    _shut([locked.absorbed], Move.ENABLE, Events.ACCOUNT_ENABLED, reason="", by=by, at=at, uai=uai)
    record(Events.MERGE_UNDONE, by=by, on=locked.kept.key, at=at, uai=uai, absorbed=locked.absorbed.key)
    return True


def settle_merges(*, at: datetime) -> int:
    """Close the accounts absorbed thirty days ago. Returns how many."""
    due = Merge.objects.filter(made_at__lte=at - UNDOABLE, undone_at=None, settled_at=None)
    count = 0
    for merged in due.select_related("absorbed")[:_BULK]:
        with transaction.atomic():
            if Merge.objects.filter(pk=merged.pk, undone_at=None, settled_at=None).update(settled_at=at):
                close([merged.absorbed], by="system:merge", at=at)
                count += 1
    return count


def _answer_for_one_pupil_as_two(one: Account, other: Account) -> bool:
    """Both answer for a same pupil under two kinships, or twice in one school: two guardians, two people."""
    links = Guardianship.objects.filter(ended_at=None)
    theirs = links.filter(guardian__record__account=other, enrolment__pupil=OuterRef("enrolment__pupil"))
    two = theirs.exclude(kinship=OuterRef("kinship")) | theirs.filter(enrolment=OuterRef("enrolment"))
    return links.filter(Exists(two), guardian__record__account=one).exists()


# Notifying ------------------------------------------------------------------------------------------------------------
@transaction.atomic
def notify(
    accounts: Iterable[Account], *, channel: Channel, expires_at: datetime, by: str, at: datetime, uai: str = ""
) -> list[Secret]:
    """Give each account a temporary password in place of the one before. Raises `ForbiddenMove` before any write.

    The digests are committed with the caller's transaction; the clear passwords exist only in what is returned.
    """
    locked = _lock(accounts)
    for account in locked:
        account.state = states.after(State(account.state), Move.NOTIFY, was_activated=account.activated_at is not None)
        account.notified_at = at
    secrets = _temporary(locked, channel=channel, expires_at=expires_at, at=at)
    _forget_half_way(locked, at=at)
    _rows(locked).update(state=State.NOTIFIED, notified_at=at)
    keys_of = [account.key for account in locked]
    record_many(Events.ACCOUNT_NOTIFIED, by=by, on=keys_of, at=at, uai=uai, channel=channel.value)
    return secrets


@transaction.atomic
def reset_passwords(
    accounts: Iterable[Account], *, channel: Channel, expires_at: datetime, by: str, at: datetime, uai: str = ""
) -> list[Secret]:
    """Replace the password of active accounts by a temporary one; open sessions end, the confirmed e-mail and factors
    stay."""
    locked = _lock(accounts)
    for account in locked:
        if account.state != State.ACTIVE:
            raise ForbiddenMove(State(account.state), Move.NOTIFY)
    secrets = _temporary(locked, channel=channel, expires_at=expires_at, at=at)
    past_passwords.remember(locked, at=at)
    unusable = make_password(None)
    _rows(locked).update(password=unusable, credentials_changed_at=at, must_change_password=True)
    forget_waiting_email(locked)
    keys_of = [account.key for account in locked]
    record_many(Events.PASSWORD_RESET, by=by, on=keys_of, at=at, uai=uai, channel=channel.value)
    return secrets


@transaction.atomic
def burn(accounts: Iterable[Account], *, by: str, at: datetime, uai: str = "") -> int:
    """Destroy the temporary passwords of the set, and what was half-way done with one. Returns of how many people.

    Who was only notified is « Non notifié » again.
    """
    locked = [account for account in _lock(accounts) if account.state != State.CLOSED]
    burnt = set(TemporaryPassword.objects.filter(account__in=locked).values_list("account_id", flat=True))
    burnt |= {account.pk for account in locked if account.is_half_way()}
    TemporaryPassword.objects.filter(account__in=locked).delete()
    waiting = [account for account in locked if account.state == State.NOTIFIED]
    target = states.after(State.NOTIFIED, Move.BURN, was_activated=False)
    _forget_half_way([account for account in locked if account.state == State.NOTIFIED or account.is_half_way()], at=at)
    _rows(waiting).update(state=target)
    # Whose state moves has an event, with a secret or without.
    touched = [account.key for account in locked if account.pk in burnt or account.state == State.NOTIFIED]
    record_many(Events.SECRETS_BURNT, by=by, on=touched, at=at, uai=uai)
    return len(burnt)


def _forget_half_way(accounts: Sequence[Account], *, at: datetime) -> None:
    """Never activated: the password, the address and the links left by whoever began with an older letter die with it.

    Otherwise a thief of letters would only have to begin before the school replaces or burns them.
    """
    _rows(accounts).update(password=make_password(None), pending_email="", credentials_changed_at=at)
    OneTimeLink.objects.filter(account__in=[account.pk for account in accounts], used_at=None).delete()


def forget_waiting_email(accounts: Sequence[Account]) -> None:
    """A first address that waits dies with what ends sessions, as a change does (docs/decisions/0014).

    Otherwise who found a visit open would confirm theirs after its holder had taken the account back.
    """
    active = [account for account in accounts if account.activated_at is not None]
    _rows(active).exclude(pending_email="").update(pending_email="")
    OneTimeLink.objects.filter(account__in=[account.pk for account in active], used_at=None).delete()


def _temporary(accounts: Sequence[Account], *, channel: Channel, expires_at: datetime, at: datetime) -> list[Secret]:
    secrets = [Secret(account, passwords.make_temporary(), expires_at) for account in accounts]
    rows = [
        TemporaryPassword(
            account=secret.account,
            digest=keys.digest(TEMPORARY_PURPOSE, str(secret.account.pk), secret.password),
            channel=channel,
            issued_at=at,
            expires_at=expires_at,
        )
        for secret in secrets
    ]
    TemporaryPassword.objects.bulk_create(
        rows,
        batch_size=_BULK,
        update_conflicts=True,
        unique_fields=["account"],
        update_fields=["digest", "channel", "issued_at", "expires_at"],
    )
    return secrets


def temporary_matches(temporary: TemporaryPassword, typed: str) -> bool:
    """Whether what was typed is this temporary password, expired or not. Constant time."""
    bare = passwords.temporary_as_typed(typed)
    return keys.matches(TEMPORARY_PURPOSE, temporary.digest, str(temporary.account_id), bare)


# Activating and credentials ------------------------------------------------------------------------------------------
@transaction.atomic
def activate(account: Account, *, origin: Origin, by: str, at: datetime, uai: str = "") -> Account:
    """The holder has the account in hand. Every outstanding letter secret dies. Raises `ForbiddenMove`."""
    (locked,) = _lock([account])
    locked.state = states.after(State(locked.state), Move.ACTIVATE, was_activated=False)
    locked.origin, locked.activated_at = origin, at
    locked.save(update_fields=["state", "origin", "activated_at"])
    TemporaryPassword.objects.filter(account=locked).delete()
    record(Events.ACCOUNT_ACTIVATED, by=by, on=locked.key, at=at, uai=uai, origin=origin.value)
    return locked


@transaction.atomic
def undo_activation(account: Account, *, by: str, at: datetime, uai: str = "") -> Account:
    """The account is as before anybody had it in hand: sessions end, what was given and linked is forgotten.

    Raises `ForbiddenMove` when it was never activated, or is closed.
    """
    (locked,) = _lock([account])
    locked.state = states.after(State(locked.state), Move.UNDO, was_activated=False)
    locked.origin, locked.activated_at, locked.last_signed_in_at = Origin.UNSET, None, None
    locked.password, locked.credentials_changed_at, locked.must_change_password = make_password(None), at, False
    locked.email, locked.email_confirmed_at, locked.pending_email = "", None, ""
    locked.mobile, locked.mobile_confirmed_at = "", None
    locked.save()
    past_passwords.forget([locked])
    for model in (FranceConnectLink, OneTimeLink, ChannelChange, ChannelRemoval, TemporaryPassword):
        model._default_manager.filter(account=locked).delete()
    record(Events.ACTIVATION_UNDONE, by=by, on=locked.key, at=at, uai=uai)
    return locked


@transaction.atomic
def choose_password(account: Account, *, encoded: str, by: str, at: datetime) -> Account:
    """Set the password the holder chose, already hashed (`make_password`). Other sessions end; the temporary password,
    and a first address that waits, die."""
    (locked,) = _lock([account])
    past_passwords.remember([locked], at=at)
    past_passwords.trim(locked)
    locked.password, locked.credentials_changed_at, locked.must_change_password = encoded, at, False
    locked.save(update_fields=["password", "credentials_changed_at", "must_change_password"])
    TemporaryPassword.objects.filter(account=locked).delete()
    if locked.activated_at is not None:
        forget_waiting_email([locked])
        locked.pending_email = ""
    record(Events.PASSWORD_CHOSEN, by=by, on=locked.key, at=at)
    return locked


@transaction.atomic
def give_email(account: Account, *, address: str, by: str, at: datetime) -> Account:
    """The holder typed a first address: it waits to be confirmed, and links sent to another one die.

    Nothing happens when one was confirmed meanwhile, in another tab: only a change replaces it (channel_changes.py).
    """
    (locked,) = _lock([account])
    if locked.has_confirmed_email():
        return locked
    # In lower case, as every mail server reads it: the same mailbox is never two addresses.
    locked.pending_email = folded_email(address)
    locked.save(update_fields=["pending_email"])
    OneTimeLink.objects.filter(account=locked, used_at=None).exclude(sent_to=locked.pending_email).delete()
    record(Events.EMAIL_GIVEN, by=by, on=locked.key, at=at)
    return locked


@transaction.atomic
def confirm_email(account: Account, *, address: str, by: str, at: datetime) -> Account:
    """The holder proved to receive mail at `address`."""
    (locked,) = _lock([account])
    locked.email, locked.email_confirmed_at, locked.pending_email = address, at, ""
    locked.save(update_fields=["email", "email_confirmed_at", "pending_email"])
    record(Events.EMAIL_CONFIRMED, by=by, on=locked.key, at=at)
    return locked


@transaction.atomic
def confirm_mobile(account: Account, *, mobile: str, by: str, at: datetime) -> Account:
    """The holder typed back a code sent to `mobile` (E.164). Proved once more, it counts since the first time."""
    (locked,) = _lock([account])
    if locked.mobile != mobile:
        locked.mobile, locked.mobile_confirmed_at = mobile, at
    locked.save(update_fields=["mobile", "mobile_confirmed_at"])
    record(Events.MOBILE_CONFIRMED, by=by, on=locked.key, at=at)
    return locked


@transaction.atomic
def forget_channel(account: Account, *, way: Way, by: str, at: datetime, uai: str = "") -> Account:
    """The account no longer has this address, or this mobile. Every visit ends, what waits dies, the password stays."""
    (locked,) = _lock([account])
    if way is Way.EMAIL:
        locked.email, locked.email_confirmed_at = "", None
    else:
        locked.mobile, locked.mobile_confirmed_at = "", None
    locked.credentials_changed_at = at
    locked.save(
        update_fields=["email", "email_confirmed_at", "mobile", "mobile_confirmed_at", "credentials_changed_at"]
    )
    forget_waiting_email([locked])
    record(Events.CHANNEL_FORGOTTEN, by=by, on=locked.key, at=at, uai=uai, way=way.value)
    return locked


@transaction.atomic
def link_franceconnect(account: Account, *, subject: str, by: str, at: datetime) -> None:
    """This identity (FranceConnect's `subject`) opens this account from now on, in place of the one before.

    Raises `AlreadyLinked` when the identity opens another account.
    """
    _lock([account])
    name = subject_pseudonym(subject)
    if FranceConnectLink.objects.filter(subject=name).exclude(account=account).exists():
        raise AlreadyLinked
    FranceConnectLink.objects.update_or_create(account=account, defaults={"subject": name, "linked_at": at})
    record(Events.FRANCECONNECT_LINKED, by=by, on=account.key, at=at)


@transaction.atomic
def relink_franceconnect(account: Account, *, subject: str, by: str, at: datetime) -> Account:
    """A recovery: the holder comes back under another FranceConnect identity. Every visit and token dies.

    Raises `AlreadyLinked`; `ForbiddenMove` when the account is no longer in use.
    """
    (locked,) = _lock([account])
    if locked.state != State.ACTIVE:
        raise ForbiddenMove(State(locked.state), Move.ACTIVATE)
    link_franceconnect(locked, subject=subject, by=by, at=at)
    locked.credentials_changed_at = at
    locked.save(update_fields=["credentials_changed_at"])
    return locked


@transaction.atomic
def unlink_franceconnect(account: Account, *, by: str, at: datetime) -> None:
    """FranceConnect no longer opens this account. Twice changes nothing."""
    if FranceConnectLink.objects.filter(account=account).delete()[0]:
        record(Events.FRANCECONNECT_UNLINKED, by=by, on=account.key, at=at)


class AlreadyLinked(Exception):
    """This FranceConnect identity opens another account already."""


def subject_pseudonym(subject: str) -> str:
    """What is kept of a FranceConnect subject: to find the account it opens."""
    return keys.pseudonym("accounts/franceconnect-subject", subject)


# Blocking, disabling, closing ----------------------------------------------------------------------------------------
@transaction.atomic
def block(accounts: Iterable[Account], *, reason: str, by: str, at: datetime, uai: str = "") -> int:
    """Somebody shuts these accounts, and says why. Their letter secrets die."""
    return _shut(accounts, Move.BLOCK, Events.ACCOUNT_BLOCKED, reason=reason, by=by, at=at, uai=uai)


@transaction.atomic
def unblock(accounts: Iterable[Account], *, by: str, at: datetime, uai: str = "") -> int:
    """Open again what was blocked."""
    return _shut(accounts, Move.UNBLOCK, Events.ACCOUNT_UNBLOCKED, reason="", by=by, at=at, uai=uai)


@transaction.atomic
def disable(accounts: Iterable[Account], *, by: str, at: datetime, uai: str = "") -> int:
    """No child, or no enrolment, is left in the perimeter."""
    return _shut(accounts, Move.DISABLE, Events.ACCOUNT_DISABLED, reason="", by=by, at=at, uai=uai)


@transaction.atomic
def enable(accounts: Iterable[Account], *, by: str, at: datetime, uai: str = "") -> int:
    """The person came back."""
    return _shut(accounts, Move.ENABLE, Events.ACCOUNT_ENABLED, reason="", by=by, at=at, uai=uai)


@transaction.atomic
def close(accounts: Iterable[Account], *, by: str, at: datetime, uai: str = "") -> int:
    """End of life. Nothing leads back; a FranceConnect identity is free again, for its holder to come back with."""
    accounts = list(accounts)
    closed = _shut(accounts, Move.CLOSE, Events.ACCOUNT_CLOSED, reason="", by=by, at=at, uai=uai)
    past_passwords.forget(accounts)
    FranceConnectLink.objects.filter(account__in=[account.pk for account in accounts]).delete()
    return closed


def _shut(
    accounts: Iterable[Account], move: Move, event: Events, *, reason: str, by: str, at: datetime, uai: str
) -> int:
    locked = _lock(accounts)
    by_target: dict[State, list[Account]] = {}
    for account in locked:
        target = states.after(State(account.state), move, was_activated=account.activated_at is not None)
        by_target.setdefault(target, []).append(account)
    for target, group in by_target.items():
        _rows(group).update(state=target, blocked_reason=reason, credentials_changed_at=at)
    TemporaryPassword.objects.filter(account__in=locked).delete()
    _forget_half_way([account for account in locked if account.activated_at is None], at=at)
    forget_waiting_email(locked)
    record_many(event, by=by, on=[account.key for account in locked], at=at, uai=uai)
    return len(locked)


def _rows(accounts: Iterable[Account]) -> AccountQuerySet:
    return Account.objects.filter(pk__in=[account.pk for account in accounts])


def _lock(accounts: Iterable[Account]) -> list[Account]:
    """The rows as they are now, locked, in the order given, each once."""
    wanted: Collection[int] = dict.fromkeys(account.pk for account in accounts)
    # Always in the same order: two verbs on the same people wait for each other, and never both.
    rows = Account.objects.select_for_update().order_by("pk").in_bulk(list(wanted))
    return [rows[pk] for pk in wanted if pk in rows]
