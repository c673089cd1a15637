"""Single values of the ministry's files: dates, keys, codes, texts. Tolerant of dirt, never inventive. Pure."""

import re
from datetime import date, datetime

from preau.clock import PARIS
from preau.identity.directory import names
from preau.identity.imports.causes import Cause, Refused

_FRENCH_DATE = re.compile(r"([0-3]?\d)/([01]?\d)/(\d{4})", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_TIME = re.compile(r"([0-2]\d):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_KEY = re.compile(r"[0-9A-Za-z._:\-]{1,20}", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d{2}", re.ASCII)
# What any mail server takes (no SMTPUTF8), in lower case, as all of them read it.
_EMAIL = re.compile(
    r"[^\s@<>\"(),:;\\\[\]]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}", re.ASCII
)
LONGEST_NAME = 100
LONGEST_CODE = 20


def day(written: str) -> date | None:
    """`03/02/2015` or `2015-02-03` as a date; None when it is neither, or no day of the calendar."""
    if found := _FRENCH_DATE.fullmatch(written):
        parts = found[3], found[2], found[1]
    elif found := _ISO_DATE.fullmatch(written[:10]):
        parts = found[1], found[2], found[3]
    else:
        return None
    try:
        return date(*map(int, parts))
    except ValueError:
        return None


def instant(written: str, *, otherwise: str = "") -> datetime | None:
    """`07/09/2026 08:12:45`, the school's clock, as an aware instant; midnight of the day `otherwise` without it."""
    when, _, hour = written.partition(" ")
    if (on := day(when)) and (found := _TIME.fullmatch(hour.strip())):
        try:
            return datetime(on.year, on.month, on.day, int(found[1]), int(found[2]), int(found[3] or 0), tzinfo=PARIS)
        except ValueError:
            pass
    on = on or day(otherwise)
    return datetime(on.year, on.month, on.day, tzinfo=PARIS) if on else None


def year(written: str) -> int | None:
    """The year of a rentrée, four digits."""
    return int(written) if _YEAR.fullmatch(written) else None


def key(written: str, *, of: str) -> str:
    """An internal number of the base. Raises `Refused`: a row without one can be tied to nothing."""
    if not _KEY.fullmatch(written):
        raise Refused(Cause.NO_KEY, of=of)
    return written


def name(written: str) -> str:
    """A name, as it will be kept and shown."""
    return names.clean(written)[:LONGEST_NAME].strip()


def code(written: str) -> str:
    """The code of a division: ends trimmed, inner spaces kept (`3 1`)."""
    return "".join(c if c.isprintable() else " " for c in written).strip()[:LONGEST_CODE].strip()


def email(written: str) -> str:
    """An address that could receive, in lower case; empty otherwise."""
    address = written.lower()
    return address if address.isascii() and len(address) <= 254 and _EMAIL.fullmatch(address) else ""


def title(*written: str) -> str:
    """`M.` or `MME`, whatever the spelling (`MLLE` was abolished in 2012); empty for a body or when unknown."""
    for text in written:
        match text.upper().rstrip("."):
            case "M" | "MR" | "MONSIEUR":
                return "M."
            case "MME" | "MLLE" | "MADAME" | "MADEMOISELLE":
                return "MME"
    return ""
