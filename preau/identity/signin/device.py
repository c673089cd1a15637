"""The browser, remembered by a signed cookie: it has its own tries, and knows the accounts that signed in from it.

The cookie identifies nobody by itself: a random number and, for each account met, a keyed digest
(OWASP's device cookies). What ends the visits ends that too: after a new password only the browser where it was chosen
is still known, and whoever knew the old one is a stranger again (docs/decisions/0027).
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from preau.identity import keys
from preau.identity.accounts.models import Account

COOKIE = f"{settings.COOKIE_PREFIX}appareil"
LASTS = timedelta(days=400)  # browsers keep no cookie longer (RFC 6265bis)
_SALT = "preau.signin.device"
_ACCOUNTS_KEPT = 8
_KINDS = (("ipad", "tablette"), ("tablet", "tablette"), ("mobi", "téléphone"), ("android", "tablette"))


@dataclass(frozen=True)
class Device:
    """A browser. Without its cookie it has no number of its own, and shares the tries of its network."""

    number: str = ""
    accounts: tuple[str, ...] = ()

    def is_familiar(self, account: Account | None) -> bool:
        """The holder of the account signed in from here before, and nothing happened to what opens it since."""
        return account is not None and _mark(account) in self.accounts


def of(request: HttpRequest) -> Device:
    """The device behind a request, read once. A forged or damaged cookie is no cookie."""
    if not hasattr(request, "_device"):
        request._device = _read(request)  # type: ignore[attr-defined]
    device: Device = request._device  # type: ignore[attr-defined]
    return device


def greet(request: HttpRequest, response: HttpResponse) -> None:
    """Give a number to a browser that has none: done by the pages that hold a form to guess at."""
    if not of(request).number:
        request._device = Device(secrets.token_hex(12))  # type: ignore[attr-defined]
        _keep(response, of(request))


def remember(request: HttpRequest, response: HttpResponse, account: Account) -> None:
    """The holder has just signed in, or chosen a password, from here: `account` as it is written now."""
    device, mine = of(request), _whose(account)
    others = [mark for mark in device.accounts if not mark.startswith(mine)]
    _keep(response, Device(device.number or secrets.token_hex(12), (_mark(account), *others)[:_ACCOUNTS_KEPT]))


def kind(request: HttpRequest) -> str:
    """« téléphone », « tablette » or « ordinateur », for the holder to recognise a visit."""
    described = request.META.get("HTTP_USER_AGENT", "").lower()
    return next((word for sign, word in _KINDS if sign in described), "ordinateur")


def _read(request: HttpRequest) -> Device:
    try:
        number, *accounts = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError, TypeError):
        return Device()
    return Device(number, tuple(accounts))


def _keep(response: HttpResponse, device: Device) -> None:
    value = signing.dumps([device.number, *device.accounts], salt=_SALT)
    response.set_cookie(COOKIE, value, max_age=LASTS, secure=settings.HTTPS, httponly=True, samesite="Lax")


def _mark(account: Account) -> str:
    since = str(account.credentials_changed_at.timestamp())
    return f"{_whose(account)}{keys.pseudonym('signin/device-since', str(account.pk), since)[:8]}"


def _whose(account: Account) -> str:
    return keys.pseudonym("signin/device", str(account.pk))[:16]
