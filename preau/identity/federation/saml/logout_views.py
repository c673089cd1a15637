"""The doors of SAML's single logout: a service asks by the browser, or from its machine."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from preau.identity.federation import signing
from preau.identity.federation.saml import bindings, leaving, names, soap
from preau.identity.federation.saml.bindings import Incoming
from preau.identity.federation.saml.leaving import Leaving
from preau.identity.federation.saml.requests import Refused
from preau.identity.federation.saml.sso import unseen
from preau.identity.federation.saml.xml import Unreadable
from preau.identity.federation.troubles import Cause, note


@require_GET
def by_query(request: HttpRequest) -> HttpResponse:
    """In the address (HTTP-Redirect)."""
    return _by_browser(request, bindings.from_query)


@csrf_exempt
@require_POST
def by_form(request: HttpRequest) -> HttpResponse:
    """By a form (HTTP-POST): without cookie, but the request names the visit."""
    return _by_browser(request, bindings.from_form)


@csrf_exempt
@require_POST
def by_soap(request: HttpRequest) -> HttpResponse:
    """From the service's machine (SOAP)."""
    at: datetime = request.at  # type: ignore[attr-defined]
    try:
        root = soap.unwrapped(request.body)
        asked = leaving.read(Incoming(root, "", f"{settings.PUBLIC_URL}{request.path}"), at=at)
    except Unreadable as error:
        note(Cause.MALFORMED, detail=str(error), at=at)
        return HttpResponse(soap.fault(), content_type=soap.CONTENT_TYPE, status=400)
    except Refused as refusal:
        _note(refusal, at=at)
        return HttpResponse(soap.fault(), content_type=soap.CONTENT_TYPE, status=400)
    leaving.end(asked, at=at)
    answer = leaving.signed(leaving.answer(asked, to="", at=at), at=at)
    return unseen(HttpResponse(soap.wrapped(answer), content_type=soap.CONTENT_TYPE))


def _by_browser(request: HttpRequest, read: bindings.Reader) -> HttpResponse:
    at: datetime = request.at  # type: ignore[attr-defined]
    try:
        asked = leaving.read(_read(read, request), at=at)
    except Refused as refusal:
        _note(refusal, at=at)
        return unseen(render(request, "federation/signed_out_refused.html", status=400))
    leaving.end(asked, at=at)
    return unseen(_answered(request, asked, at=at))


def _answered(request: HttpRequest, asked: Leaving, *, at: datetime) -> HttpResponse:
    """To an address of its metadata alone; a service that published none leaves people on our page."""
    profile, name = asked.profile, "SAMLResponse"
    if asked.wants_no_answer:
        return redirect("signin:signed_out")
    if to := leaving.place(profile, names.REDIRECT):
        answer, key = leaving.answer(asked, to=to, at=at), signing.saml_ring(at=at).signing
        return HttpResponseRedirect(bindings.to_query(to, answer, name=name, relay_state=asked.relay_state, key=key))
    if to := leaving.place(profile, names.POST):
        answer = leaving.signed(leaving.answer(asked, to=to, at=at), at=at)
        return bindings.to_form(request, to, answer, name=name, relay_state=asked.relay_state, of=profile.party.name)
    return redirect("signin:signed_out")


def _read(read: bindings.Reader, request: HttpRequest) -> Incoming:
    try:
        return read(request)
    except Unreadable as error:
        raise Refused(Cause.MALFORMED, str(error)) from error


def _note(refusal: Refused, *, at: datetime) -> None:
    party = refusal.profile.party if refusal.profile else None
    note(refusal.cause, party=party, said="" if party else refusal.said, detail=refusal.detail, at=at)
