"""Who is behind this request."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from preau.eservices.signin import sessions

COOKIE: Final = f"{settings.COOKIE_PREFIX}scolarite"


def who_is_signed_in(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Set ``request.signed_in``: the living session of this browser, or None."""

    def middleware(request: HttpRequest) -> HttpResponse:
        at = request.at  # type: ignore[attr-defined]
        session = sessions.find(request.COOKIES.get(COOKIE), at=at)
        if session is not None:
            sessions.keep_awake(session, by=session.subject, at=at)
        request.signed_in = session  # type: ignore[attr-defined]
        return get_response(request)

    return middleware
