"""Who is behind a request, and what is said when too many come at once."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from preau.identity.accounts.hash_queue import Busy
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


class ComeBackSoon:
    """When too many sign in at the same second, who comes last is told what to do, whichever page hashes."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing, while the queue is short."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page of ours in place of an error.

        # > RFC 9110 §15.6.4: The server MAY send a Retry-After header field […] to suggest an appropriate amount of
        # > time for the client to wait before retrying the request.
        """
        if not isinstance(exception, Busy):
            return None
        response = render(request, "signin/crowded.html", {"seconds": exception.seconds}, status=503)
        response["Retry-After"] = str(exception.seconds)
        return response
