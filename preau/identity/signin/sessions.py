"""Sessions of families: opened at sign-in, judged at each use, ended by the person, by time or by what was decided.

Nobody below has to end a session: an account blocked, reset or merged is enough (design.md §3).
"""

import secrets
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, DateTimeField
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token

from preau.identity import keys
from preau.identity.accounts.models import Account
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.record import line, record
from preau.identity.compiled import Change, Given, Insertion, Reading, Write, together
from preau.identity.signin import device, new_device
from preau.identity.signin.models import Session

COOKIE = f"{settings.COOKIE_PREFIX}session"
# specs/educonnect.md §12: a shared computer is the ordinary case.
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=8)
_SEEN_EVERY = timedelta(minutes=1)
_PURPOSE = "signin/session"
_UNREAD = object()

_VISIT = Reading(lambda: Session.objects.select_related("account").filter(digest=Given("digest")))
_NEW = Insertion(Session)
_SIGNED_IN = Change(
    lambda: Account.objects.filter(pk=Given("pk", BigIntegerField())), last_signed_in_at=Given("at", DateTimeField())
)


def open(
    request: HttpRequest,
    response: HttpResponse,
    account: Account,
    *,
    at: datetime,
    amr: str = "pwd",
    going_to: str = "",
    also: Sequence[Write] = (),
) -> Session:
    """Begin a visit of the account's holder in this browser. The visit before, if any, ends; the cookie is new.

    `also`: what else is written by the same exchange.
    """
    key = secrets.token_urlsafe(32)
    session = Session(
        digest=keys.digest(_PURPOSE, key),
        account=account,
        sid=secrets.token_urlsafe(24),
        started_at=at,
        seen_at=at,
        authenticated_at=at,
        amr=amr,
        device=device.kind(request),
        going_to=going_to,
    )
    signed_in = line(Events.SIGNED_IN, by=account.key, on=account.key, at=at, device=session.device, amr=amr)
    before, is_told = current(request), new_device.is_to_tell(request, account)
    # Most of the time these three are all there is to write, and one exchange writes them.
    with transaction.atomic() if before or is_told else nullcontext():
        if before is not None:
            _end(before, at=at)
        together(_NEW.write(session), _SIGNED_IN.write(pk=account.pk, at=at), signed_in, *also)
        if is_told:
            new_device.tell(request, account, at=at)
    _give(response, key)
    device.remember(request, response, account)
    # A form left open by somebody else in another tab of this browser is refused.
    rotate_token(request)
    _remember(request, session)
    return session


def current(request: HttpRequest) -> Session | None:
    """The visit behind a request, or None: read once, judged now."""
    if getattr(request, "_visit", _UNREAD) is _UNREAD:
        _remember(request, _read(request))
    visit: Session | None = request._visit  # type: ignore[attr-defined]
    return visit


def is_alive(session: Session, *, at: datetime) -> bool:
    """Neither ended, nor idle, nor too long, and nothing happened to the account since the holder proved themselves."""
    return stands(session) and at - session.seen_at < IDLE and at - session.started_at < LONGEST


def stands(session: Session) -> bool:
    """Nobody ended it, and nothing happened to the account since: what a service may do later hangs on this."""
    account = session.account
    return (
        session.ended_at is None
        and account.state == State.ACTIVE
        and session.authenticated_at >= account.credentials_changed_at
    )


def keep(session: Session, *, until: datetime) -> None:
    """A service may act for the holder until then: the visit, over for the browser, is not forgotten before."""
    if session.needed_until_at is None or session.needed_until_at < until:
        session.needed_until_at = until
        session.save(update_fields=["needed_until_at"])


def renew(session: Session, *, at: datetime, amr: str = "") -> None:
    """The holder has just proved themselves again (by `amr`, or with a new password): this visit survives what ends
    the others. Its key changes, because what it opens has changed; the middleware gives the browser the new one.

    `session.account` is the account as that left it: the browser is known by it (signin/device.py).
    """
    key = secrets.token_urlsafe(32)
    session.authenticated_at, session.digest = at, keys.digest(_PURPOSE, key)
    session.amr = " ".join(dict.fromkeys([*session.amr.split(), *amr.split()]))
    session.save(update_fields=["authenticated_at", "digest", "amr"])
    session.new_key = key


def hand_over(request: HttpRequest, response: HttpResponse) -> None:
    """Give the browser the key of a visit that was renewed, and know it still. A page that failed renewed nothing."""
    visit = getattr(request, "_visit", None)
    if isinstance(visit, Session) and visit.new_key and response.status_code < 500:
        _give(response, visit.new_key)
        device.remember(request, response, visit.account)


