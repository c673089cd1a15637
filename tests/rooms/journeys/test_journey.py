"""The order of the pages, and what is derived from it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from preau.journeys import journey
from preau.journeys.models import Draft
from preau.journeys.step import Step
from preau.journeys.testing import WroteWhileWalking, reading_only
from tests.rooms.journeys.breakfast import Closed, Drink, Heat, Secret, Table, breakfast

AT = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
MILK = {"boisson": {"drink": "milk"}}
COCOA = {"boisson": {"drink": "cocoa"}}
WARM = {"chaleur": {"heat": 60}}


def pages(answers: dict[str, Any], *, is_closed: bool = False) -> list[str]:
    known = Table(at=AT, answers=answers, is_closed=is_closed)
    return [page.name for page in journey.reachable(breakfast, known)]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, ["boisson"]),
        (MILK, ["boisson", "secret"]),
        (COCOA, ["boisson", "chaleur"]),
        (COCOA | WARM, ["boisson", "chaleur", "secret"]),
        (MILK | {"secret": {}}, ["boisson", "secret", "servir"]),
        (WARM, ["boisson"]),
    ],
)
def test_what_is_known_decides_the_pages(answers: dict[str, Any], expected: list[str]) -> None:
    assert pages(answers) == expected


def test_a_branch_that_ends_hides_everything_after_it() -> None:
    assert pages(MILK, is_closed=True) == ["ferme"]


def test_nothing_after_the_first_page_not_done_is_run() -> None:
    ran: list[str] = []

    def walk(known: Table) -> Iterator[type[Step[Table]]]:
        yield Drink
        ran.append("after")
        yield Secret

    journey.reachable(walk, Table(at=AT))
    assert ran == []


def test_back_is_the_page_before_in_the_list() -> None:
    reached = journey.reachable(breakfast, Table(at=AT, answers=COCOA | WARM))
    assert journey.previous(reached, reached[0]) is None
    assert isinstance(journey.previous(reached, reached[2]), Heat)


def test_the_way_on_is_the_next_page_or_the_first_to_do() -> None:
    reached = journey.reachable(breakfast, Table(at=AT, answers=MILK))
    assert isinstance(journey.following(reached, "boisson"), Secret)
    assert isinstance(journey.following(reached, "chaleur"), Secret)


def test_progress_counts_the_stages_ahead_that_everybody_meets() -> None:
    reached = journey.reachable(breakfast, Table(at=AT))
    marks = journey.progress(breakfast, reached, reached[0])
    assert [(mark.title, mark.is_done, mark.is_current) for mark in marks] == [
        ("Votre boisson", False, True),
        ("Le mot", False, False),
        ("Servir", False, False),
    ]


def test_a_branch_taken_adds_its_stage() -> None:
    reached = journey.reachable(breakfast, Table(at=AT, answers=COCOA))
    marks = journey.progress(breakfast, reached, reached[1])
    assert [mark.title for mark in marks] == ["Votre boisson", "La chaleur", "Le mot", "Servir"]
    assert [mark.is_current for mark in marks].index(True) == 1


def test_a_page_without_a_title_is_not_a_stage_and_an_end_has_nothing_ahead() -> None:
    reached = journey.reachable(breakfast, Table(at=AT, is_closed=True))
    assert isinstance(reached[0], Closed)
    assert journey.progress(breakfast, reached, reached[0]) == []


@pytest.mark.django_db
def test_a_walk_that_writes_is_caught_in_its_tests() -> None:
    with reading_only():
        assert Draft.objects.of("dejeuner").first() is None
    with pytest.raises(WroteWhileWalking), reading_only():
        Draft.objects.purge(at=AT)
