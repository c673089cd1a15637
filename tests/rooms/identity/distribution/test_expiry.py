"""How long a temporary password lives."""

from datetime import UTC, date, datetime, timedelta

import pytest

from preau.clock import PARIS
from preau.identity.accounts.models import Channel
from preau.identity.distribution import expiry


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[misc]


def test_a_letter_lives_three_months_and_its_last_day_counts_whole() -> None:
    made = paris(2026, 11, 23, 10, 0)
    expires = expiry.expires_at("letter", made)
    assert expiry.last_day(expires) == date(2027, 2, 23)
    assert expires == paris(2027, 2, 24).astimezone(UTC)


def test_what_a_form_tutor_hands_over_lives_48_hours() -> None:
    made = paris(2026, 11, 23, 18, 42)
    assert expiry.expires_at("tutor", made) == made + timedelta(hours=48)


@pytest.mark.parametrize(
    ("made", "last"),
    [
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 10, 31), date(2027, 1, 31)),
        (date(2026, 12, 31), date(2027, 3, 31)),
        (date(2028, 2, 29), date(2028, 5, 29)),
    ],
)
def test_a_shorter_month_ends_earlier(made: date, last: date) -> None:
    assert expiry.last_day(expiry.expires_at("sheet", paris(made.year, made.month, made.day, 8))) == last


def test_the_day_is_the_french_one() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # 24 November, 0:30 in Paris
    assert expiry.last_day(expiry.expires_at("letter", late)) == date(2027, 2, 24)


def test_summer_time_changes_no_last_day() -> None:
    expires = expiry.expires_at("letter", paris(2027, 1, 15, 12))
    assert expiry.last_day(expires) == date(2027, 4, 15)
    assert expires == datetime(2027, 4, 15, 22, tzinfo=UTC)


def test_every_channel_has_a_life() -> None:
    assert set(expiry.LIVES) == set(Channel.values)
