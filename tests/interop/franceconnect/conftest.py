"""The provider of these tests, and a family our site knows."""

from collections.abc import Iterator
from typing import Any

import pytest

from preau import clock
from preau.identity.franceconnect import client
from tests.interop.franceconnect.house import CLIENT, SECRET, House, running
from tests.rooms.identity.signin import people


@pytest.fixture(scope="session")
def elliptic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """FranceConnect as it is configured for us: ES256."""
    with running(tmp_path_factory.mktemp("es256")) as found:
        yield found


@pytest.fixture
def house(elliptic: House, settings: Any) -> Iterator[House]:
    """FranceConnect, as this site knows it."""
    yield from known(elliptic, settings)


def known(found: House, settings: Any) -> Iterator[House]:
    """The settings of this site name it."""
    settings.FRANCECONNECT_ISSUER, settings.FRANCECONNECT_CLIENT_ID = found.issuer, CLIENT
    settings.FRANCECONNECT_CLIENT_SECRET = SECRET
    client.forget()
    yield found
    found.break_it()
    client.forget()


@pytest.fixture
def family(db: None) -> people.Family:
    """Samira Belkacem and her children."""
    return people.family(clock.now())
