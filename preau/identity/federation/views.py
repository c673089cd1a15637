"""The doors relying parties knock at."""

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import OAuth2Error
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau.identity.federation.oidc import discovery, logout
from preau.identity.federation.oidc import userinfo as userinfo_answer
from preau.identity.federation.oidc.authorize import Refused, read, turned_back
from preau.identity.federation.oidc.server import issuer, make_server
from preau.identity.federation.oidc.userinfo import InvalidToken
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


@require_GET
def authorize(request: HttpRequest) -> HttpResponse:
    """A service asks who is there: sign in if need be, then go back to it with a code."""
    server, session = make_server(), sessions.current(request)
    try:
        grant, party = read(server, request)
        page = turned_back(request, session, at=request.at)  # type: ignore[attr-defined]
    except Refused as refusal:
        return _refuse(request, refusal)
    if page is not None:
        return page
    if not party.is_for(session.account):  # type: ignore[union-attr]
        return render(request, "federation/not_for_you.html", {"party": party}, status=403)
    _, _, headers = grant.create_authorization_response(  # type: ignore[attr-defined]
        request.GET["redirect_uri"],
        session.account,  # type: ignore[union-attr]
    )
    # > RFC 9207 §2: the authorization server includes its issuer identifier in the authorization response.
    return HttpResponseRedirect(add_params_to_uri(dict(headers)["Location"], {"iss": issuer()}))


@csrf_exempt
@require_POST
@transaction.atomic
def token(request: HttpRequest) -> HttpResponse:
    """A service exchanges its code. One transaction: a code that comes twice kills what the first time gave."""
    response: HttpResponse = make_server().create_token_response(request)
    return response


@csrf_exempt
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """A service asks about the person behind its token."""
    try:
        claims = userinfo_answer.answer(request.headers.get("Authorization", ""), at=request.at)  # type: ignore[attr-defined]
    except InvalidToken:
        # > RFC 6750 §3: the resource server MUST include the HTTP "WWW-Authenticate" response header field.
        refusal = {"error": "invalid_token"}
        return JsonResponse(refusal, status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    return JsonResponse(claims)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def end_session(request: HttpRequest) -> HttpResponse:
    """A service asks to sign the person out of everything."""
    try:
        asked = logout.asked(make_server(), request)
    except OAuth2Error:
        return render(request, "federation/signed_out_refused.html", status=400)
    if not logout.is_about(asked, request):
        return render(request, "federation/confirm_sign_out.html", {"session": sessions.current(request)})
    response = redirect(asked.redirect_uri) if asked.redirect_uri else redirect("signin:signed_out")
    sessions.end(request, response, at=request.at)  # type: ignore[attr-defined]
    return response


def _refuse(request: HttpRequest, refusal: Refused) -> HttpResponse:
    if refusal.to:
        return HttpResponseRedirect(refusal.address())
    return render(request, "federation/refused.html", {"error": refusal.error}, status=400)
