"""Second factors: what is one, and how long it holds."""

from datetime import datetime, timedelta

import pytest

from preau.identity.staff import factors


@pytest.mark.parametrize("amr", [["otp"], ["pwd", "mfa"], ["hwk", "pwd"], ["swk"], ["sc"], ["fpt"], ["pop"], ["totp"]])
def test_a_real_factor_proved_this_hour_counts(amr: list[str], at: datetime) -> None:
    assert factors.of_portal(amr, proved_at=at - timedelta(minutes=59), at=at)


@pytest.mark.parametrize("amr", [[], ["pwd"], ["sms"], ["mail"], ["kba", "pin"], ["tel"], ["OTP "], ["wia"]])
def test_a_password_a_text_message_or_nothing_is_none(amr: list[str], at: datetime) -> None:
    assert factors.of_portal(amr, proved_at=at, at=at) == ""


@pytest.mark.parametrize("since", [timedelta(hours=1), timedelta(days=1), timedelta(minutes=-5)])
def test_an_old_proof_or_one_of_the_future_is_none(since: timedelta, at: datetime) -> None:
    assert factors.of_portal(["otp"], proved_at=at - since, at=at) == ""


def test_no_instant_is_no_proof(at: datetime) -> None:
    assert factors.of_portal(["otp"], proved_at=None, at=at) == "" and not factors.is_recent(None, at=at)


def test_our_own_opens_the_grave_deeds_for_ten_minutes(at: datetime) -> None:
    assert factors.is_recent(at - timedelta(minutes=9, seconds=59), at=at)
    assert not factors.is_recent(at - timedelta(minutes=10), at=at) and not factors.is_recent(at + timedelta(1), at=at)
