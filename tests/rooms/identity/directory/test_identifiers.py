"""UAI and INE: forms and keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.identity.directory import identifiers
from preau.identity.directory.identifiers import IneKind


@pytest.mark.parametrize("uai", ["0999901Z", "0999902A", "0999903B", "0210066H", "0991234D"])
def test_a_uai_whose_letter_follows_from_its_digits_is_taken(uai):
    assert identifiers.uai(uai) == uai


@pytest.mark.parametrize("written", [" 0210066h ", "021 0066 H", "0210066-h"])
def test_a_uai_typed_in_lower_case_or_with_spaces_is_taken(written):
    assert identifiers.uai(written) == "0210066H"


@pytest.mark.parametrize(
    "wrong", ["0750001A", "0770003J", "0123456A", "", "0210066", "021006HH", "0210066O", "٠٢١٠٠٦٦H"]
)
def test_a_school_cannot_be_created_under_a_wrong_code(wrong):
    with pytest.raises(identifiers.NotAUai):
        identifiers.uai(wrong)


@given(st.integers(0, 9_999_999))
def test_every_number_has_one_key_letter_and_only_one(number):
    digits = f"{number:07d}"
    assert sum(identifiers.has_uai_key(digits + letter) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 1


@pytest.mark.parametrize(
    "ine", ["990000101DJ", "990000102DH", "990000103DG", "990000104DF", "990000105DE", "990000106DD", "990000201DF"]
)
def test_the_keys_of_national_numbers_are_recognised(ine):
    assert identifiers.ine_kind(ine) is IneKind.RNIE
    assert identifiers.has_ine_key(ine) is True


def test_the_keys_of_academic_numbers_are_recognised():
    assert identifiers.ine_kind("9900000101A") is IneKind.BEA
    assert identifiers.has_ine_key("9900000101A") is True
    assert identifiers.has_ine_key("9900000101B") is False


@pytest.mark.parametrize("placeholder", ["100000000AA", "111111111HA"])
def test_a_made_up_number_has_a_wrong_key(placeholder):
    assert identifiers.has_ine_key(placeholder) is False


def test_a_key_whose_rule_nobody_published_is_not_judged():
    assert identifiers.has_ine_key("0123A45678Z") is None
    assert identifiers.has_ine_key("0ABCDEFGHI7") is None


def test_what_looks_like_a_school_code_is_no_pupil_number():
    assert identifiers.ine_kind("9999999C") is None


def test_the_department_is_the_beginning_of_the_code():
    assert identifiers.department("9740001A") == "974"
