"""Samira and Inès, both active, on a clock that moves."""

from pathlib import Path

import pytest

from preau.identity.accounts import lifecycle
from tests.rooms.identity.recovery.walkers import MOBILE, Household
from tests.rooms.identity.signin import people


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> people.Clock:
    """A clock one can move forward."""
    file = tmp_path / "clock"
    monkeypatch.setenv("PREAU_CLOCK_FILE", str(file))
    return people.Clock(file)


@pytest.fixture
def family(db: None, clock: people.Clock) -> Household:
    """A guardian who proved an address and a mobile, a pupil who proved an address; a minute has passed since."""
    family = people.family(clock.now())
    family.guardian.mobile = MOBILE
    family.guardian.save()
    people.active(family.account, at=clock.now())
    lifecycle.confirm_mobile(family.account, mobile=MOBILE, by=family.account.key, at=clock.now())
    people.active(family.ines_account, at=clock.now(), email="ines@example.org")
    clock.forward(minutes=1)
    return Household(family, clock)
