"""What every request of the site goes through: its instant, its headers."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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
        return response

    return middleware
