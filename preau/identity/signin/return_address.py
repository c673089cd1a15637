"""``?suite=``: where a person was going when they were asked to sign in. One of our own pages, or nowhere.

A service that asks for a sign-in is not in the address: federation keeps or checks its request, and asks to come back
to its own path.
"""

import re
from functools import lru_cache
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import Resolver404, resolve

PARAMETER = "suite"
_LONGEST = 8000
# Signing out, or in again, is no place to go back to.
_NOWHERE = frozenset({"signin"})
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")


def given(request: HttpRequest) -> str:
    """The address asked for by this request, if it is a good one; otherwise empty."""
    return checked(request.POST.get(PARAMETER, "") or request.GET.get(PARAMETER, ""))


def checked(address: str) -> str:
    """`address` when it is a path of this site that answers, otherwise empty (OWASP: no open redirect)."""
    if not address.startswith("/") or address[1:2] in ("/", "\\") or len(address) > _LONGEST:
        return ""
    if _FORBIDDEN.search(address):
        return ""
    return address if _leads_somewhere(address.partition("?")[0].partition("#")[0]) else ""


def leaves_the_site(address: str) -> bool:
    """Whether this path of ours answers by sending the browser to a service."""
    return address.startswith(("/oidc/authorize?", "/idp/profile/oidc/authorize?"))


def added_to(path: str, address: str) -> str:
    """`path` that will remember to go to `address`."""
    return f"{path}?{urlencode({PARAMETER: address})}" if address else path


@lru_cache(maxsize=256)
def _leads_somewhere(path: str) -> bool:
    try:
        return resolve(path).app_name not in _NOWHERE
    except Resolver404:
        return False
