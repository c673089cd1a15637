"""Our own second factor: an authenticator (RFC 6238) or a passkey (staff/passkeys.py).

The first is enrolled behind a fresh factor of the portal, others behind one we have just seen: a stolen password, or a
visit left open, enrols nothing.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.factors import totp
from preau.identity.factors.totp import Seed
from preau.identity.messaging import outbox
from preau.identity.staff import factors
from preau.identity.staff.models import StaffMember, StaffPasskey, StaffSession, Totp

_PURPOSE = "staff/totp-seed"
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
        "Pour enregistrer un second facteur, entrez d’abord par le portail avec votre clé de sécurité "
        "ou votre code à usage unique."
    )


class OwnFactorNeeded(FactorError):
    """Somebody who has a factor of ours shows it before adding another, or removing one."""

    sentence = "Montrez d’abord le second facteur que vous avez déjà."


class AlreadyEnrolled(FactorError):
    """An authenticator is enrolled: the operator removes it if the phone is lost."""

    sentence = "Un téléphone est déjà enregistré. S’il est perdu, demandez à l’assistance académique de le retirer."


def may_add(visit: StaffSession, *, at: datetime) -> bool:
    """A first factor: the portal's is fresh. Another one: ours was proved under ten minutes ago."""
    if has_enrolled(visit.member):
        return factors.is_recent(visit.own_factor_at, at=at)
    return bool(visit.portal_factor) and factors.is_fresh(visit.portal_factor_at, at=at)


def must_be_allowed(visit: StaffSession, *, at: datetime) -> None:
    """Raises `PortalFactorNeeded` or `OwnFactorNeeded` unless this visit may add a factor."""
    if not may_add(visit, at=at):
        raise OwnFactorNeeded if has_enrolled(visit.member) else PortalFactorNeeded


def has_enrolled(member: StaffMember) -> bool:
    """The person has a second factor of ours."""
    return has_authenticator(member) or has_passkey(member)


def has_authenticator(member: StaffMember) -> bool:
    """The person has an authenticator, confirmed by a first good code."""
    return Totp.objects.filter(member=member, confirmed_at__isnull=False).exists()


def has_passkey(member: StaffMember) -> bool:
    """The person has a passkey."""
    return StaffPasskey.objects.filter(member=member).exists()


def held_by(member: StaffMember) -> dict[str, bool]:
    """What the page that asks a factor may ask."""
    return {"has_authenticator": has_authenticator(member), "has_passkey": has_passkey(member)}


@transaction.atomic
def begin_enrolment(visit: StaffSession, *, at: datetime) -> Seed:
    """A seed to scan: the one already waiting, else a new one. Raises `FactorError`."""
    _must_be_without_phone(visit, at=at)
    waiting = Totp.objects.select_for_update().filter(member=visit.member, confirmed_at=None).first()
    if waiting is not None and at - waiting.enrolled_at < factors.PORTAL_HOLDS:
        return totp.shown(_open(waiting), name=visit.member.name)
    base32 = totp.new_seed()
    Totp.objects.update_or_create(member=visit.member, defaults={"sealed_seed": _seal(base32), "enrolled_at": at})
    return totp.shown(base32, name=visit.member.name)


@transaction.atomic
def finish_enrolment(visit: StaffSession, *, code: str, at: datetime) -> None:
    """A first good code: the authenticator counts from now on, and its holder is told. Raises `FactorError`."""
    _must_be_without_phone(visit, at=at)
    phone = Totp.objects.select_for_update().filter(member=visit.member, confirmed_at=None).first()
    if phone is None:
        raise NotEnrolled
    step = totp.step_of(_open(phone), code, after=phone.last_step, at=at)
    if step is None:
        raise WrongCode
    phone.confirmed_at, phone.last_step = at, step
    phone.save(update_fields=["confirmed_at", "last_step"])
    enrolled(visit, kind="totp", at=at)


