"""Where a push moves the clock, and how it is written down. The offset is in seconds, in a file all sites read."""

import calendar
import os
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from preau.clock import PARIS


def three_months_after(at: datetime) -> datetime:
    """The same day three months later, or the last day of that month; the same hour in France."""
    local = at.astimezone(PARIS)
    months = local.month - 1 + 3
    year, month = local.year + months // 12, months % 12 + 1
    day = min(local.day, calendar.monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day)


def on_the_day(at: datetime, day: date) -> datetime:
    """That day, at the same hour in France."""
    local = at.astimezone(PARIS)
    return local.replace(year=day.year, month=day.month, day=day.day)


PUSHES: Final[Mapping[str, Callable[[datetime], datetime]]] = {
    "hour": lambda at: at + timedelta(hours=1),
    "day": lambda at: on_the_day(at, at.astimezone(PARIS).date() + timedelta(days=1)),
    "months": three_months_after,
}


def set_offset(path: Path, seconds: float) -> None:
    """Write the offset so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_text(f"{seconds:.0f}", encoding="ascii")
    beside.replace(path)


def offset(path: Path) -> float:
    """The offset written, in seconds; 0 when nothing readable is."""
    try:
        return float(path.read_text(encoding="ascii") or 0)
    except (FileNotFoundError, ValueError):
        return 0.0
