"""FranceConnect's pages and endpoints."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from preau.simulators.franceconnect import citizens
from preau.simulators.franceconnect.faults import FAULTS, switches
from preau.simulators.franceconnect.provider import (
    ALGORITHM,
    LEVEL,
    ErrorPage,
    Question,
    Refused,
    asked,
    check,
    provider,
    published,
)

SALT = "franceconnect.question"
View = Callable[[HttpRequest], HttpResponse]


def _if_it_works(view: View) -> View:
    """What two of the switches do: nobody answers, or after ten seconds."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if "slow" in switches:
            time.sleep(10)
        if "down" in switches:
            return HttpResponse("Service Unavailable", status=503, content_type="text/plain")
        return view(request)

    return guarded


# For people ----------------------------------------------------------------------------------------------------------
@require_GET
def door(request: HttpRequest) -> HttpResponse:
    """Somebody came by hand: who has an account, and where to start."""
    here = f"{settings.IDENTITY_URL}/connexion/responsable/"
    context = {"town": citizens.of_town(), "oddities": citizens.ODDITIES, "signin_url": here}
    return render(request, "franceconnect/door.html", context)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def break_it(request: HttpRequest) -> HttpResponse:
    """The switches. Tests throw them by the same form."""
    if request.method == "POST":
        switches.throw(request.POST.getlist("fault"))
        return redirect("franceconnect:faults")
    faults = [(name, words, name in switches) for name, words in FAULTS.items()]
    return render(request, "franceconnect/faults.html", {"faults": faults})


# The protocol --------------------------------------------------------------------------------------------------------
@require_GET
@_if_it_works
def discovery(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Discovery §3."""
    doors = {name: f"{settings.PUBLIC_URL}{reverse(f'franceconnect:{name}')}" for name in (
        "authorize", "token", "userinfo", "jwks", "end_session"
    )}  # fmt: skip
    return JsonResponse(
        {
            "issuer": settings.FRANCECONNECT_ISSUER,
            "authorization_endpoint": doors["authorize"],
            "token_endpoint": doors["token"],
            "userinfo_endpoint": doors["userinfo"],
            "jwks_uri": doors["jwks"],
            "end_session_endpoint": doors["end_session"],
            "scopes_supported": list(citizens.CLAIMS),
            "acr_values_supported": [LEVEL],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "userinfo_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


@csrf_exempt
@require_http_methods(["GET", "POST"])
@_if_it_works
def authorize(request: HttpRequest) -> HttpResponse:
    """A client sends somebody: show who they can be."""
    given: Any = request.GET if request.method == "GET" else request.POST
    repeated = any(len(values) > 1 for _, values in given.lists())
    try:
        question = asked(given.dict(), repeated)
    except ErrorPage as error:
        return _error_page(request, error)
    try:
        check(question, given.dict())
    except Refused as refusal:
        return HttpResponseRedirect(question.answer(error=refusal.error, error_description=refusal.description))
    context = {
        "question": signing.dumps(given.dict(), salt=SALT),
        "town": citizens.of_town(),
        "oddities": citizens.ODDITIES,
        "is_anew": question.is_anew,
    }
    return render(request, "franceconnect/authorize.html", context)


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """The person clicked on a name, or turned back."""
    try:
        question: Question = asked(signing.loads(request.POST.get("question", ""), salt=SALT, max_age=1800))
    except signing.BadSignature:
        return _error_page(request, ErrorPage("Y420001", "page ouverte depuis plus de trente minutes"))
    citizen = citizens.find(request.POST.get("who", ""))
    if citizen is None:
        answer = question.answer(error="access_denied", error_description="User auth aborted")
    else:
        answer = question.answer(code=provider.let_in(citizen, question, at=request.at))  # type: ignore[attr-defined]
    return HttpResponseRedirect(answer, status=303)


@csrf_exempt
@require_POST
@_if_it_works
def token(request: HttpRequest) -> HttpResponse:
    """A code against tokens, for the registered client alone."""
    if "token_500" in switches:
        return JsonResponse({"error": "server_error"}, status=500)
    try:
        return JsonResponse(provider.redeem(request.POST.dict(), at=request.at))  # type: ignore[attr-defined]
    except Refused as refusal:
        said = {"error": refusal.error, "error_description": refusal.description}
        return JsonResponse(said, status=refusal.status)


@csrf_exempt
@require_http_methods(["GET", "POST"])
@_if_it_works
def userinfo(request: HttpRequest) -> HttpResponse:
    """The identity, as a signed token."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    try:
        said = provider.identity(value if kind.lower() == "bearer" else "", at=request.at)  # type: ignore[attr-defined]
    except Refused as refusal:
        body = {"error": refusal.error, "error_description": refusal.description, "error_uri": settings.PUBLIC_URL}
        return JsonResponse(body, status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    kind = "application/json" if "userinfo_clear" in switches else "application/jwt"
    return HttpResponse(said, content_type=f"{kind}; charset=utf-8")


@require_GET
@_if_it_works
def jwks(request: HttpRequest) -> HttpResponse:
    """The public keys."""
    return JsonResponse(published())


@csrf_exempt
@require_http_methods(["GET", "POST"])
@_if_it_works
def end_session(request: HttpRequest) -> HttpResponse:
    """Ask whether to sign out (GET), then go back to the site that asked (POST), if it is registered."""
    given: Any = request.GET if request.method == "GET" else request.POST
    return_to, hint = given.get("post_logout_redirect_uri", ""), given.get("id_token_hint", "")
    if return_to and (return_to not in settings.FRANCECONNECT_LOGOUT_URIS or not _was_ours(hint)):
        return _error_page(request, ErrorPage("invalid_request", "post_logout_redirect_uri ou id_token_hint"))
    if request.method == "GET":
        asked_for = {name: given.get(name, "") for name in ("post_logout_redirect_uri", "id_token_hint", "state")}
        return render(request, "franceconnect/end_session.html", {"asked_for": asked_for})
    if not return_to:
        return render(request, "franceconnect/out.html")
    state = given.get("state", "")
    return HttpResponseRedirect(f"{return_to}?{urlencode({'state': state})}" if state else return_to, status=303)


def _was_ours(hint: str) -> bool:
    """Whether an ID token, even expired, was signed here for our client."""
    try:
        claims = jwt.decode(hint, KeySet.import_key_set(published()), algorithms=[ALGORITHM]).claims  # type: ignore[arg-type]
    except (JoseError, ValueError):
        return False
    return claims.get("aud") == settings.FRANCECONNECT_CLIENT_ID


def _error_page(request: HttpRequest, error: ErrorPage) -> HttpResponse:
    return render(request, "franceconnect/error.html", {"error": error}, status=400)