def prove(visit: StaffSession, *, code: str, at: datetime) -> None:
    """A good code: our own factor is proved at `at`. Raises `FactorError`; a wrong code counts all the same."""
    with transaction.atomic():
        refused = _prove(visit, code=code, at=at)
    if refused is not None:
        raise refused


def _prove(visit: StaffSession, *, code: str, at: datetime) -> FactorError | None:
    phone = Totp.objects.select_for_update().filter(member=visit.member, confirmed_at__isnull=False).first()
    if phone is None:
        return NotEnrolled()
    if phone.failed_at is not None and phone.failures >= TRIES:
        if at - phone.failed_at < PAUSE:
            return Paused()
        phone.failures = 0
    step = totp.step_of(_open(phone), code, after=phone.last_step, at=at)
    if step is None:
        phone.failures, phone.failed_at = phone.failures + 1, at
        phone.save(update_fields=["failures", "failed_at"])
        refused(visit, kind="totp", at=at)
        return Paused() if phone.failures >= TRIES else WrongCode()
    phone.last_step, phone.failures = step, 0
    phone.save(update_fields=["last_step", "failures"])
    proved(visit, kind="totp", at=at)
    return None


def enrolled(visit: StaffSession, *, kind: str, at: datetime) -> None:
    """A factor was just enrolled, hence proved: the visit remembers, the journal and the holder are told."""
    _remember(visit, at=at)
    record(Events.FACTOR_ENROLLED, by=visit.member.key, on=visit.member.key, at=at, uai=_uai(visit), kind=kind)
    outbox.post("staff/factor_enrolled", on=visit.member.key, at=at)


def proved(visit: StaffSession, *, kind: str, at: datetime) -> None:
    """Our own factor is proved in this visit at `at`."""
    _remember(visit, at=at)
    record(Events.FACTOR_PROVED, by=visit.member.key, on=visit.member.key, at=at, uai=_uai(visit), kind=kind)


def refused(visit: StaffSession, *, kind: str, at: datetime) -> None:
    """A factor was shown and is not the right one: the journal is told."""
    record(Events.FACTOR_REFUSED, by=visit.member.key, on=visit.member.key, at=at, uai=_uai(visit), kind=kind)


@transaction.atomic
def remove(member: StaffMember, *, by: str, at: datetime) -> bool:
    """All is lost: forget the authenticator and the passkeys (operator). The person is told. Returns whether there was
    one."""
    gone = [model.objects.filter(member=member).delete()[0] for model in (Totp, StaffPasskey)]
    if any(gone):
        record(Events.FACTOR_REMOVED, by=by, on=member.key, at=at)
        outbox.post("staff/factor_removed", on=member.key, at=at)
    return any(gone)


@transaction.atomic
def plant(member: StaffMember, *, base32: str, by: str, at: datetime) -> None:
    """Development only: an authenticator of a known seed, already confirmed (the demo's people have no phone)."""
    assert settings.DEVELOPMENT, "a known seed is a development convenience"
    Totp.objects.update_or_create(
        member=member, defaults={"sealed_seed": _seal(base32), "enrolled_at": at, "confirmed_at": at, "last_step": 0}
    )
    record(Events.FACTOR_ENROLLED, by=by, on=member.key, at=at)


def _must_be_without_phone(visit: StaffSession, *, at: datetime) -> None:
    if has_authenticator(visit.member):
        raise AlreadyEnrolled
    must_be_allowed(visit, at=at)


def _remember(visit: StaffSession, *, at: datetime) -> None:
    visit.own_factor_at = at
    visit.save(update_fields=["own_factor_at"])


def _seal(base32: str) -> bytes:
    return totp.seal(_PURPOSE, base32)


def _open(phone: Totp) -> str:
    return totp.unseal(_PURPOSE, phone)


def _uai(visit: StaffSession) -> str:
    return (visit.grant.school_id or "") if visit.grant else ""
