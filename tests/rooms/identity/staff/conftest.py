"""A portal that listens, a school it knows, and the small town of the desk."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from preau import clock
from preau.identity.directory.models import Academy, School
from preau.identity.staff import portal as client
from tests.rooms.identity.console.world import World, make_world
from tests.rooms.identity.staff.portal_apart import Portal, running


@pytest.fixture
def portal(settings: Any) -> Iterator[Portal]:
    """The staff portal of the settings, for this test."""
    with running() as found:
        settings.STAFF_PORTAL_ISSUER = found.issuer
        client.forget()
        yield found
    client.forget()


@pytest.fixture
def school(db: None) -> School:
    """Collège Élise-Deroche."""
    academy = Academy.objects.create(code="099", name="Académie Fictive")
    return School.objects.create(uai="0991234D", name="Collège Élise-Deroche", academy=academy)


@pytest.fixture
def world(db: None, moving: "Moving") -> World:
    """The town."""
    return make_world(moving.at)


class Moving:
    """The instant of the requests: a test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at


@pytest.fixture
def moving(at: datetime, monkeypatch: pytest.MonkeyPatch) -> Moving:
    """A clock that only the test moves."""
    hands = Moving(at)
    monkeypatch.setattr(clock, "now", lambda: hands.at)
    return hands
