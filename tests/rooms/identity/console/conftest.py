"""The small town of the desk, at an instant the requests share."""

from datetime import datetime

import pytest

from preau import clock
from tests.rooms.identity.console.world import World, make_world


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Now, frozen: the instant the world was made is that of the requests."""
    instant = clock.now()
    monkeypatch.setattr(clock, "now", lambda: instant)
    return instant


@pytest.fixture
def world(db: None, at: datetime) -> World:
    """The town."""
    return make_world(at)
