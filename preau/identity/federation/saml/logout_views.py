"""The doors of SAML's single logout: a service asks by the browser, or from its machine."""

from datetime import datetime
from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from preau.identity.federation import signing
from preau.identity.federation.saml import bindings, carried, leaving, names, soap
from preau.identity.federation.saml.bindings import Incoming
from preau.identity.federation.saml.carried import Way
from preau.identity.federation.saml.leaving import Leaving
from preau.identity.federation.saml.requests import Refused
from preau.identity.federation.saml.sso import unseen
from preau.identity.federation.saml.xml import Unreadable
from preau.identity.federation.troubles import Cause, note


@require_GET
def by_query(request: HttpRequest) -> HttpResponse:
    """In the address (HTTP-Redirect): a service asks, or answers."""
    if "SAMLResponse" in request.GET:
        return _heard(request, partial(bindings.from_query, name="SAMLResponse"))
    return _by_browser(request, bindings.from_query)


@csrf_exempt
@require_POST
def by_form(request: HttpRequest) -> HttpResponse:
    """By a form (HTTP-POST): without cookie, but the message names the visit."""
    if "SAMLResponse" in request.POST:
        return _heard(request, partial(bindings.from_form, name="SAMLResponse"))
    return _by_browser(request, bindings.from_form)


@require_GET
def carry(request: HttpRequest) -> HttpResponse:
    """Somebody who left goes and tells a service."""
    at: datetime = request.at  # type: ignore[attr-defined]
    way = carried.read(request.GET.get(carried.PARAMETER, ""), at=at)
    where = carried.place(way.party.saml) if way else None
    if way is None or where is None:
        return unseen(redirect("signin:signed_out"))
    return unseen(_sent(request, carried.begun(way, at=at), *where, at=at))


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


def _sent(request: HttpRequest, way: Way, binding: str, to: str, *, at: datetime) -> HttpResponse:
    asked = carried.request(way, to=to, at=at)
    if binding == names.REDIRECT:
        key = signing.saml_ring(at=at).signing
        return HttpResponseRedirect(bindings.to_query(to, asked, name="SAMLRequest", relay_state=way.seal, key=key))
    signed = leaving.signed(asked, at=at)
    return bindings.to_form(request, to, signed, name="SAMLRequest", relay_state=way.seal, of=way.party.name)


def _heard(request: HttpRequest, read: bindings.Reader) -> HttpResponse:
    """The page that says good-bye, again: what the service said, and the others."""
    at: datetime = request.at  # type: ignore[attr-defined]
    try:
        way, is_over = carried.heard(_read(read, request), at=at)
    except Refused as refusal:
        _note(refusal, at=at)
        return unseen(render(request, "federation/signed_out_refused.html", status=400))
    said = {"party": way.party, "is_over": is_over, "ways": carried.ways(way.session, at=at)}
    return unseen(render(request, "federation/signed_out.html", said))


def _by_browser(request: HttpRequest, read: bindings.Reader) -> HttpResponse:
    at: datetime = request.at  # type: ignore[attr-defined]
    try:
        asked = leaving.read(_read(read, request), at=at)
    except Refused as refusal:
        _note(refusal, at=at)
        return render(request, "federation/signed_out_refused.html", status=400)
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
