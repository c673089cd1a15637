"""The drawing comes from the text of the walk."""

from preau.journeys import drawing
from tests.rooms.journeys.breakfast import Closed, Drink, Heat, Secret, Serve, breakfast


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
    assert 'p2["Votre boisson"]' in drawn
    assert "p2 -- \"drink == 'cocoa'\" --> p3" in drawn
    assert "p2 --> p4" in drawn and "p3 --> p4" in drawn
    assert "p5 --> finish([end])" in drawn
