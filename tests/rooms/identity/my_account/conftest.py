"""The family of these tests, on a clock that moves, and the browsers of those who sign in."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from preau.identity.accounts.models import Account
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


@pytest.fixture
def samira(family: people.Family, clock: people.Clock) -> Account:
    """Active since two days, her address confirmed."""
    return people.active(family.account, at=clock.now() - timedelta(days=2))


@pytest.fixture
def her_browser(client: Client, samira: Account) -> Client:
    """Where she has just signed in."""
    people.sign_in(client, samira.username, people.PASSWORD)
    return client


@pytest.fixture
def ines(family: people.Family, clock: people.Clock) -> Account:
    """Inès, active, without an address."""
    return people.active(family.ines_account, at=clock.now() - timedelta(days=2), email="")


@pytest.fixture
def her_pupil_browser(ines: Account) -> Client:
    """Where Inès has just signed in, and confirmed that it is her."""
    client = Client()
    people.sign_in(client, ines.username, people.PASSWORD, profile="eleve")
    people.confirm(client)
    return client
