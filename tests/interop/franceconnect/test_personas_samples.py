"""The personas of FranceConnect's own integration platform, each through the door: read where the samples are."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from preau import clock
from preau.identity.franceconnect import sealing
from preau.identity.franceconnect.identity import read
from preau.journeys.models import Draft
from tests.interop.franceconnect.conftest import known
from tests.interop.franceconnect.house import House, running

CLAIMS = (
    *("given_name", "family_name", "preferred_username", "birthdate", "gender", "birthplace", "birthcountry", "email"),
)


@pytest.fixture(scope="module")
def personas(samples: Path) -> dict[str, dict[str, Any]]:
    """Login → claims; an empty cell is an absent claim."""
    with (samples / "franceconnect" / "fc-low-personas-base.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row.get("login")]
    people = {row["login"]: {name: row[name] for name in CLAIMS if row.get(name)} for row in rows}
    for claims in people.values():
        if "given_name" in claims:
            claims["given_name_array"] = claims["given_name"].split()
    return people


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, personas: dict[str, dict[str, Any]]) -> Iterator[House]:
    """The provider, with them in its register."""
    with running(tmp_path_factory.mktemp("personas"), citizens=personas) as found:
        yield found


def test_every_persona_comes_through_with_what_the_register_says(
    platform: House, personas: dict[str, dict[str, Any]], settings: Any, db: None
) -> None:
    today = clock.today(clock.now())
    minors = set()
    for house in known(platform, settings):
        for login, claims in personas.items():
            browser = Client()
            answer = browser.get(
                "/connexion/franceconnect/retour/",
                house.come_in(browser.get("/connexion/franceconnect/")["Location"], login),
            )
            expected = read({"sub": "", **claims})
            if answer.status_code == 403:
                minors.add(login)
                assert expected.is_minor(today), login
                continue
            found = sealing.unseal(Draft.objects.latest("pk").facts["identity"])
            assert {**vars(found), "subject": ""} == vars(expected), login
    assert len(personas) > 30 and {"moins_16_ans"} <= minors < set(personas)
