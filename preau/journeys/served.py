"""A journey as a site serves it: a walk with its name, its addresses, its facts and the place that remembers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from preau.journeys import drafts
from preau.journeys.journey import Walk
from preau.journeys.step import Known, Step


class JourneyOver(Exception):
    """The facts no longer allow this journey: its letter was replaced, its account activated another way."""


@dataclass(frozen=True)
class Journey:
    """A walk that has addresses.

    `know(request, trail)` gathers the facts, or raises `JourneyOver`. `url` is the URL name that takes a ``page``;
    `begins_at` the URL name where someone without a draft is sent. `trail_of(request, name)` finds what remembers: by
    default the draft of the browser's cookie.
    """

    name: str
    walk: Walk
    know: Callable[[HttpRequest, drafts.Trail], Known]
    url: str
    begins_at: str
    lifetime: timedelta = timedelta(hours=1)
    trail_of: Callable[[HttpRequest, str], drafts.Trail | None] = drafts.of_browser

    def address(self, page: Step[Any]) -> str:
        """Where a page is."""
        return reverse(self.url, kwargs={"page": page.name})
