"""The doors of SAML. Each refuses on a page of ours, or answers at an address that is registered."""

from dataclasses import replace
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau.identity.federation.saml import bindings, kept, ours, requests, sso
from preau.identity.federation.saml.requests import Refused
from preau.identity.federation.saml.xml import Unreadable
from preau.identity.federation.troubles import Cause
from preau.identity.signin import guards

_LONGEST_TIME = 10


@require_GET
def metadata(request: HttpRequest) -> HttpResponse:
    """Who we are, for services."""
    signed = ours.document(at=request.at)  # type: ignore[attr-defined]
    headers = {"Cache-Control": "public, max-age=300"}
    return HttpResponse(signed, content_type="application/samlmetadata+xml", headers=headers)


@require_GET
def by_query(request: HttpRequest) -> HttpResponse:
    """A service asks who is there, in the address (HTTP-Redirect)."""
    at: datetime = request.at  # type: ignore[attr-defined]
    try:
        return sso.answer(request, _hinted(request, requests.read(_read(bindings.from_query, request), at=at)), at=at)
    except Refused as refusal:
        return sso.refuse(request, refusal, at=at)


@csrf_exempt
@require_POST
def by_form(request: HttpRequest) -> HttpResponse:
    """A service asks by a form (HTTP-POST): another site's, without cookie. We ask ourselves again by GET."""
    at: datetime = request.at  # type: ignore[attr-defined]
    try:
        asked = _hinted(request, requests.read(_read(bindings.from_form, request), at=at))
    except Refused as refusal:
        return sso.refuse(request, refusal, at=at)
    response = HttpResponseRedirect(kept.address(asked))
    response.status_code = 303
    return sso.unseen(response)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unasked(request: HttpRequest) -> HttpResponse:
    """A sign-on that an ENT's page begins, in the words of Shibboleth: providerId, shire, target, time.

    Programs post the classic form here, before any page (signin/classic.py): the same address is asked by GET, without
    a look at it.
    """
    if request.method == "POST":
        # To its end: the server closes a connection on which words are left, and the program goes on by that one.
        request.body  # noqa: B018
        response = HttpResponseRedirect(request.get_full_path())
        response.status_code = 303
        return sso.unseen(response)
    at: datetime = request.at  # type: ignore[attr-defined]
    try:
        return sso.answer(request, _hinted(request, _unasked(request, at=at)), at=at)
    except Refused as refusal:
        return sso.refuse(request, refusal, at=at)


@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """A request that waited here for its person."""
    at: datetime = request.at  # type: ignore[attr-defined]
    try:
        return sso.answer(request, kept.read(request.GET.get(kept.PARAMETER, ""), at=at), at=at)
    except Refused as refusal:
        return sso.refuse(request, refusal, at=at)


def _read(read: bindings.Reader, request: HttpRequest) -> bindings.Incoming:
    try:
        return read(request)
    except Unreadable as error:
        raise Refused(Cause.MALFORMED, str(error)) from error


def _hinted(request: HttpRequest, asked: requests.Asked) -> requests.Asked:
    """With the profile that the address names beside the message (specs/protocols.md §1.10)."""
    return replace(asked, hinted=guards.hinted(request))


def _unasked(request: HttpRequest, *, at: datetime) -> requests.Asked:
    given = request.GET
    if any(len(given.getlist(name)) > 1 for name in ("providerId", "shire", "target", "time")):
        raise Refused(Cause.MALFORMED, "a parameter given twice")
    time = given.get("time", "")
    if time and not (time.isascii() and time.isdigit() and len(time) <= _LONGEST_TIME):
        raise Refused(Cause.MALFORMED, "time is not a number of seconds")
    try:
        target = bindings.relay_state(given.get("target", ""))
    except Unreadable as error:
        raise Refused(Cause.MALFORMED, str(error)) from error
    return requests.unasked(
        entity_id=given.get("providerId", "")[:300],
        consumer=given.get("shire", ""),
        target=target,
        made_at=datetime.fromtimestamp(int(time), UTC) if time else None,
        at=at,
    )
