"""The drawing comes from the text of the walk."""

from collections.abc import Iterator
from typing import Any

from preau.journeys import drawing
from tests.rooms.journeys.breakfast import Closed, Drink, Heat, Secret, Serve, Table, breakfast


def test_the_lines_are_the_yields_with_their_conditions() -> None:
    assert [(line.step, line.conditions, line.is_end) for line in drawing.lines(breakfast)] == [
        (Closed, ("is_closed",), True),
        (Drink, (), False),
        (Heat, ("drink == 'cocoa'",), False),
        (Secret, (), False),
        (Serve, (), False),
    ]


def test_a_walk_is_drawn_with_its_branches() -> None:
    drawn = drawing.mermaid(breakfast)
    assert drawn.startswith("flowchart TD\n")
    assert drawn.splitlines()[1:] == [
        "    start([start])",
        '    start --> q1{"is_closed ?"}',
        '    q1 -- yes --> p1(["ferme"])',
        '    q1 -- no --> p2["Votre boisson"]',
        "    p2 --> q2{\"drink == 'cocoa' ?\"}",
        '    q2 -- yes --> p3["La chaleur"]',
        '    p3 --> p4["Le mot"]',
        "    q2 -- no --> p4",
        '    p4 --> p5["Servir"]',
        "    p5 --> finish([end])",
    ]


def either(known: Table) -> Iterator[type[Any]]:
    if known.drink == "cocoa":
        yield Heat
    else:
        yield Secret
    yield Serve


def test_the_two_ways_of_a_question_meet_again_in_one_page() -> None:
    """Never an arrow from every page that may have come before: a reader follows one question after another."""
    drawn = drawing.mermaid(either)
    assert 'q1 -- yes --> p1["La chaleur"]' in drawn and 'q1 -- no --> p2["Le mot"]' in drawn
    assert 'p1 --> p3["Servir"]' in drawn and "p2 --> p3" in drawn
