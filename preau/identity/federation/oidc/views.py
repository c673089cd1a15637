"""The doors of OpenID Connect. Each answers at its own address and at the one that EduConnect's clients know."""

from contextlib import nullcontext
from functools import partial

from authlib.oauth2.rfc6749 import OAuth2Error
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from preau.identity.federation.oidc import answers, authorize, discovery, logout, tokens
from preau.identity.federation.oidc import userinfo as userinfo_answer
from preau.identity.federation.oidc.grants import make_server
from preau.identity.federation.oidc.other_sites import opened
from preau.identity.federation.oidc.userinfo import InvalidToken, TokenTwice
from preau.identity.signin import sessions

_PUBLIC = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}


@require_GET
def configuration(request: HttpRequest) -> HttpResponse:
    """What a client reads first."""
    return JsonResponse(discovery.document(), headers=_PUBLIC)


@require_GET
def jwks(request: HttpRequest) -> HttpResponse:
    """Our public keys."""
    return JsonResponse(discovery.jwks(at=request.at), headers=_PUBLIC)  # type: ignore[attr-defined]


@csrf_exempt
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """A service asks who is there: sign in if need be, then go back to it with a code."""
    if request.method == "POST":
        return _by_get(request)
    return authorize.answer(request, at=request.at)  # type: ignore[attr-defined]


@csrf_exempt
@opened
@require_http_methods(["POST"])
def token(request: HttpRequest) -> HttpResponse:
    """A service exchanges its code, or renews. A code is spent by the statement that writes its token; a renewal is one
    transaction: a refresh token that comes twice kills what the first time gave."""
    server = make_server()
    with transaction.atomic() if request.POST.get("grant_type") == "refresh_token" else nullcontext():
        return server.answer_from_machine(request, server.create_token_response)


@csrf_exempt
@require_http_methods(["POST"])
@transaction.atomic
def revoke(request: HttpRequest) -> HttpResponse:
    """A service is done with a token."""
    server = make_server()
    return server.answer_from_machine(request, partial(tokens.revoke, server))


@csrf_exempt
@require_http_methods(["POST"])
@transaction.atomic
def introspect(request: HttpRequest) -> HttpResponse:
    """A service asks what a token is worth."""
    server = make_server()
    return server.answer_from_machine(request, partial(tokens.introspect, server))


@csrf_exempt
@opened
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """A service asks about the person behind its token."""
    at = request.at  # type: ignore[attr-defined]
    try:
        token = userinfo_answer.living(userinfo_answer.presented(request), at=at)
    except InvalidToken:
        return _bearer_refused("invalid_token", 401)
    except TokenTwice:
        return _bearer_refused("invalid_request", 400)
    return userinfo_answer.answer(userinfo_answer.claims(token, at=at), token.party, at=at)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def end_session(request: HttpRequest) -> HttpResponse:
    """A service asks to sign the person out of everything."""
    if request.method == "POST":
        return _by_get(request)
    try:
        asked = logout.asked(make_server(), request)
    except OAuth2Error:
        return render(request, "federation/signed_out_refused.html", status=400)
    if not logout.is_about(asked, request):
        return render(request, "federation/confirm_sign_out.html", {"session": sessions.current(request)})
    response = redirect(asked.redirect_uri) if asked.redirect_uri else redirect("signin:signed_out")
    sessions.end(request, response, at=request.at)  # type: ignore[attr-defined]
    return answers.unseen(response)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def educonnect_logout(request: HttpRequest) -> HttpResponse:
    """EduConnect's: from a service's machine, the ID token in the header; from a browser, as `end_session`."""
    scheme, _, id_token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return end_session(request)
    try:
        logout.end_from_machine(make_server(), id_token, at=request.at)  # type: ignore[attr-defined]
    except OAuth2Error:
        return _bearer_refused("invalid_token", 401)
    return HttpResponse(status=204)


def _by_get(request: HttpRequest) -> HttpResponse:
    """The same question, asked by ourselves: a form that another site posts comes without the cookie of the visit."""
    question = request.POST.urlencode()
    if len(question) > authorize.LONGEST_REQUEST:
        return authorize.too_long().answer(request)
    response = HttpResponseRedirect(f"{request.path}?{question}")
    # > RFC 9700 §4.12: the authorization server … MUST NOT use the HTTP 307 status code; 303 is the unambiguous one.
    response.status_code = 303
    return answers.unseen(response)


def _bearer_refused(error: str, status: int) -> HttpResponse:
    # > RFC 6750 §3: the resource server MUST include the HTTP "WWW-Authenticate" response header field.
    header = {"WWW-Authenticate": f'Bearer error="{error}"'}
    return JsonResponse({"error": error}, status=status, headers=header)
