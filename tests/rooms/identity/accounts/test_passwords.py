"""Passwords: the machine's can be copied from paper, people's keep the rules."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preau.identity.accounts import passwords

TEMPORARY = st.text(passwords.ALPHABET, min_size=passwords.TEMPORARY_LENGTH, max_size=passwords.TEMPORARY_LENGTH)
GOOD = "Tilleul-42-vert"


def test_a_temporary_password_is_twelve_signs_nobody_confuses() -> None:
    made = [passwords.make_temporary() for _ in range(200)]
    assert all(len(one) == 12 for one in made) and len(set(made)) == 200
    assert not set("".join(made)) & set("OILU01")


def test_a_temporary_password_holds_the_58_bits_of_a_single_use_secret() -> None:
    assert passwords.TEMPORARY_LENGTH * math.log2(len(set(passwords.ALPHABET))) >= 58


@settings(max_examples=100)
@given(secret=TEMPORARY, between=st.sampled_from(["", " ", "-", "\u00a0", "\u202f", " - ", "\t"]))
def test_a_temporary_password_is_understood_in_any_case_with_or_without_spaces(secret: str, between: str) -> None:
    printed = between.join(secret[start : start + 4] for start in (0, 4, 8))
    for typed in (printed, printed.lower(), f" {printed.title()} "):
        assert passwords.temporary_as_typed(typed) == secret


@settings(max_examples=100)
@given(typed=st.text(max_size=40))
def test_reading_what_was_typed_twice_changes_nothing_more(typed: str) -> None:
    once = passwords.temporary_as_typed(typed)
    assert passwords.temporary_as_typed(once) == once


@pytest.mark.parametrize(
    ("typed", "looks"),
    [
        ("ABCD EFGH JKM2", True),
        ("abcd-efgh-jkm2", True),
        ("ABCD EFGH JKMN", False),  # no digit: may be a name
        ("ABCD EFGH JKM", False),
        ("ABCD EFGH JKM0", False),
        ("e.durand2", False),
    ],
)
def test_what_looks_like_a_temporary_password_is_recognised(typed: str, looks: bool) -> None:
    assert passwords.looks_temporary(typed) is looks


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        (GOOD, []),
        ("une tortue sous la pluie", []),
        ("Tilleul-42v", ["length"]),
        ("Tilleul-42ve", []),
        ("Abcdefgh-1" * 12 + "12345678", []),
        ("Abcdefgh-1" * 12 + "123456789", ["length"]),
        ("tilleulvert42", ["classes"]),
        ("tilleulsousvent", ["classes"]),
        ("tilleulssousvent", []),
        ("Aa1-Aa1-Aa1-", ["common"]),  # four signs only
        ("", ["length", "classes", "common"]),
    ],
)
def test_a_password_breaks_the_rules_it_breaks(password: str, broken: list[str]) -> None:
    assert passwords.broken_rules(password) == broken


@pytest.mark.parametrize("password", ["Belkacem-2026!", "xxBELKACEMxx-42", "2014-03-14-Vélo"])
def test_ones_own_name_or_dates_are_refused_in_any_case(password: str) -> None:
    assert passwords.broken_rules(password, own_words=("belkacem", "2014-03-14")) == ["own"]


def test_a_word_of_three_letters_forbids_nothing() -> None:
    assert passwords.broken_rules(GOOD, own_words=("Til", "")) == []


@pytest.mark.parametrize("password", ["Motdepasse-sur", "MotDePasse-SUR", "Motdepasse-sur123!"])
def test_a_common_password_stays_common_in_capitals_or_with_a_tail(password: str) -> None:
    assert passwords.broken_rules(password, common=frozenset({"motdepasse-sur"})) == ["common"]


@settings(max_examples=150)
@given(password=st.text(max_size=140), own=st.text(min_size=4, max_size=12))
def test_a_password_that_breaks_no_rule_keeps_them_all(password: str, own: str) -> None:
    broken = passwords.broken_rules(password, own_words=(own,))
    assert set(broken) <= {rule.key for rule in passwords.RULES} and len(set(broken)) == len(broken)
    assert ("length" in broken) is not (12 <= len(password) <= 128)
    assert "own" in passwords.broken_rules(password + own, own_words=(own,))
