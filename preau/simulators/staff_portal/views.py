"""The portal's page and its five endpoints."""

import base64
import binascii
from typing import Any
from urllib.parse import unquote, urlencode

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau.simulators import cast
from preau.simulators.staff_portal import claims, oidc

SALT = "staff_portal.question"


@require_GET
def door(request: HttpRequest) -> HttpResponse:
    """Somebody came by hand: who is here, and where to start."""
    context = {"cast": cast.present(), "desk_url": f"{settings.IDENTITY_URL}/agents/entree/"}
    return render(request, "staff_portal/door.html", context)


@require_GET
def discovery(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Discovery §3."""
    named = {name: f"{settings.PUBLIC_URL}{reverse(f'staff_portal:{name}')}" for name in (
        "authorize", "token", "userinfo", "keyset", "end_session"
    )}  # fmt: skip
    return JsonResponse(
        {
            "issuer": settings.PORTAL_ISSUER,
            "authorization_endpoint": named["authorize"],
            "token_endpoint": named["token"],
            "userinfo_endpoint": named["userinfo"],
            "jwks_uri": named["keyset"],
            "end_session_endpoint": named["end_session"],
            "scopes_supported": ["openid", "profile", "email"],
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [oidc.ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "acr_values_supported": [claims.WITH_A_SECOND_FACTOR, claims.BY_PASSWORD],
            "claims_supported": ["sub", *cast.CLAIMS, "acr", "amr", "auth_time"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """A client sends somebody (GET): show who is here. Somebody is chosen (POST): send them back as that person."""
    if request.method == "POST" and "question" in request.POST:
        return _chosen(request)
    try:
        question = oidc.asked(request.GET.dict())
    except oidc.UnknownClient:
        return render(request, "staff_portal/unknown.html", status=400)
    try:
        oidc.check(request.GET.dict())
    except oidc.Refused as refusal:
        return HttpResponseRedirect(question.answer(error=refusal.error))
    sealed = signing.dumps(request.GET.dict(), salt=SALT)
    context = {"cast": cast.present(), "question": sealed, "proofs": claims.PROOFS}
    return render(request, "staff_portal/authorize.html", context)


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """A code against tokens, for the registered client alone (RFC 6749 §4.1.3, §5)."""
    if not oidc.is_the_client(*_credentials(request)):
        return JsonResponse({"error": "invalid_client"}, status=401, headers={"WWW-Authenticate": "Basic"})
    try:
        return JsonResponse(oidc.portal.redeem(request.POST.dict(), at=request.at))  # type: ignore[attr-defined]
    except oidc.Refused as refusal:
        return JsonResponse({"error": refusal.error}, status=400)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """What FIM says of the person (plain JSON)."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    found = oidc.portal.whose(value, at=request.at) if kind.lower() == "bearer" else None  # type: ignore[attr-defined]
    if found is None:
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        return JsonResponse({"error": "invalid_token"}, status=401, headers=challenge)
    return JsonResponse(claims.userinfo(found))


@require_GET
def keyset(request: HttpRequest) -> HttpResponse:
    """The public key."""
    return JsonResponse({"keys": [oidc.key().as_dict(private=False)]})


@require_http_methods(["GET", "POST"])
def end_session(request: HttpRequest) -> HttpResponse:
    """The portal remembers nobody, so there is nothing to end: back to the desk if it asked for that, else a page."""
    given: Any = request.GET if request.method == "GET" else request.POST
    return_to = given.get("post_logout_redirect_uri", "")
    if return_to.startswith(f"{settings.IDENTITY_URL}/"):
        state = given.get("state")
        return HttpResponseRedirect(f"{return_to}?{urlencode({'state': state})}" if state else return_to)
    return render(request, "staff_portal/out.html")


def _chosen(request: HttpRequest) -> HttpResponse:
    """The person clicked on a name, or turned back."""
    try:
        question = oidc.asked(signing.loads(request.POST["question"], salt=SALT, max_age=3600))
    except (signing.BadSignature, oidc.UnknownClient):
        return render(request, "staff_portal/unknown.html", status=400)
    colleague = cast.present().colleague(request.POST.get("who", ""))
    if colleague is None:
        return HttpResponseRedirect(question.answer(error="access_denied"), status=303)
    proof = request.POST.get("proof", "otp")
    code = oidc.portal.let_in(colleague, proof if proof in claims.PROOFS else "otp", question, at=request.at)  # type: ignore[attr-defined]
    return HttpResponseRedirect(question.answer(code=code), status=303)


def _credentials(request: HttpRequest) -> tuple[str, str]:
    """The client's name and secret: by header (both halves form-encoded, RFC 6749 §2.3.1) or in the form."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return request.POST.get("client_id", ""), request.POST.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(name), unquote(secret)