def alive(account: Account, *, at: datetime) -> list[Session]:
    """The visits of an account that are open, newest first."""
    candidates = Session.objects.filter(account=account, ended_at=None, seen_at__gt=at - IDLE)
    found = candidates.select_related("account").order_by("-seen_at", "-pk")
    return [session for session in found if is_alive(session, at=at)]


def others(session: Session, *, at: datetime) -> list[Session]:
    """The visits of the same account that are open in other browsers, newest first."""
    return [one for one in alive(session.account, at=at) if one.pk != session.pk]


@transaction.atomic
def end_others(session: Session, *, by: str, at: datetime) -> int:
    """Sign out everywhere else, of services that may act later too. Returns how many visits ended."""
    ended = [one for one in others(session, at=at) if _end_elsewhere(one, at=at)]
    _end_what_is_kept(session.account, but=session, at=at)
    if ended:
        record(Events.SIGNED_OUT_ELSEWHERE, by=by, on=session.account.key, at=at, visits=len(ended))
    return len(ended)


@transaction.atomic
def end_one(session: Session, *, sid: str, by: str, at: datetime) -> bool:
    """Sign out in the other browser whose visit is named `sid`. False when this account has no such visit open."""
    ended = any(one.sid == sid and _end_elsewhere(one, at=at) for one in others(session, at=at))
    if ended:
        record(Events.SIGNED_OUT_ELSEWHERE, by=by, on=session.account.key, at=at, visits=1)
    return ended


@transaction.atomic
def end_all(account: Account, *, by: str, at: datetime) -> int:
    """Sign out of every browser, this one too, and of services that may act later. Returns how many visits ended."""
    ended = [one for one in alive(account, at=at) if _end_elsewhere(one, at=at)]
    _end_what_is_kept(account, at=at)
    if ended:
        record(Events.SIGNED_OUT_ELSEWHERE, by=by, on=account.key, at=at, visits=len(ended))
    return len(ended)


@transaction.atomic
def end_named(sid: str, *, by: str, at: datetime) -> bool:
    """Sign out of the visit that a service names, without its browser. False when no such visit is open."""
    session = Session.objects.select_related("account").filter(sid=sid, ended_at=None).first()
    if session is None or not _end_elsewhere(session, at=at):
        return False
    record(Events.SIGNED_OUT, by=by, on=session.account.key, at=at)
    return True


def end(request: HttpRequest, response: HttpResponse, *, at: datetime) -> None:
    """Sign out: the visit is over, here and for the services that ask."""
    session = current(request)
    if session is not None:
        with transaction.atomic():
            _end(session, at=at)
            record(Events.SIGNED_OUT, by=session.account.key, on=session.account.key, at=at)
    response.delete_cookie(COOKIE, samesite="Lax")
    rotate_token(request)
    _remember(request, None)


def _read(request: HttpRequest) -> Session | None:
    key = request.COOKIES.get(COOKIE, "")
    if not key:
        return None
    at: datetime = request.at  # type: ignore[attr-defined]
    digests = keys.candidates(_PURPOSE, key)
    session = next((found for digest in digests if (found := _VISIT.first(digest=digest))), None)
    if session is None or not is_alive(session, at=at):
        return None
    if at - session.seen_at >= _SEEN_EVERY:
        Session.objects.filter(pk=session.pk, seen_at__lt=at).update(seen_at=at)
        session.seen_at = at
    return session


def _end(session: Session, *, at: datetime) -> None:
    session.ended_at = at
    session.save(update_fields=["ended_at"])


def _end_elsewhere(session: Session, *, at: datetime) -> bool:
    """Whether it was this call that ended it: two clicks end it once."""
    return bool(Session.objects.filter(pk=session.pk, ended_at=None).update(ended_at=at))


def _end_what_is_kept(account: Account, *, but: Session | None = None, at: datetime) -> None:
    kept = Session.objects.filter(account=account, ended_at=None, needed_until_at__gt=at)
    (kept.exclude(pk=but.pk) if but else kept).update(ended_at=at)


def _give(response: HttpResponse, key: str) -> None:
    # No max_age: the browser forgets it when it closes.
    response.set_cookie(COOKIE, key, secure=settings.HTTPS, httponly=True, samesite="Lax")


def _remember(request: HttpRequest, session: Session | None) -> None:
    request._visit = session  # type: ignore[attr-defined]
