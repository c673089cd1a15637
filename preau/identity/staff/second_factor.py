"""Our own second factor: an authenticator (RFC 6238), enrolled behind a fresh factor of the portal."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from django.conf import settings
from django.db import transaction

from preau.identity import keys
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.messaging import outbox
from preau.identity.staff import factors
from preau.identity.staff.models import StaffMember, StaffSession, Totp

_PURPOSE = "staff/totp-seed"
STEP = 30
# RFC 6238 §5.2: one step on each side, for a clock that is a little off.
AROUND = 1
TRIES = 5
PAUSE = timedelta(minutes=15)


class FactorError(Exception):
    """The code or the enrolment is refused; `sentence` says what to do."""

    sentence = ""


class WrongCode(FactorError):
    """Not the code of now, or one that has already served."""

    sentence = "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant sur votre téléphone et recopiez-le."


class Paused(FactorError):
    """Five wrong codes in a row."""

    sentence = "Cinq codes faux de suite : attendez un quart d’heure avant de réessayer."


class NotEnrolled(FactorError):
    """This person has no authenticator yet."""

    sentence = "Vous n’avez pas encore enregistré de second facteur."


class PortalFactorNeeded(FactorError):
    """Enrolling needs a real factor of the portal, proved under an hour ago: a stolen password must not enrol."""

    sentence = (
        "Pour enregistrer votre téléphone, entrez d’abord par le portail avec votre clé de sécurité "
        "ou votre code à usage unique."
    )


class AlreadyEnrolled(FactorError):
    """An authenticator is enrolled: the operator removes it if the phone is lost."""

    sentence = "Un téléphone est déjà enregistré. S’il est perdu, demandez à l’assistance académique de le retirer."


@dataclass(frozen=True)
class Seed:
    """A seed to be scanned or typed, in the one page that shows it."""

    base32: str
    uri: str

    @property
    def halves(self) -> tuple[str, str]:
        """The key in two lines: one would not stand on a phone."""
        middle = len(self.base32) // 2
        return self.base32[:middle], self.base32[middle:]


def may_enrol(visit: StaffSession, *, at: datetime) -> bool:
    """The portal's real factor is fresh, and no authenticator is enrolled yet."""
    fresh = bool(visit.portal_factor) and factors.is_fresh(visit.portal_factor_at, at=at)
    return fresh and not has_enrolled(visit.member)


def has_enrolled(member: StaffMember) -> bool:
    """The person has an authenticator, confirmed by a first good code."""
    totp = getattr(member, "totp", None)
    return totp is not None and totp.confirmed_at is not None


@transaction.atomic
def begin_enrolment(visit: StaffSession, *, at: datetime) -> Seed:
    """A seed to scan: the one already waiting, else a new one. Raises `PortalFactorNeeded` or `AlreadyEnrolled`."""
    _must_be_allowed(visit, at=at)
    waiting = Totp.objects.select_for_update().filter(member=visit.member, confirmed_at=None).first()
    if waiting is not None and at - waiting.enrolled_at < factors.PORTAL_HOLDS:
        return _seed(visit.member, _open(waiting))
    base32 = pyotp.random_base32()
    Totp.objects.update_or_create(member=visit.member, defaults={"sealed_seed": _seal(base32), "enrolled_at": at})
    return _seed(visit.member, base32)


@transaction.atomic
def finish_enrolment(visit: StaffSession, *, code: str, at: datetime) -> None:
    """A first good code: the authenticator counts from now on, and its holder is told. Raises `FactorError`."""
    _must_be_allowed(visit, at=at)
    totp = Totp.objects.select_for_update().filter(member=visit.member, confirmed_at=None).first()
    if totp is None:
        raise NotEnrolled
    step = _step_of(totp, code, at=at)
    if step is None:
        raise WrongCode
    totp.confirmed_at, totp.last_step = at, step
    totp.save(update_fields=["confirmed_at", "last_step"])
    _proved(visit, at=at)
    record(Events.FACTOR_ENROLLED, by=visit.member.key, on=visit.member.key, at=at, uai=_uai(visit))
    outbox.post("staff/factor_enrolled", on=visit.member.key, at=at)


