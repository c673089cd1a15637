"""Reading a walk without walking it: the stages ahead, and the drawing for the documentation.

Both come from the text of the generator itself, so that the order of the pages is written once.
"""

import ast
import inspect
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
    function = ast.parse(textwrap.dedent(inspect.getsource(walk))).body[0]
    assert isinstance(function, ast.FunctionDef)
    return tuple(_read(function.body, (), walk.__globals__))


def ahead(walk: Callable[..., Any], step: type[Step[Any]]) -> list[type[Step[Any]]]:
    """The pages that everybody meets after `step`."""
    every = lines(walk)
    place = next(index for index, line in enumerate(every) if line.step is step)
    if every[place].is_end:
        return []
    return [line.step for line in every[place + 1 :] if not line.conditions]


def mermaid(walk: Callable[..., Any]) -> str:
    """The walk as a Mermaid flowchart: pages in order, the condition written on the way in."""
    text = ["flowchart TD", "    start([start])"]
    came_from = ["start"]
    for number, line in enumerate(lines(walk), start=1):
        label = str(line.step.title or line.step.name)
        text.append(f'    p{number}["{label}"]')
        way = f'-- "{" and ".join(line.conditions)}" -->' if line.conditions else "-->"
        text += [f"    {origin} {way} p{number}" for origin in came_from]
        if line.is_end:
            text.append(f"    p{number} --> stop{number}([end])")
        elif line.conditions:
            came_from = [*came_from, f"p{number}"]
        else:
            came_from = [f"p{number}"]
    text += [f"    {origin} --> finish([end])" for origin in came_from]
    return "\n".join(text) + "\n"


def _read(body: list[ast.stmt], conditions: tuple[str, ...], names: dict[str, Any]) -> list[Line]:
    found: list[Line] = []
    for place, statement in enumerate(body):
        if isinstance(statement, ast.If):
            test = ast.unparse(statement.test).replace("known.", "")
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
