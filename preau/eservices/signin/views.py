"""Start, callback, sign-out: parse, call, answer."""

import logging
import secrets
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau.eservices.signin import attempts, sessions
from preau.eservices.signin.middleware import COOKIE
from preau.eservices.signin.provider import ProviderUnreachable, SignInDeclined, preau
from preau.eservices.signin.refusals import SignInRefused
from preau.eservices.signin.tokens import UnverifiableAnswer

log = logging.getLogger(__name__)
SIGN_OUT_COOKIE = f"{settings.COOKIE_PREFIX}scolarite-depart"
COOKIE_SHAPE: dict[str, Any] = {"secure": settings.HTTPS, "httponly": True, "samesite": "Lax", "path": "/"}


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to Préau, with a new attempt in its pocket."""
    attempt = attempts.Attempt.new(destination=_local(request.GET.get("suite", "")), at=request.at)  # type: ignore[attr-defined]
    try:
        url = preau().authorization_url(
            state=attempt.state, nonce=attempt.nonce, verifier=attempt.verifier, redirect_uri=_public("signin:callback")
        )
    except SignInRefused as refusal:
        return refused(request, refusal, destination=attempt.destination)
    response = HttpResponseRedirect(url)
    response.set_cookie(attempt.cookie, attempt.sealed(), max_age=attempts.LIVES, **COOKIE_SHAPE)
    return response


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Préau sends the browser back: verify everything, then open a session, or open nothing and say why."""
    state, at = request.GET.get("state", ""), request.at  # type: ignore[attr-defined]
    try:
        attempt = attempts.unsealed(request.COOKIES.get(attempts.cookie_for(state)), state=state, at=at)
    except attempts.AttemptLost as refusal:
        # The back button lands here after a sign-in that worked: the person is in already.
        return redirect("home:home") if request.signed_in else refused(request, refusal)  # type: ignore[attr-defined]
    try:
        token = _open(request, attempt)
    except SignInRefused as refusal:
        response = refused(request, refusal, destination=attempt.destination)
    else:
        response = HttpResponseRedirect(attempt.destination)
        response.set_cookie(COOKIE, token, **COOKIE_SHAPE)
    response.delete_cookie(attempt.cookie, path="/", samesite="Lax")
    return response


@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Asked by link: confirm. Asked by form: forget the session here, then send the browser to end Préau's."""
    session, at = request.signed_in, request.at  # type: ignore[attr-defined]
    if request.method == "GET" and session is not None:
        return render(request, "signin/sign_out.html")
    if session is None:
        return redirect("signin:signed_out")
    sessions.close_session(session, by=session.subject, at=at)
    request.signed_in = None  # type: ignore[attr-defined]
    state = secrets.token_urlsafe(32)
    try:
        url = preau().sign_out_url(id_token=session.id_token, state=state, return_to=_public("signin:signed_out"))
        response: HttpResponse = HttpResponseRedirect(url, status=303)
        response.set_cookie(SIGN_OUT_COOKIE, state, max_age=600, **COOKIE_SHAPE)
    except SignInRefused as refusal:
        log.warning("sign-out stayed local, reference %s", refusal.reference)
        response = render(request, "signin/signed_out.html", {"preau_url": settings.ACCOUNT_URL, "is_half_done": True})
    response.delete_cookie(COOKIE, path="/", samesite="Lax")
    return response


@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    """« Vous êtes déconnecté »: of both if Préau says so with the state we gave it, else of this site."""
    given, kept = request.GET.get("state", ""), request.COOKIES.get(SIGN_OUT_COOKIE, "")
    is_both = bool(kept) and secrets.compare_digest(given.encode(), kept.encode())
    context = {"is_both": is_both, "is_still_in": request.signed_in is not None, "preau_url": settings.ACCOUNT_URL}  # type: ignore[attr-defined]
    response = render(request, "signin/signed_out.html", context)
    response.delete_cookie(SIGN_OUT_COOKIE, path="/", samesite="Lax")
    return response


@csrf_exempt
@require_POST
def told(request: HttpRequest) -> HttpResponse:
    """Préau's machine says that a visit is over: whoever left there, or at another service, is out of here too.

    > Back-Channel Logout §2.8: the RP MUST respond with HTTP 200; 400 if the request is not a valid Logout Request.
    """
    at = request.at  # type: ignore[attr-defined]
    try:
        over = preau().ended(request.POST.get("logout_token", ""), at=at)
    except SignInRefused as refusal:
        log.warning("back-channel logout refused, reference %s", refusal.reference)
        return HttpResponse(status=400)
    sessions.close_ended(by=over.subject, sid=over.sid, at=at)
    return HttpResponse(status=200)


def refused(request: HttpRequest, refusal: SignInRefused, *, destination: str = "/") -> HttpResponse:
    """The page of a refusal: what happened, what to do next, who can help."""
    log.warning("sign-in refused, reference %s", refusal.reference)
    return render(
        request, "signin/refused.html", {"refusal": refusal, "destination": destination}, status=refusal.status
    )


def _open(request: HttpRequest, attempt: attempts.Attempt) -> str:
    """Everything between Préau's answer and our cookie. Raises a SignInRefused."""
    preau().check_sender(request.GET.get("iss"))
    if error := request.GET.get("error"):
        raise _declared(error)
    code, at = request.GET.get("code", ""), request.at  # type: ignore[attr-defined]
    if not code:
        raise UnverifiableAnswer("retour-sans-code")
    answer = preau().redeem(
        code=code,
        verifier=attempt.verifier,
        nonce=attempt.nonce,
        redirect_uri=_public("signin:callback"),
        at=at,
    )
    identity = answer.identity
    return sessions.open_session(
        by=identity.subject,
        sid=identity.sid,
        id_token=answer.id_token,
        claims=answer.claims,
        replacing=request.signed_in,  # type: ignore[attr-defined]
        at=at,
    )


def _declared(error: str) -> SignInRefused:
    """An error Préau declared itself (RFC 6749 §4.1.2.1). What it wrote is never shown: only known words are."""
    if error == "access_denied":
        return SignInDeclined("retour-abandon")
    if error in ("server_error", "temporarily_unavailable"):
        return ProviderUnreachable("retour-panne")
    return UnverifiableAnswer("retour-erreur")


def _local(destination: str) -> str:
    """A path of this site, or its first page: never an open redirect."""
    is_ours = destination.startswith("/") and url_has_allowed_host_and_scheme(destination, allowed_hosts=None)
    return destination if is_ours and len(destination) <= 500 else "/"


def _public(name: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name)}"
