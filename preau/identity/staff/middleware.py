"""Who is behind a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from preau.identity.staff import sessions

GetResponse = Callable[[HttpRequest], HttpResponse]


def who_works_here(get_response: GetResponse) -> GetResponse:
    """Give the request its ``staff`` visit, read from the desk's cookie when somebody asks.

    Lazy: ask whether it is true (``if request.staff``), not whether it is None. Views take `entry.staff_may`.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.staff = SimpleLazyObject(lambda: sessions.current(request))  # type: ignore[attr-defined]
        return get_response(request)

    return middleware
