"""Who is behind a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from preau.identity.accounts.models import Account
from preau.identity.signin import sessions

GetResponse = Callable[[HttpRequest], HttpResponse]


def who_is_signed_in(get_response: GetResponse) -> GetResponse:
    """Give the request its ``account``, read from the session cookie when somebody asks.

    Lazy: ask whether it is true (``if request.account``), not whether it is None. Views take
    `signin.guards.signed_in` or `signin.sessions.current`. A visit renewed on the way gets its new cookie here.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.account = SimpleLazyObject(lambda: _holder(request))  # type: ignore[attr-defined]
        response = get_response(request)
        sessions.hand_over(request, response)
        return response

    return middleware


def _holder(request: HttpRequest) -> Account | None:
    session = sessions.current(request)
    return session.account if session else None
