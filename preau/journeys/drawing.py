"""Reading a walk without walking it: the stages ahead, and the drawing for the documentation.

Both come from the text of the generator itself, so that the order of the pages is written once.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from preau.journeys.step import Step


@dataclass(frozen=True)
class Line:
    """A ``yield``: the step, the conditions it stands under, whether the walk stops after it."""

    step: type[Step[Any]]
    conditions: tuple[str, ...]
    is_end: bool


@cache
def lines(walk: Callable[..., Any]) -> tuple[Line, ...]:
    """Every page of a walk, in the order it is written."""
    return tuple(_read(_function(walk).body, (), walk.__globals__))


def ahead(walk: Callable[..., Any], step: type[Step[Any]]) -> list[type[Step[Any]]]:
    """The pages that everybody meets after `step`."""
    every = lines(walk)
    place = next(index for index, line in enumerate(every) if line.step is step)
    if every[place].is_end:
        return []
    return [line.step for line in every[place + 1 :] if not line.conditions]


def mermaid(walk: Callable[..., Any]) -> str:
    """The walk as a Mermaid flowchart: pages in boxes, and each ``if`` of the walk as a question with its two ways out.

    A page where the walk stays is drawn round; the last one leads to the end.
    """
    flow = _Flow(walk.__globals__)
    left = flow.draw(_function(walk).body, [_Way("start")])
    flow.join(left, "finish([end])")
    return "\n".join(["flowchart TD", "    start([start])", *flow.text]) + "\n"


@dataclass(frozen=True)
class _Way:
    """A loose end of the drawing: from which box, and the answer written on the arrow."""

    origin: str
    answer: str = ""


class _Flow:
    """The drawing being made."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.text: list[str] = []
        self.pages = 0
        self.questions = 0

    def draw(self, body: list[ast.stmt], ways: list[_Way]) -> list[_Way]:
        """Draw these lines after `ways`; return the ways that go on after them."""
        for place, statement in enumerate(body):
            if isinstance(statement, ast.Return):
                return []
            if isinstance(statement, ast.If):
                ways = self._question(statement, ways)
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield):
                is_end = any(isinstance(later, ast.Return) for later in body[place + 1 : place + 2])
                ways = self._page(_resolve(statement.value.value, self.names), ways, is_end=is_end)
        return ways

    def join(self, ways: list[_Way], box: str) -> None:
        """Lead these ways to a box; its words are written once."""
        for place, way in enumerate(ways):
            arrow = f"-- {way.answer} -->" if way.answer else "-->"
            self.text.append(f"    {way.origin} {arrow} {re.split(r'[^a-z0-9]', box)[0] if place else box}")

    def _question(self, statement: ast.If, ways: list[_Way]) -> list[_Way]:
        self.questions += 1
        name = f"q{self.questions}"
        self.join(ways, f'{name}{{"{_words(statement.test)} ?"}}')
        yes = self.draw(statement.body, [_Way(name, "yes")])
        no = self.draw(statement.orelse, [_Way(name, "no")])
        return yes + no

    def _page(self, step: type[Step[Any]], ways: list[_Way], *, is_end: bool) -> list[_Way]:
        self.pages += 1
        name, label = f"p{self.pages}", str(step.title or step.name)
        self.join(ways, f'{name}(["{label}"])' if is_end else f'{name}["{label}"]')
        return [_Way(name)]


def _words(test: ast.expr) -> str:
    """``not known.is_shut and known.answers[CHILDREN]['not_mine']`` in words that a box can hold."""
    return ast.unparse(test).replace("known.", "").replace('"', "'")


def _function(walk: Callable[..., Any]) -> ast.FunctionDef:
    function = ast.parse(textwrap.dedent(inspect.getsource(walk))).body[0]
    assert isinstance(function, ast.FunctionDef)
    return function


def _read(body: list[ast.stmt], conditions: tuple[str, ...], names: dict[str, Any]) -> list[Line]:
    found: list[Line] = []
    for place, statement in enumerate(body):
        if isinstance(statement, ast.If):
            test = _words(statement.test)
            found += _read(statement.body, (*conditions, test), names)
            found += _read(statement.orelse, (*conditions, f"not {test}"), names)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield):
            is_end = any(isinstance(later, ast.Return) for later in body[place + 1 : place + 2])
            found.append(Line(_resolve(statement.value.value, names), conditions, is_end))
    return found


def _resolve(node: ast.expr | None, names: dict[str, Any]) -> type[Step[Any]]:
    assert isinstance(node, ast.Name), "a walk yields step classes by their name"
    step: type[Step[Any]] = names[node.id]
    return step
