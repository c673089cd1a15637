"""Moving the town's clock."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from preau import clock
from preau.simulators.clock import moves


@pytest.fixture
def file(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file all sites read."""
    path = tmp_path / "far" / "clock"
    settings.CLOCK_FILE = str(path)
    monkeypatch.setenv("PREAU_CLOCK_FILE", str(path))
    yield path


def moved() -> timedelta:
    """How far the clock is from this machine's."""
    return clock.now() - datetime.now(UTC)


def test_an_hour_later_is_an_hour_later_and_pushes_add_up(client: Client, file: Path) -> None:
    for hours in (1, 2):
        client.post("/horloge/", {"move": "hour"})
        assert abs(moved() - timedelta(hours=hours)) < timedelta(seconds=5)


def test_three_months_are_months_of_the_calendar() -> None:
    assert moves.three_months_after(datetime(2026, 11, 30, 9, tzinfo=UTC)).date() == date(2027, 2, 28)
    assert moves.three_months_after(datetime(2026, 1, 15, 9, tzinfo=UTC)).date() == date(2026, 4, 15)


def test_a_day_keeps_its_hour_in_france_when_the_hour_changes() -> None:
    before = datetime(2026, 10, 24, 8, 0, tzinfo=UTC)  # 10:00 in Paris, the day before winter time
    assert moves.on_the_day(before, date(2026, 10, 25)).astimezone(UTC).hour == 9


def test_one_can_go_to_the_day_of_an_old_export(client: Client, file: Path) -> None:
    client.post("/horloge/", {"move": "date", "day_day": "2", "day_month": "11", "day_year": "2009"})
    assert clock.today(clock.now()) == date(2009, 11, 2)
    assert "2 novembre 2009" in client.get("/horloge/").content.decode().replace("\xa0", " ")


def test_a_wrong_date_moves_nothing_and_says_why(client: Client, file: Path) -> None:
    page = client.post("/horloge/", {"move": "date", "day_day": "31", "day_month": "2", "day_year": "2009"})
    assert page.status_code == 200 and not file.exists()
    assert "Ce mois-là n’a que 28 jours" in page.content.decode()


def test_back_to_now_is_now(client: Client, file: Path) -> None:
    client.post("/horloge/", {"move": "months"})
    assert moved() > timedelta(days=80)
    client.post("/horloge/", {"move": "now"})
    assert abs(moved()) < timedelta(seconds=5)


def test_without_a_file_the_page_says_how(client: Client, settings: Any) -> None:
    settings.CLOCK_FILE = ""
    assert "PREAU_CLOCK_FILE" in client.post("/horloge/", {"move": "hour"}).content.decode()
