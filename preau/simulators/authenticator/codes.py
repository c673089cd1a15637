"""The six digits of this half minute (RFC 6238), at the town's hour."""

from dataclasses import dataclass
from datetime import datetime

import pyotp

STEP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Codes:
    """Somebody's code now and the one after. `pk` names a key that can be forgotten."""

    label: str
    now: str
    after: str
    pk: int | None = None


def codes(label: str, seed: str, at: datetime, pk: int | None = None) -> Codes:
    """The two codes of a seed in base 32 at the instant `at`."""
    totp = pyotp.TOTP(seed, interval=STEP_SECONDS)
    return Codes(label, now=_in_two(totp.at(at)), after=_in_two(totp.at(at, counter_offset=1)), pk=pk)


def seconds_left(at: datetime) -> int:
    """How long the present code still lasts."""
    return STEP_SECONDS - int(at.timestamp()) % STEP_SECONDS


def _in_two(code: str) -> str:
    return f"{code[:3]} {code[3:]}"
