"""The classic form, as programs post it: ``j_username``, ``j_password``, no token of ours (specs/protocols.md §1.9).

What a service sends to the door carries in its address an ``execution`` that nobody can guess, bound to the browser
that got it in the same answer. For this form, and nowhere else, it stands for the token against forged requests.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from preau.identity import keys
from preau.identity.accounts.models import Kind
from preau.identity.signin import counters, device, guards

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
PARAMETER = "execution"
USERNAME, PASSWORD = "j_username", "j_password"
LASTS = timedelta(minutes=15)
_PURPOSE = "signin/classic"
_RANDOM_BYTES = 24
_LONGEST = 200
# Fetch Metadata: absent for programs, `none` when the person typed the address.
_OWN_SITES = frozenset({"", "same-origin", "none"})


def to_the_door(request: HttpRequest, back_to: str, *, again: bool = False, kind: Kind | None = None) -> HttpResponse:
    """To the door for a service: the address holds an execution, for this browser."""
    response = guards.to_the_door(back_to, again=again, kind=kind)
    if settings.CLASSIC_SIGNIN:
        device.greet(request, response)
        at: datetime = request.at  # type: ignore[attr-defined]
        given = urlencode({PARAMETER: execution(device.of(request).number, at=at)})
        response["Location"] += f"{'&' if '?' in response['Location'] else '?'}{given}"
    return response


def execution(browser: str, *, at: datetime) -> str:
    """A new one, for the browser of that number: random, its hour, and what proves both ours."""
    drawn, hour = secrets.token_urlsafe(_RANDOM_BYTES), str(int(at.timestamp()))
    return f"e1s1.{drawn}.{hour}.{keys.digest(_PURPOSE, drawn, hour, browser)}"


def typed(request: HttpRequest) -> dict[str, str]:
    """The two answers, by the names of our own form."""
    return {"username": request.POST.get(USERNAME, ""), "password": request.POST.get(PASSWORD, "")}


def or_token(by_program: Callable[..., HttpResponse]) -> Callable[[View[P]], View[P]]:
    """A page of ours, whose classic posts go to `by_program`. All that is no good one passes Django's check as ever."""

    def door(view: View[P]) -> View[P]:
        checked = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if _is_classic(request) and _serves(request):
                return by_program(request, *args, **kwargs)
            return checked(request, *args, **kwargs)

        return guarded

    return door


def _is_classic(request: HttpRequest) -> bool:
    is_on: bool = settings.CLASSIC_SIGNIN
    return is_on and request.method == "POST" and USERNAME in request.POST and PASSWORD in request.POST


def _serves(request: HttpRequest) -> bool:
    """Whether its execution is good, for this browser, now, from a page of ours or a program; it serves this once."""
    at: datetime = request.at  # type: ignore[attr-defined]
    given, browser = request.GET.get(PARAMETER, ""), device.of(request).number
    if not browser or not given.isascii() or len(given) > _LONGEST or not _is_from_here(request):
        return False
    step, _, rest = given.partition(".")
    drawn, _, rest = rest.partition(".")
    hour, _, digest = rest.partition(".")
    if step != "e1s1" or not keys.matches(_PURPOSE, digest, drawn, hour, browser):
        return False
    made_at = datetime.fromtimestamp(int(hour), UTC)
    if not made_at <= at < made_at + LASTS:
        return False
    # As for the efforts, the table of counters is the memory of what served: whoever counts one is the first.
    spent = counters.key(_PURPOSE, "spent", drawn)
    return counters.add({spent: LASTS}, at=at)[spent] == 1


def _is_from_here(request: HttpRequest) -> bool:
    """No other site sent this form: browsers say so, programs say nothing.

    > RFC 6454 §7.3: Whenever a user agent issues an HTTP request from a "privacy-sensitive" context, the user agent
    > MUST send the value "null" in the Origin header field.
    """
    origin = request.headers.get("Origin", "")
    return origin in ("", settings.PUBLIC_URL) and request.headers.get("Sec-Fetch-Site", "") in _OWN_SITES
