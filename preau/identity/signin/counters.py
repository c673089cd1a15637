"""The counters of failures: written in one statement, so that tries made together are all counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, F

from preau.identity import keys
from preau.identity.compiled import Change, Given, Reading, Write, together
from preau.identity.signin.models import Failure

# The same words on SQLite (3.35+) and PostgreSQL.
_ONE_MORE = """
INSERT INTO signin_failure (key, count, until_at) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN signin_failure.until_at <= %s THEN 1 ELSE signin_failure.count + 1 END,
    until_at = CASE WHEN signin_failure.until_at <= %s THEN excluded.until_at ELSE signin_failure.until_at END
RETURNING key, count
"""
_AND_BESIDE = f"""
WITH counted AS ({_ONE_MORE.rstrip()}, until_at)
SELECT key, count, until_at FROM counted
UNION ALL SELECT key, count, until_at FROM signin_failure WHERE key = %s AND until_at > %s
"""  # noqa: S608 — no value in it
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
    return dict(_rows(_ONE_MORE, windows, at=at))


def add_and_read(windows: Mapping[str, timedelta], beside: str, *, at: datetime) -> dict[str, Count]:
    """As `add`; and where the counter `beside` stands, which is not counted: one exchange with PostgreSQL."""
    if connection.vendor != "postgresql":
        return {name: Count(count) for name, count in add(windows, at=at).items()} | read(beside, at=at)
    rows = _rows(_AND_BESIDE, windows, beside, at, at=at)
    return {beside: Count()} | {name: Count(count, until_at) for name, count, until_at in rows}


def _rows(sql: str, windows: Mapping[str, timedelta], *more: Any, at: datetime) -> list[Any]:
    ordered = sorted(windows)  # the same order for everybody: two tries never wait for each other in a circle
    adapt = connection.ops.adapt_datetimefield_value
    values = [value for name in ordered for value in (name, 1, adapt(at + windows[name]))]
    with connection.cursor() as cursor:
        cursor.execute(_with_rows(sql, len(ordered)), [*values, adapt(at), adapt(at), *more])
        return list(cursor.fetchall())


@cache
def _with_rows(sql: str, how_many: int) -> str:
    return sql.format(rows=", ".join(["(%s, %s, %s)"] * how_many))


def take_back(*names: str) -> None:
    """This try succeeded: it was no failure."""
    together(forgiveness(*names))


def forgiveness(*names: str) -> Write:
    """The same, to be written with what the success opens."""
    return _one_less(len(names)).write(**{str(place): name for place, name in enumerate(names)})


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
