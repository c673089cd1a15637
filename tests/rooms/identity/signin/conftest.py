"""The family of these tests, on a clock that moves."""

from pathlib import Path

import pytest

from tests.rooms.identity.franceconnect.fixtures import franceconnect, simulators
from tests.rooms.identity.signin import people

__all__ = ["franceconnect", "simulators"]


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> people.Clock:
    """A clock one can move forward."""
    file = tmp_path / "clock"
    monkeypatch.setenv("PREAU_CLOCK_FILE", str(file))
    return people.Clock(file)


@pytest.fixture
def family(db: None, clock: people.Clock) -> people.Family:
    """Samira Belkacem and her children, « Non notifiés »."""
    return people.family(clock.now())
