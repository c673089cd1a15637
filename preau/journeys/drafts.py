"""Where a walk keeps what was answered: a draft bound to the browser by a cookie, or nothing at all."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from preau.journeys.models import Draft


class Trail(Protocol):
    """What a journey needs of the place that remembers."""

    ref: str
    facts: dict[str, Any]
    answers: dict[str, Any]
    outcome: str

    def locked(self) -> "Trail":
        """The same, freshly read and held until the transaction ends."""

    def remember(self, answers: dict[str, Any]) -> None:
        """Keep these answers, and only these."""

    def finish(self, outcome: str) -> None:
        """The walk is over and ended at that address; forget the answers."""


@dataclass
class NoDraft:
    """For a journey where each page acts at once and the database itself tells what is done."""

    ref: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    outcome: str = ""

    def locked(self) -> "NoDraft":
        """Nothing to hold."""
        return self

    def remember(self, answers: dict[str, Any]) -> None:
        """Nothing to keep."""

    def finish(self, outcome: str) -> None:
        """Nothing to close."""


def begin(
    response: HttpResponse,
    *,
    journey: str,
    facts: dict[str, Any],
    at: datetime,
    lifetime: timedelta = timedelta(hours=1),
) -> Draft:
    """Open a draft for the browser that receives `response`. `facts` are what the server knows about who walks.

    The cookie holds a random key, the row only its keyed digest: neither a leaked table nor a guessed number opens one.
    """
    key = secrets.token_urlsafe(32)
    draft = Draft.objects.create(
        key_digest=Draft.digest(key),
        ref=secrets.token_hex(8),
        journey=journey,
        facts=facts,
        started_at=at,
        expires_at=at + lifetime,
    )
    response.set_cookie(
        cookie_name(journey), key, max_age=lifetime, secure=settings.CSRF_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
    return draft


def of_browser(request: HttpRequest, journey: str) -> Draft | None:
    """The draft of this browser for that journey, while it lasts."""
    key = request.COOKIES.get(cookie_name(journey), "")
    at: datetime = request.at  # type: ignore[attr-defined]
    return Draft.objects.of(journey).opened_by(key).open_at(at).first() if key else None


def cookie_name(journey: str) -> str:
    """One cookie per journey: two different journeys may be walked side by side."""
    return f"{getattr(settings, 'COOKIE_PREFIX', '')}parcours-{journey}"
