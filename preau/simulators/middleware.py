"""What every request of the site goes through: its instant, and no cache."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from preau import clock


def clock_at_the_edge(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Freeze the instant of the request in ``request.at``; everything here is of the moment, so nothing is kept."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.at = clock.now()  # type: ignore[attr-defined]
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware
