"""A browser in front of the site, and the small provider behind it. Nothing is replaced: HTTP on both sides."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.http import HttpResponse
from django.test import Client

from preau.eservices.signin import provider as preau_as_we_see_it
from tests.rooms.eservices.small_provider import SmallProvider


@pytest.fixture
def provider(settings: Any) -> Iterator[SmallProvider]:
    """The provider, well-behaved until told otherwise; the site is configured for it and has forgotten any other."""
    small = SmallProvider()
    settings.ISSUER, settings.CLIENT_SECRET = small.issuer, small.client_secret
    preau_as_we_see_it.preau.cache_clear()
    yield small
    preau_as_we_see_it.preau().http.close()
    preau_as_we_see_it.preau.cache_clear()
    small.close()


@dataclasses.dataclass
class Browser:
    """Django's client for our side, plain HTTP for the provider's."""

    client: Client

    def get(self, path: str) -> HttpResponse:
        """A page of ours."""
        return self.client.get(path)

    def leave(self, path: str = "/connexion/") -> str:
        """Start signing in; the address of the provider's answer, not yet followed."""
        sent = self.client.get(path)
        assert sent.status_code == 302, sent.content.decode()
        with requests.get(sent["Location"], allow_redirects=False, timeout=5) as answered:
            address = urlsplit(answered.headers["Location"])
        return f"{address.path}?{address.query}"

    def sign_in(self, path: str = "/connexion/") -> HttpResponse:
        """The whole way there and back."""
        return self.client.get(self.leave(path))


@pytest.fixture
def browser(db: None, provider: SmallProvider) -> Browser:
    """A browser without any cookie."""
    return Browser(Client(enforce_csrf_checks=False))


@dataclasses.dataclass
class TownClock:
    """The development clock, on a file that the site reads at each request."""

    path: Path
    hours: float = 0

    def advance(self, **amount: float) -> None:
        """Let time pass: minutes=5, hours=9…"""
        self.hours += timedelta(**amount).total_seconds() / 3600
        self.path.write_text(str(self.hours * 3600), encoding="ascii")


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TownClock:
    """A clock one can push."""
    monkeypatch.setenv("PREAU_CLOCK_FILE", str(tmp_path / "clock"))
    return TownClock(tmp_path / "clock")
