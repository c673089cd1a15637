"""A FranceConnect for one test: all its switches off, nothing remembered of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from preau.identity.franceconnect import client
from tests.rooms.identity.franceconnect.simulator import FranceConnect, running

SAMIRA = {
    "login": "samira", "who": "Mère d’Inès et d’Hugo", "given_names": "Samira,Leïla", "family_name": "BELKACEM",
    "birthdate": "1984-02-11", "gender": "female", "birthplace": "99300", "birthcountry": "99100",
    "email": "samira.belkacem@example.org",
}  # fmt: skip


@pytest.fixture(scope="session")
def simulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FranceConnect]:
    """The site of the simulators, started once."""
    var = tmp_path_factory.mktemp("simulators")
    cast = var / "cast.json"
    cast.write_text(json.dumps({"citizens": [SAMIRA]}), encoding="utf-8")
    with running(var, cast) as site:
        yield site


@pytest.fixture
def franceconnect(simulators: FranceConnect, settings: Any) -> Iterator[FranceConnect]:
    """FranceConnect, as this site knows it."""
    settings.FRANCECONNECT_ISSUER = simulators.issuer
    client.forget()
    yield simulators
    simulators.break_it()
    client.forget()
