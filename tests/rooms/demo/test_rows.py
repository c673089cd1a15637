"""Identifiers the demo makes up: valid keys, and nobody's."""

import pytest

from preau.demo import rows
from preau.demo.cast import OTHER_SCHOOL, SCHOOL


def test_the_schools_of_the_demo_have_valid_uai_keys() -> None:
    for school in (SCHOOL, OTHER_SCHOOL):
        assert rows.uai_with_key(school.uai[:7]) == school.uai


def test_ine_of_both_kinds_have_the_keys_of_the_specification() -> None:
    assert [rows.ine_rnie(number) for number in (101, 102, 201)] == ["990000101DJ", "990000102DH", "990000201DF"]
    assert rows.ine_bea(101) == "9900000101A"


def test_a_number_too_long_for_an_ine_is_refused() -> None:
    with pytest.raises(ValueError, match="seven digits"):
        rows.ine_rnie(10_000_000)
