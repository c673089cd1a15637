"""For the tests of journeys: a table of what is known and the pages that follow, without a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from preau.journeys.journey import Walk, reachable
from preau.journeys.step import Known


class WroteWhileWalking(AssertionError):
    """A walk wrote to the database: it runs at every request, it may only read."""


def pages(walk: Walk, known: Known) -> list[str]:
    """The names of the reachable pages; fails if the walk writes."""
    with reading_only():
        return [page.name for page in reachable(walk, known)]


@contextmanager
def reading_only() -> Iterator[None]:
    """Fails on any statement that writes."""

    def refuse(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().split(" ", 1)[0].upper() not in {"SELECT", "SAVEPOINT", "RELEASE", "BEGIN"}:
            raise WroteWhileWalking(sql)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(refuse):
        yield
