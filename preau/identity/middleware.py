"""What every request of the site goes through: its instant, its headers."""

from collections.abc import Callable
from functools import lru_cache

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from preau import clock

GetResponse = Callable[[HttpRequest], HttpResponse]
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()"
)


def clock_at_the_edge(get_response: GetResponse) -> GetResponse:
    """Freeze the instant of the request in ``request.at``: rules and verbs receive it, none asks the time."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.at = clock.now()  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def careful_headers(get_response: GetResponse) -> GetResponse:
    """Pages hold personal data: no cache keeps them unless a view says otherwise."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Content-Language", settings.LANGUAGE_CODE)
        return response

    return middleware


class ContentSecurityPolicy(CSPMiddleware):
    """django-csp, which writes the same policy again for each page. Ours is written once for those that ask nothing,
    and once for each service that a page posts to.
    """

    _CHANGED_BY_A_VIEW = ("_csp_config", "_csp_update", "_csp_exempt")

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The usual policy; a page that took a nonce, or changed its policy, has its own."""
        has_its_own = hasattr(request, "_csp_nonce") or any(hasattr(response, one) for one in self._CHANGED_BY_A_VIEW)
        if has_its_own:
            return super().process_response(request, response)
        replaced: dict[str, list[str]] = getattr(response, "_csp_replace", {})
        kept = tuple((directive, tuple(places)) for directive, places in replaced.items())
        response.headers.setdefault(HEADER, _policy(kept))
        return response


@lru_cache(maxsize=512)
def _policy(replaced: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    return str(build_policy(replace={directive: list(places) for directive, places in replaced}))
