"""Usernames: what names become, and what people type back."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preau.identity.accounts import usernames

NAMES = st.text(max_size=60)


@pytest.mark.parametrize(
    ("first_name", "surname", "expected"),
    [
        ("Emma", "Durand", "e.durand"),
        ("Élise", "DURAND-N’DIAYE", "e.durandndiaye"),
        ("Chloé", "D'Alençon", "c.dalencon"),
        ("Œdipe", "LE BŒUF", "o.leboeuf"),
        ("Ælfric", "Groß", "a.gross"),
        ("Łukasz", "Żółć", "l.zolc"),
        ("İbrahim", "Yıldız", "i.yildiz"),
        ("Jean-Pierre", "de La Tour d’Auvergne", "j.delatourdauvergne"),
        ("Anna", "Kowalski 2", "a.kowalski"),
        ("Léa", "™", "l.tm"),
        ("明", "王", "x.x"),
        ("", "", "x.x"),
    ],
)
def test_a_name_gives_its_stem(first_name: str, surname: str, expected: str) -> None:
    assert usernames.stem(first_name, surname) == expected


def test_accents_written_in_two_signs_give_the_same_stem_as_in_one() -> None:
    assert usernames.stem("Éva", "Mélé") == usernames.stem("E\u0301va", "Me\u0301le\u0301") == "e.mele"


def test_a_very_long_name_is_cut() -> None:
    assert usernames.stem("A", "b" * 80) == "a." + "b" * 40


def test_the_first_holder_has_no_number_and_the_others_count_from_two() -> None:
    assert [usernames.numbered("e.durand", n) for n in (1, 2, 3)] == ["e.durand", "e.durand2", "e.durand3"]


@pytest.mark.parametrize("typed", ["e.durand2", "E.DURAND2", " e.durand2 ", "É.Durand 2", "e.durand2\u00a0"])
def test_a_username_is_understood_however_it_is_typed(typed: str) -> None:
    assert usernames.normalised(typed) == "e.durand2"


@settings(max_examples=200)
@given(first_name=NAMES, surname=NAMES, number=st.integers(1, 9999))
def test_any_name_gives_lower_case_letters_that_typing_them_gives_back(
    first_name: str, surname: str, number: int
) -> None:
    base = usernames.stem(first_name, surname)
    assert re.fullmatch(r"[a-z]\.[a-z]{1,40}", base)
    given_name = usernames.numbered(base, number)
    assert usernames.normalised(given_name) == usernames.normalised(given_name.upper()) == given_name
