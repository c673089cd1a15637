"""Which school year a day belongs to. A year is named by its rentrée: 2026 is 2026-2027. Pure rules."""

from datetime import date

# SIECLE opens the new year's base in August; the new year's files can be exported from then on.
_FIRST_MONTH = 8


def of(day: date) -> int:
    """The school year running on `day`, named by the year of its rentrée."""
    return day.year if day.month >= _FIRST_MONTH else day.year - 1


def label(year: int) -> str:
    """`2026` → `2026-2027`, as people say it."""
    return f"{year}-{year + 1}"
