"""The codes of an authenticator, for families who want them: asked after the password, each code good once.

With the first code come eight recovery codes, shown once, for the day the phone is lost.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from preau.identity import keys
from preau.identity.accounts import passwords
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.factors import totp
from preau.identity.signin import counters, lockout
from preau.identity.signin.device import Device
from preau.identity.signin.factor_letters import Factor, tell_added, tell_removed
from preau.identity.signin.lockout import Door, Verdict
from preau.identity.signin.models import Authenticator, RecoveryCode

RECOVERY_CODES = 8
# A seed shown and never confirmed is forgotten: the page left open yesterday does not enrol today.
WAITS = timedelta(hours=1)
_SEED, _RECOVERY = "signin/totp-seed", "signin/recovery-code"


class AuthenticatorError(Exception):
    """Refused; `sentence` says what to do."""

    sentence: Any = ""


class WrongCode(AuthenticatorError):
    """Not the code of now, or one that has already served."""

    sentence = _("Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant dans l’application et recopiez-le.")


class AlreadyOn(AuthenticatorError):
    """An authenticator counts already."""

    sentence = _("Une application donne déjà les codes de ce compte. Retirez-la d’abord pour en changer.")


class NothingBegun(AuthenticatorError):
    """No seed was shown, or too long ago."""

    sentence = _("Cette page est restée ouverte trop longtemps : recommencez avec le nouveau carré.")


@dataclass(frozen=True)
class CodeProof:
    """What a code comes to."""

    is_right: bool
    tries_left: int = 0
    until_at: datetime | None = None  # this device waits until then


def is_on(account: Account) -> bool:
    """A code is asked after the password."""
    kept: Authenticator | None = getattr(account, "authenticator", None)
    return kept is not None and kept.confirmed_at is not None


@transaction.atomic
def begin(account: Account, *, at: datetime) -> totp.Seed:
    """A seed to scan: the one already waiting, else a new one. Raises `AlreadyOn`."""
    held = Account.objects.select_for_update().get(pk=account.pk)
    kept = Authenticator.objects.filter(account=account).first()
    if kept is not None and kept.confirmed_at is not None:
        raise AlreadyOn
    if kept is not None and _still_waits(kept, held, at=at):
        return totp.shown(totp.unseal(_SEED, kept), name=account.username)
    base32 = totp.new_seed()
    facts = {"sealed_seed": totp.seal(_SEED, base32), "enrolled_at": at, "last_step": 0}
    Authenticator.objects.update_or_create(account=account, defaults=facts)
    return totp.shown(base32, name=account.username)


@transaction.atomic
def finish(account: Account, *, code: str, by: str, at: datetime) -> list[str]:
    """A first good code: codes are asked from now on. Returns the recovery codes, in clear this once.

    Raises `AuthenticatorError`.
    """
    held = Account.objects.select_for_update().get(pk=account.pk)
    kept = Authenticator.objects.select_for_update().filter(account=account).first()
    if kept is not None and kept.confirmed_at is not None:
        raise AlreadyOn
    if kept is None or not _still_waits(kept, held, at=at):
        raise NothingBegun
    step = totp.step_of(totp.unseal(_SEED, kept), code, after=kept.last_step, at=at)
    if step is None:
        raise WrongCode
    kept.confirmed_at, kept.last_step = at, step
    kept.save(update_fields=["confirmed_at", "last_step"])
    record(Events.AUTHENTICATOR_ADDED, by=by, on=account.key, at=at)
    tell_added(account, Factor.AUTHENTICATOR, at=at)
    return _make_recovery_codes(account, at=at)


def _still_waits(kept: Authenticator, account: Account, *, at: datetime) -> bool:
    """Shown less than an hour ago, and since the password was last replaced: a thief put out does not know it."""
    return at - kept.enrolled_at < WAITS and kept.enrolled_at >= account.credentials_changed_at


@transaction.atomic
def renew_recovery_codes(account: Account, *, by: str, at: datetime) -> list[str]:
    """Eight new recovery codes, in clear this once; those before are dead. Raises `NothingBegun`."""
    kept = Authenticator.objects.select_for_update().filter(account=account, confirmed_at__isnull=False).first()
    if kept is None:
        raise NothingBegun
    record(Events.RECOVERY_CODES_MADE, by=by, on=account.key, at=at)
    return _make_recovery_codes(account, at=at)


@transaction.atomic
def remove(account: Account, *, by: str, at: datetime) -> bool:
    """No code is asked any more; the recovery codes die too, and the holder is told. False when none was asked."""
    RecoveryCode.objects.filter(account=account).delete()
    was_on = Authenticator.objects.filter(account=account, confirmed_at__isnull=False).exists()
    Authenticator.objects.filter(account=account).delete()
    if was_on:
        record(Events.AUTHENTICATOR_REMOVED, by=by, on=account.key, at=at)
        tell_removed(account, Factor.AUTHENTICATOR, at=at)
    return was_on


def recovery_codes_left(account: Account) -> int:
    """How many recovery codes are still good."""
    return RecoveryCode.objects.filter(account=account, used_at=None).count()


def prove(account: Account, *, typed: str, device: Device, network: str, at: datetime) -> CodeProof:
    """Judge a code of the authenticator or a recovery code: the counters are those of the password."""
    own = counters.key(Door.PASSWORD, "device", device.number or f"network {network}")
    theirs = counters.key(Door.PASSWORD, "record", account.username)
    limits = lockout.DEVICE[Door.PASSWORD], lockout.RECORD[Door.PASSWORD]
    counted = counters.add({own: limits[0].window, theirs: limits[1].window}, at=at)
    tries = lockout.Tries(device=counted[own], record=counted[theirs], is_familiar=device.is_familiar(account))
    if lockout.verdict(Door.PASSWORD, tries) is not Verdict.LOOK:
        return CodeProof(is_right=False, until_at=counters.read(own, at=at)[own].until_at)
    if not _judge(account, typed, at=at):
        with transaction.atomic():
            record(Events.CODE_REFUSED, by="system:signin", on=account.key, at=at)
        return CodeProof(is_right=False, tries_left=lockout.left(Door.PASSWORD, tries))
    counters.take_back(own, theirs)
    return CodeProof(is_right=True)


@transaction.atomic
def _judge(account: Account, typed: str, *, at: datetime) -> bool:
    kept = Authenticator.objects.select_for_update().filter(account=account, confirmed_at__isnull=False).first()
    if kept is None:
        return False
    step = totp.step_of(totp.unseal(_SEED, kept), typed, after=kept.last_step, at=at)
    if step is not None:
        kept.last_step = step
        kept.save(update_fields=["last_step"])
        return True
    digests = keys.candidates(_RECOVERY, str(account.pk), passwords.temporary_as_typed(typed))
    used = RecoveryCode.objects.filter(account=account, digest__in=digests, used_at=None).update(used_at=at)
    if used:
        record(Events.RECOVERY_CODE_USED, by=account.key, on=account.key, at=at)
    return bool(used)


def _make_recovery_codes(account: Account, *, at: datetime) -> list[str]:
    """design.md §6.1: 58.9 bits each, kept as keyed digests, good once."""
    codes = [passwords.make_temporary() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(account=account).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account=account, digest=keys.digest(_RECOVERY, str(account.pk), code), made_at=at)
        for code in codes
    )
    return codes
