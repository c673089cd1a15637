"""Who FranceConnect brings: every oddity of the register."""

from datetime import date

import pytest

from preau.identity.franceconnect.identity import Identity, read

WHOLE = {
    "sub": "s" * 64 + "v1", "given_name": "Anne Laure Rose", "given_name_array": ["Anne Laure", "Rose"],
    "family_name": "TROIS-RIVIÈRES", "preferred_username": "DUMONT", "birthdate": "1984-02-29", "gender": "female",
    "birthplace": "2A004", "birthcountry": "99100", "email": "anne@example.org",
}  # fmt: skip


def test_everything_the_register_says_is_kept_as_it_writes_it() -> None:
    assert read(WHOLE) == Identity(
        subject="s" * 64 + "v1", given_names=("Anne Laure", "Rose"), birth_name="TROIS-RIVIÈRES", used_name="DUMONT",
        birth_on=date(1984, 2, 29), gender="female", birthplace="2A004", birthcountry="99100", email="anne@example.org",
    )  # fmt: skip


def test_without_the_array_the_given_names_are_cut_at_spaces() -> None:
    assert read({**WHOLE, "given_name_array": None}).given_names == ("Anne", "Laure", "Rose")
    assert read({**WHOLE, "given_name_array": []}).given_names == ("Anne", "Laure", "Rose")


@pytest.mark.parametrize("partial", ["1992-11-00", "1992-00-00", "1977-00-03", "1992-11", "1992", "1983-02-30"])
def test_a_partial_birth_date_is_no_date_and_is_not_lost(partial: str) -> None:
    somebody = read({**WHOLE, "birthdate": partial})
    assert (somebody.birth_on, somebody.birth_partial) == (None, partial)


@pytest.mark.parametrize("nonsense", ["", "soon", "12/04/1980", "1992-1-1", None, 1992])
def test_what_is_no_birth_date_at_all_is_none(nonsense: object) -> None:
    somebody = read({**WHOLE, "birthdate": nonsense})
    assert (somebody.birth_on, somebody.birth_partial) == (None, "")


def test_only_a_subject_may_be_all_that_is_known() -> None:
    nobody = read({"sub": "x"})
    assert nobody == Identity(subject="x")
    assert (nobody.first_name, nobody.name) == ("", "")


def test_claims_of_another_type_or_gender_are_no_claims() -> None:
    odd = read({"sub": "x", "family_name": ["A"], "given_name": 3, "gender": "other", "given_name_array": "Anne"})
    assert odd == Identity(subject="x")


def test_a_name_cannot_turn_the_reading_round() -> None:
    assert read({"sub": "x", "family_name": "NEVES\u202egirig\u2066\n  X"}).birth_name == "NEVESgirig X"


@pytest.mark.parametrize(
    ("birthdate", "is_minor"),
    [
        ("2008-11-24", False),
        ("2008-11-25", True),
        ("2008-02-29", False),
        ("2012-05-05", True),
        # Partial: read as early as it can be, so that doubt refuses nobody.
        ("2008", False),
        ("2009", True),
        ("2008-11-00", False),
        ("2008-12", True),
        ("2010-00-03", True),
        ("", False),
        ("0000", False),
    ],
)
def test_a_minor_is_surely_under_eighteen(birthdate: str, is_minor: bool) -> None:
    assert read({"sub": "x", "birthdate": birthdate}).is_minor(date(2026, 11, 24)) is is_minor
