"""FranceConnect, listening for these tests and those of the pages that send people there."""

from tests.rooms.identity.franceconnect.fixtures import franceconnect, simulators

__all__ = ["franceconnect", "simulators"]
