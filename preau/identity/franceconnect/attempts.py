"""Leaving for FranceConnect and coming back: an attempt is bound to its browser, and serves once."""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from preau.identity import keys
from preau.identity.franceconnect import client, faults
from preau.identity.franceconnect import identity as identities
from preau.identity.franceconnect.identity import Identity
from preau.identity.franceconnect.models import Attempt

# As long as FranceConnect keeps its own session.
LIVES = timedelta(minutes=30)
COOKIE = f"{settings.COOKIE_PREFIX}franceconnect"
RETURN_PAGE = "signin:franceconnect_return"
_STATE, _BROWSER = "franceconnect/state", "franceconnect/browser"
_JUST_NOW = timedelta(seconds=30)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Returned:
    """Somebody came back: why they had left, who they are, and what FranceConnect vouches for.

    `id_token` is what signing out of FranceConnect will need. `about` is what `start` was given.
    """

    purpose: str
    identity: Identity
    going_to: str
    id_token: str
    acr: str
    auth_time: datetime | None
    about: str = ""


def start(request: HttpRequest, *, purpose: str, going_to: str, prompt: str = "", about: str = "") -> HttpResponse:
    """The answer that sends this browser to FranceConnect. Raises `Fault` when nobody answers there.

    `going_to` and `about` come back with the person. `prompt="login"`: they must prove who they are anew.
    """
    at: datetime = request.at  # type: ignore[attr-defined]
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)  # 43 characters each
    browser = request.COOKIES.get(COOKIE, "") or secrets.token_urlsafe(32)
    response = redirect(client.way_there(state=state, nonce=nonce, return_url=_return_url(), prompt=prompt))
    Attempt.objects.create(
        state=keys.digest(_STATE, state), nonce=keys.digest(client.NONCE, nonce),
        browser=keys.digest(_BROWSER, browser),
        purpose=purpose, going_to=going_to, about=about, is_fresh=prompt == "login", made_at=at, expires_at=at + LIVES,
    )  # fmt: skip
    # One key for all the tabs of a browser: two attempts side by side both come back.
    response.set_cookie(COOKIE, browser, max_age=LIVES, secure=settings.HTTPS, httponly=True, samesite="Lax")
    return response


def finish(request: HttpRequest, *, at: datetime) -> Returned:
    """Who FranceConnect brings back to this browser. Raises `Fault`, which knows the attempt when there was one."""
    attempt = _take(request, at=at)
    try:
        told = _told(request, attempt, at=at)
        return Returned(
            purpose=attempt.purpose,
            identity=identities.read(told.claims),
            going_to=attempt.going_to,
            id_token=told.id_token,
            acr=told.acr,
            auth_time=told.auth_time,
            about=attempt.about,
        )
    except faults.Fault as fault:
        fault.purpose, fault.going_to = attempt.purpose, attempt.going_to
        level = logging.ERROR if fault.is_ours else logging.INFO
        _log.log(level, "FranceConnect: %s %r", type(fault).__name__, str(fault))
        raise


def _take(request: HttpRequest, *, at: datetime) -> Attempt:
    """The attempt this browser comes back with, used up by this very call. Raises `AttemptLost`."""
    state, browser = request.GET.get("state", ""), request.COOKIES.get(COOKIE, "")
    attempt = Attempt.objects.filter(state__in=keys.candidates(_STATE, state)).first() if state and browser else None
    # Somebody else's browser does not even use it up.
    if attempt is None or not keys.matches(_BROWSER, attempt.browser, browser):
        raise faults.AttemptLost
    # One statement: of two answers that come at the same instant, one passes.
    if not Attempt.objects.open_at(at).filter(pk=attempt.pk).update(used_at=at):
        raise faults.AttemptLost
    return attempt


def _told(request: HttpRequest, attempt: Attempt, *, at: datetime) -> client.Told:
    # > RFC 9207 §2.4: clients MUST compare the value of the iss parameter to the issuer identifier. FranceConnect
    # > always sends it.
    if request.GET.get("iss") != settings.FRANCECONNECT_ISSUER:
        raise faults.WrongResponder(request.GET.get("iss", "no iss")[:200])
    if error := request.GET.get("error"):
        raise faults.BY_ERROR.get(error, faults.NotAsTheyAsk)(error[:100])
    code = request.GET.get("code", "")
    if not code:
        raise faults.NotAsTheyAsk("neither code nor error")
    told = client.ask_who(code, nonce_digest=attempt.nonce, return_url=_return_url(), at=at)
    if attempt.is_fresh and (told.auth_time is None or told.auth_time < attempt.made_at - _JUST_NOW):
        raise faults.NotAnew
    return told


def _return_url() -> str:
    return settings.PUBLIC_URL + reverse(RETURN_PAGE)
