"""What time it is. Read once at the edge of each request, command and job, then handed on as ``at=``.

In development the clock moves: ``PREAU_CLOCK_FILE`` names a file holding an offset in seconds, which the clock
simulator writes. Production refuses to start with it (see each site's settings).
"""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def now() -> datetime:
    """The present instant, aware, in UTC, moved by the development clock if there is one."""
    return datetime.now(UTC) + _offset()


def today(at: datetime) -> date:
    """The civil date in France at the instant `at`: the one people read on a letter."""
    return at.astimezone(PARIS).date()


def _offset() -> timedelta:
    path = os.environ.get("PREAU_CLOCK_FILE")
    if not path:
        return timedelta()
    try:
        return timedelta(seconds=float(Path(path).read_text(encoding="ascii") or 0))
    except (FileNotFoundError, ValueError):
        return timedelta()
