"""What EduConnect's strict rules answer a family: pure rules, one datum wrong at a time."""

from dataclasses import replace
from datetime import date

import pytest

from preau.demo.deploy.families import Child, Household, Recorded
from preau.demo.deploy.strict import Way, ways_in, ways_in_after_correction

BORN, OTHER_DAY = date(2014, 3, 14), date(2014, 3, 15)
MOBILE, OLD = "+33639980101", "+33639980102"
RECORD = Recorded("0991500T", 1, "MARTIN", "", "Sophie", MOBILE, "s@example.org", (BORN,), (BORN,))
FAMILY = Household(
    number=1, title="MME", birth_name="MARTIN", used_name="", given_names=("Sophie", "Anne"), writes_surname="Martin",
    mobile=MOBILE, email="s@example.org", children=(Child(1, "0991500T", "Collège", "Léa", BORN),), records=(RECORD,),
    has_franceconnect=True, is_franceconnect_first=True, is_used_name_registered=True, has_letter=False,
    has_old_account=False, slips=False,
)  # fmt: skip


def known_as(**changes: object) -> Household:
    """The family, the base being wrong about it."""
    return replace(FAMILY, records=(replace(RECORD, **changes),))  # type: ignore[arg-type]


def test_a_family_the_base_is_right_about_gets_in_by_franceconnect_and_by_mobile() -> None:
    assert ways_in(FAMILY) == {Way.FRANCECONNECT, Way.MOBILE}
    assert ways_in(replace(FAMILY, has_franceconnect=False)) == {Way.MOBILE}


def test_case_accents_and_hyphens_are_forgiven() -> None:
    compound = replace(known_as(birth_name="LE GOFF", first_name="Anne Lise"), writes_surname="Le Goff-")
    assert Way.MOBILE in ways_in(replace(compound, given_names=("ANNE-LISE", "")))


@pytest.mark.parametrize("known", ["", OLD], ids=["unknown", "old"])
def test_a_mobile_the_base_does_not_know_shuts_both_doors(known: str) -> None:
    assert not ways_in(known_as(mobile=known))
    assert ways_in_after_correction(known_as(mobile=known)) == {Way.FRANCECONNECT, Way.MOBILE}


def test_another_name_in_the_base_shuts_the_mobile_only() -> None:
    for changes in ({"birth_name": "DURAND"}, {"first_name": "Sophie Anne"}, {"first_name": "Soph1e"}):
        assert ways_in(known_as(**changes)) == {Way.FRANCECONNECT}
    assert ways_in(known_as(birth_name="DURAND", used_name="MARTIN")) == {Way.FRANCECONNECT, Way.MOBILE}


def test_with_a_shared_number_franceconnect_compares_names_too() -> None:
    assert ways_in(known_as(is_mobile_shared=True)) == {Way.FRANCECONNECT, Way.MOBILE}
    assert not ways_in(known_as(is_mobile_shared=True, first_name="Paul"))


@pytest.mark.parametrize("births", [(OTHER_DAY,), (None,), ()], ids=["wrong", "missing", "none"])
def test_all_the_dates_must_be_right_whatever_the_way(births: tuple[date | None, ...]) -> None:
    family = replace(known_as(births=births), has_letter=True, has_old_account=True)
    assert not ways_in(family) and not ways_in_after_correction(family)


def test_no_code_leaves_for_a_foreign_number() -> None:
    assert not ways_in(replace(known_as(mobile="+12025550101"), mobile="+12025550101"))


def test_a_letter_or_an_old_account_needs_an_address_that_answers() -> None:
    family = replace(known_as(mobile=OLD), has_letter=True, has_old_account=True)
    assert ways_in(family) == {Way.LETTER, Way.OLD_ACCOUNT}
    assert not ways_in(replace(family, email=""))


def test_who_is_no_legal_guardian_in_the_base_is_refused_everywhere() -> None:
    assert not ways_in(replace(known_as(is_legal=False), has_letter=True))


def test_one_school_that_is_right_is_enough() -> None:
    elsewhere = replace(RECORD, school="0991501U", key=2, mobile=OLD)
    assert ways_in(replace(FAMILY, records=(elsewhere, RECORD))) == {Way.FRANCECONNECT, Way.MOBILE}
