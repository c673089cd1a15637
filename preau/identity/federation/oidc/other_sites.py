"""Which pages of other sites may talk to us from a browser (CORS): applications without a secret, from their own place.

A party with a secret talks from its machine, and needs none of this. Never at the authorization endpoint (RFC 9700
§2.6).
"""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse

from preau.identity.federation.models import Protocol, RelyingParty

View = Callable[[HttpRequest], HttpResponse]
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


def opened(view: View) -> View:
    """A view that answers applications of other sites that are registered without a secret."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        origin = request.headers.get("Origin", "")
        is_known = bool(origin) and _is_registered(origin)
        if request.method == "OPTIONS":
            response = HttpResponse(status=204, headers=_PREFLIGHT if is_known else {})
        else:
            response = view(request)
        if is_known:
            response["Access-Control-Allow-Origin"] = origin
        if origin:
            response["Vary"] = "Origin"
        return response

    return answered


def _is_registered(origin: str) -> bool:
    known = [party for party in RelyingParty.objects.in_use().speaking(Protocol.OIDC) if party.is_public]
    return any(origin == _origin(address) for party in known for address in party.redirect_uris)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
