"""School years are named by their rentrée."""

from datetime import date

import pytest

from preau.identity.directory import school_year


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2009, 11, 2), 2009), (date(2010, 6, 30), 2009), (date(2026, 8, 1), 2026), (date(2026, 7, 31), 2025)],
)
def test_a_day_belongs_to_the_year_of_its_rentree(day, year):
    assert school_year.of(day) == year


def test_a_year_is_said_with_both_its_numbers():
    assert school_year.label(2026) == "2026-2027"
