"""The counters of failures: written in one statement, so that tries made together are all counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, F

from preau.identity import keys
from preau.identity.compiled import Change, Given, Reading
from preau.identity.signin.models import Failure

# The same words on SQLite (3.35+) and PostgreSQL.
_ONE_MORE = """
INSERT INTO signin_failure (key, count, until_at) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN signin_failure.until_at <= %s THEN 1 ELSE signin_failure.count + 1 END,
    until_at = CASE WHEN signin_failure.until_at <= %s THEN excluded.until_at ELSE signin_failure.until_at END
RETURNING key, count
"""
_OPEN = Reading(lambda: Failure.objects.filter(key=Given("key"), until_at__gt=Given("at", DateTimeField())))


@dataclass(frozen=True)
class Count:
    """A counter as it stands, and when it will be forgotten."""

    count: int = 0
    until_at: datetime | None = None


def key(*parts: str) -> str:
    """The name of a counter: a keyed digest, so that the table tells nothing."""
    return keys.digest("signin/failure", *parts)


def add(windows: Mapping[str, timedelta], *, at: datetime) -> dict[str, int]:
    """Count one more for each key, and return where each stands. A counter starts again after its window."""
    ordered = sorted(windows)  # the same order for everybody: two tries never wait for each other in a circle
    adapt = connection.ops.adapt_datetimefield_value
    values: list[Any] = []
    for name in ordered:
        values += [name, 1, adapt(at + windows[name])]
    sql = _ONE_MORE.format(rows=", ".join(["(%s, %s, %s)"] * len(ordered)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, adapt(at), adapt(at)])
        return dict(cursor.fetchall())


def take_back(*names: str) -> None:
    """This try succeeded: it was no failure."""
    _one_less(len(names)).run(**{str(place): name for place, name in enumerate(names)})


@cache
def _one_less(how_many: int) -> Change:
    keys_given = [Given(str(place)) for place in range(how_many)]
    return Change(lambda: Failure.objects.filter(key__in=keys_given, count__gt=0), count=F("count") - 1)


def forget(*names: str) -> None:
    """Begin again from nothing."""
    Failure.objects.filter(key__in=names).delete()


def read(*names: str, at: datetime) -> dict[str, Count]:
    """Where each counter stands, without counting."""
    rows = {name: _OPEN.first(key=name, at=at) for name in names}
    return {name: Count(row.count, row.until_at) if row else Count() for name, row in rows.items()}