def prove(visit: StaffSession, *, code: str, at: datetime) -> None:
    """A good code: our own factor is proved at `at`. Raises `FactorError`; a wrong code counts all the same."""
    with transaction.atomic():
        refused = _prove(visit, code=code, at=at)
    if refused is not None:
        raise refused


def _prove(visit: StaffSession, *, code: str, at: datetime) -> FactorError | None:
    totp = Totp.objects.select_for_update().filter(member=visit.member, confirmed_at__isnull=False).first()
    if totp is None:
        return NotEnrolled()
    if totp.failed_at is not None and totp.failures >= TRIES:
        if at - totp.failed_at < PAUSE:
            return Paused()
        totp.failures = 0
    step = _step_of(totp, code, at=at)
    if step is None:
        totp.failures, totp.failed_at = totp.failures + 1, at
        totp.save(update_fields=["failures", "failed_at"])
        record(Events.FACTOR_REFUSED, by=visit.member.key, on=visit.member.key, at=at, uai=_uai(visit))
        return Paused() if totp.failures >= TRIES else WrongCode()
    totp.last_step, totp.failures = step, 0
    totp.save(update_fields=["last_step", "failures"])
    _proved(visit, at=at)
    record(Events.FACTOR_PROVED, by=visit.member.key, on=visit.member.key, at=at, uai=_uai(visit))
    return None


@transaction.atomic
def remove(member: StaffMember, *, by: str, at: datetime) -> bool:
    """The phone is lost: forget the authenticator (operator). The person is told. Returns whether there was one."""
    gone, _ = Totp.objects.filter(member=member).delete()
    if gone:
        record(Events.FACTOR_REMOVED, by=by, on=member.key, at=at)
        outbox.post("staff/factor_removed", on=member.key, at=at)
    return bool(gone)


@transaction.atomic
def plant(member: StaffMember, *, base32: str, by: str, at: datetime) -> None:
    """Development only: an authenticator of a known seed, already confirmed (the demo's people have no phone)."""
    assert settings.DEVELOPMENT, "a known seed is a development convenience"
    Totp.objects.update_or_create(
        member=member, defaults={"sealed_seed": _seal(base32), "enrolled_at": at, "confirmed_at": at, "last_step": 0}
    )
    record(Events.FACTOR_ENROLLED, by=by, on=member.key, at=at)


def _must_be_allowed(visit: StaffSession, *, at: datetime) -> None:
    if Totp.objects.filter(member=visit.member, confirmed_at__isnull=False).exists():
        raise AlreadyEnrolled
    if not may_enrol(visit, at=at):
        raise PortalFactorNeeded


def _step_of(totp: Totp, code: str, *, at: datetime) -> int | None:
    """The step whose code this is, among now and its neighbours; None when wrong, or not later than the last used."""
    typed = "".join(code.split())
    now, otp, found = int(at.timestamp()) // STEP, pyotp.TOTP(_open(totp), interval=STEP), None
    for step in range(now - AROUND, now + AROUND + 1):
        if hmac.compare_digest(otp.generate_otp(step).encode(), typed.encode()) and step > totp.last_step:
            found = step
    return found


def _proved(visit: StaffSession, *, at: datetime) -> None:
    visit.own_factor_at = at
    visit.save(update_fields=["own_factor_at"])


def _seed(member: StaffMember, base32: str) -> Seed:
    return Seed(base32, pyotp.TOTP(base32, interval=STEP).provisioning_uri(name=member.name, issuer_name="Préau"))


def _seal(base32: str) -> bytes:
    return keys.encrypt(_PURPOSE, base32.encode())


def _open(totp: Totp) -> str:
    return keys.decrypt(_PURPOSE, bytes(totp.sealed_seed)).decode()


def _uai(visit: StaffSession) -> str:
    return (visit.grant.school_id or "") if visit.grant else ""
