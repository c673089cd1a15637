"""How an answer travels back to a party through the browser: in its address, or in a form that sends itself."""

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from preau.identity.federation.oidc.server import issuer

MODES = ("query", "form_post")


def to_party(request: HttpRequest, address: str, said: dict[str, str]) -> HttpResponse:
    """Send the browser to `address` (registered) with what is `said`, the way the request asks."""
    # > RFC 9207 §2: the authorization server includes its issuer identifier in the authorization response.
    told = {name: value for name, value in {**said, "iss": issuer()}.items() if value}
    if request.GET.get("response_mode") == "form_post":
        response = _by_form(request, address, told)
    else:
        response = HttpResponseRedirect(f"{address}{'&' if '?' in address else '?'}{urlencode(told)}")
    return unseen(response)


def unseen(response: HttpResponse) -> HttpResponse:
    """Neither kept by a cache nor told to the next page (RFC 9700 §4.2.4)."""
    response["Cache-Control"], response["Referrer-Policy"] = "no-store", "no-referrer"
    return response


def _by_form(request: HttpRequest, address: str, told: dict[str, str]) -> HttpResponse:
    # > OAuth 2.0 Form Post Response Mode §2: parameters are encoded as HTML form values that are auto-submitted.
    parts = urlsplit(address)
    page = {"address": address, "told": told, "host": parts.hostname}
    response = render(request, "federation/form_post.html", page)
    response._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]
    return response
