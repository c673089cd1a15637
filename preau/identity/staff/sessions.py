"""Visits of staff to the desk: opened on the way back from the portal, judged at each use."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token

from preau import clock
from preau.identity import keys
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.staff.models import Grant, StaffMember, StaffSession

COOKIE = f"{settings.COOKIE_PREFIX}staff"
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=8)
_SEEN_EVERY = timedelta(minutes=1)
_PURPOSE = "staff/session"
_UNREAD = object()


@dataclass(frozen=True)
class Proof:
    """What the portal proved on the way in: its real second factor (or nothing), when, and the hint for signing out."""

    factor: str = ""
    factor_at: datetime | None = None
    id_token: str = ""


@transaction.atomic
def open(
    request: HttpRequest, response: HttpResponse, member: StaffMember, *, proof: Proof, at: datetime
) -> StaffSession:
    """Begin a visit of `member` in this browser, with a new key; the visit before, if any, ends."""
    before = current(request)
    if before is not None:
        _end(before, at=at)
    key = secrets.token_urlsafe(32)
    reach = list(member.grants.in_force(clock.today(at)).select_related("school", "academy")[:2])
    session = StaffSession.objects.create(
        digest=keys.digest(_PURPOSE, key),
        member=member,
        grant=reach[0] if len(reach) == 1 else None,
        started_at=at,
        seen_at=at,
        portal_factor=proof.factor,
        portal_factor_at=proof.factor_at,
        id_token=proof.id_token,
    )
    record(Events.STAFF_ENTERED, by=member.key, on=member.key, at=at, uai=_uai(session), factor=proof.factor)
    response.set_cookie(COOKIE, key, secure=settings.HTTPS, httponly=True, samesite="Lax")
    rotate_token(request)
    _remember(request, session)
    return session


def current(request: HttpRequest) -> StaffSession | None:
    """The visit behind a request, or None: read once, judged now. Its grant may be over: see `grant_of`."""
    if getattr(request, "_staff_visit", _UNREAD) is _UNREAD:
        _remember(request, _read(request))
    visit: StaffSession | None = request._staff_visit  # type: ignore[attr-defined]
    return visit


def is_alive(session: StaffSession, *, at: datetime) -> bool:
    """Neither ended, nor idle, nor too long."""
    return session.ended_at is None and at - session.seen_at < IDLE and at - session.started_at < LONGEST


def grant_of(session: StaffSession, *, at: datetime) -> Grant | None:
    """The grant this visit uses, if it is still in force: a revocation or an end date acts at once."""
    grant = session.grant
    return grant if grant is not None and grant.is_in_force_on(clock.today(at)) else None


@transaction.atomic
def use(session: StaffSession, grant: Grant) -> None:
    """Go on with this grant, among those of the member (the caller found it there)."""
    session.grant = grant
    session.save(update_fields=["grant"])


def end(request: HttpRequest, response: HttpResponse, *, at: datetime) -> StaffSession | None:
    """Leave the desk. Returns the visit that ended, whose hint signs out of the portal."""
    session = current(request)
    if session is not None:
        with transaction.atomic():
            _end(session, at=at)
            record(Events.STAFF_LEFT, by=session.member.key, on=session.member.key, at=at, uai=_uai(session))
    response.delete_cookie(COOKIE, samesite="Lax")
    rotate_token(request)
    _remember(request, None)
    return session


@transaction.atomic
def end_all(member: StaffMember, *, at: datetime) -> int:
    """End every visit of a member: suspended, or gone. Returns how many."""
    return StaffSession.objects.filter(member=member, ended_at=None).update(ended_at=at)


def _read(request: HttpRequest) -> StaffSession | None:
    key = request.COOKIES.get(COOKIE, "")
    if not key:
        return None
    at: datetime = request.at  # type: ignore[attr-defined]
    rows = StaffSession.objects.select_related("member", "grant__school", "grant__academy")
    found = list(rows.filter(digest__in=keys.candidates(_PURPOSE, key))[:1])
    if not found or not is_alive(found[0], at=at):
        return None
    session = found[0]
    if session.grant is not None:
        session.grant.member = session.member
    if at - session.seen_at >= _SEEN_EVERY:
        StaffSession.objects.filter(pk=session.pk, seen_at__lt=at).update(seen_at=at)
        session.seen_at = at
    return session


def _end(session: StaffSession, *, at: datetime) -> None:
    session.ended_at = at
    session.save(update_fields=["ended_at"])


def _uai(session: StaffSession) -> str:
    return (session.grant.school_id or "") if session.grant else ""


def _remember(request: HttpRequest, session: StaffSession | None) -> None:
    request._staff_visit = session  # type: ignore[attr-defined]
