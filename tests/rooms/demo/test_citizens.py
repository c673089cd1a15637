"""The guardians of the cast, as FranceConnect knows them."""

from datetime import date

from preau.demo.cast import cast_on
from preau.demo.citizens import citizens
from preau.identity.franceconnect.identity import read

DAY = date(2026, 11, 24)
CAST = cast_on(DAY)
TOWN = {one["login"]: one for one in citizens(CAST)}


def test_every_human_guardian_is_one_of_them_and_the_body_is_not() -> None:
    assert f"ville-{CAST.samira.key}" in TOWN and f"ville-{CAST.welfare.key}" not in TOWN
    assert len(TOWN) == len([row for row in CAST.guardians if row.title])
    assert len(TOWN) == len(citizens(CAST)), "each has a login of their own"


def test_names_and_civility_are_those_of_the_base() -> None:
    sylvie = TOWN[f"ville-{CAST.sylvie.key}"]
    assert (sylvie["family_name"], sylvie["used_name"], sylvie["gender"]) == ("PERRIN", "DUVAL", "female")
    samira = TOWN[f"ville-{CAST.samira.key}"]
    assert samira["given_names"].split(",")[0] == "Samira" and samira["email"] == CAST.samira.email
    assert samira["who"] == "Responsable : Inès BELKACEM (5E B), Hugo FAURE (6E A)"
    assert TOWN[f"ville-{CAST.yvonne.key}"]["who"].startswith("Pas responsable légal")


def test_all_of_them_are_adults() -> None:
    for one in TOWN.values():
        assert not read({"sub": one["login"], "birthdate": one["birthdate"]}).is_minor(DAY), one["who"]


def test_the_adult_pupil_is_one_human_with_one_birth_date() -> None:
    assert TOWN[f"ville-{CAST.tidiane_himself.key}"]["birthdate"] == f"{CAST.tidiane.birth_on}"
