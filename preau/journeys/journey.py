"""The order of the pages, written once, and everything that is derived from it.

A walk is a generator of steps. It is pulled until the first page not done, so what stands after a ``yield`` runs only
once that page is done: laziness *is* the precondition. It runs at every request: between two yields, read, never write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from preau.journeys import drawing

if TYPE_CHECKING:
    from preau.journeys.step import Known, Step

Walk = Callable[[Any], Iterator["type[Step[Any]]"]]


@dataclass(frozen=True)
class Mark:
    """A line of the progress list: what it is called and where one is."""

    title: object  # words, translated when they are shown
    is_done: bool
    is_current: bool


def reachable(walk: Walk, known: Known) -> list[Step[Any]]:
    """The pages one may see, in order: all those done, and the first that is not. At least one."""
    pages: list[Step[Any]] = []
    for step in walk(known):
        pages.append(step(known))
        if not pages[-1].is_done():
            break
    return pages


def to_do(pages: Sequence[Step[Any]]) -> Step[Any]:
    """The first page not done, or the last one when all are."""
    return pages[-1]


def named(pages: Sequence[Step[Any]], name: str) -> Step[Any] | None:
    """The page of that name, if it is reachable."""
    return next((page for page in pages if page.name == name), None)


def previous(pages: Sequence[Step[Any]], page: Step[Any]) -> Step[Any] | None:
    """The page before, in the list."""
    place = [each.name for each in pages].index(page.name)
    return pages[place - 1] if place else None


def following(pages: Sequence[Step[Any]], name: str) -> Step[Any]:
    """The page after the one called `name`, or the one to do when there is none after it or it left the list."""
    names = [each.name for each in pages]
    place = names.index(name) + 1 if name in names else len(names)
    return pages[place] if place < len(pages) else to_do(pages)


def progress(walk: Walk, pages: Sequence[Step[Any]], current: Step[Any]) -> list[Mark]:
    """The stages: those reached, then those everybody meets further on (a page without a title is not a stage)."""
    reached = [Mark(page.title, page.is_done(), page.name == current.name) for page in pages if page.title]
    # Two branches may have their own page for one stage: it is not announced again.
    met = {mark.title for mark in reached}
    ahead = [step.title for step in drawing.ahead(walk, type(pages[-1])) if step.title and step.title not in met]
    return reached + [Mark(title, False, False) for title in ahead]
