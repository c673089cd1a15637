"""How long a temporary password lives. Decided here, when the notice is made; the doors only compare.

A letter lives three months (specs: EduConnect 2.4: « 3 mois après la date de création du document »); what a form tutor
hands over lives 48 hours. The last day counts whole, in French time: what the paper says is what the door does.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

from preau.clock import PARIS, today

MONTHS = 3
IN_HAND = timedelta(hours=48)
# How it travels (accounts.models.Channel), and how long it lives: months of the calendar, or hours.
LIVES: dict[str, int | timedelta] = {
    "letter": MONTHS,
    "sheet": MONTHS,
    "roster": MONTHS,
    "email": MONTHS,
    "tutor": IN_HAND,
}


def expires_at(channel: str, at: datetime) -> datetime:
    """The instant from which a temporary password made `at` opens nothing any more. Raises KeyError."""
    life = LIVES[channel]
    if isinstance(life, timedelta):
        return at + life
    after = months_later(today(at), life) + timedelta(days=1)
    return datetime.combine(after, time(), PARIS).astimezone(UTC)


def last_day(expires: datetime) -> date:
    """« Valable jusqu’au … »: the last day on which it still opens."""
    return today(expires - timedelta(microseconds=1))


def months_later(day: date, months: int) -> date:
    """The same day of a later month; the last of that month when it is shorter (30 November → 28 February)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
