"""How guessing is slowed down, and for whom. Pure rules; the counters are in signin/counters.py.

A classmate must not be able to lock another pupil out (design.md §6.11). So: first the device that fails pauses, which
stops the clumsy and the idle; then the network, by distinct accounts failed, which stops who tries one password on many
people; then, silently, the record, and only for devices its holder never signed in from. A temporary password passes
that last cap: it cannot be guessed, and the school can always give one.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum


class Door(StrEnum):
    """What is guessed."""

    PASSWORD = "password"  # noqa: S105 — the name of a door
    BIRTH_DATES = "birth-dates"
    # After a code sent to a mobile: only its holder gets there, so the mobile itself pauses as early as the browser.
    BIRTH_DATES_BY_MOBILE = "birth-dates-by-mobile"


class Verdict(StrEnum):
    """What becomes of a try."""

    LOOK = "look"  # compare what was typed
    PAUSED = "paused"  # this device waits, and is told until when
    CROWDED = "crowded"  # this network waits: too many different accounts failed from it
    SILENT = "silent"  # answer as to a wrong password, whatever was typed


@dataclass(frozen=True)
class Limit:
    """So many tries in so long, from the first."""

    tries: int
    window: timedelta


@dataclass(frozen=True)
class Calm:
    """As many failures as ask nothing more of the next try."""

    device: int
    network: int
    record: int


# specs/educonnect.md §2.8 knows no official number; §12 proposes 5 failures and 15 minutes, 3 sets of dates and a day.
DEVICE = {
    Door.PASSWORD: Limit(5, timedelta(minutes=15)),
    Door.BIRTH_DATES: Limit(3, timedelta(hours=24)),
    Door.BIRTH_DATES_BY_MOBILE: Limit(3, timedelta(hours=24)),
}
# A school is one address: thirty pupils who all mistype must never reach this, nor a whole school at nine o'clock.
NETWORK = Limit(200, timedelta(minutes=15))
# NIST SP 800-63B §5.2.2 bounds consecutive failures on one account to 100; ours forget after a day.
RECORD = {
    Door.PASSWORD: Limit(50, timedelta(hours=24)),
    Door.BIRTH_DATES: Limit(10, timedelta(hours=24)),
    Door.BIRTH_DATES_BY_MOBILE: Limit(3, timedelta(hours=24)),
}


# Before a pause, an effort (signin/captcha.py): from the fourth try of a device; from a network where as many people
# failed as a class and a half; for a record that many different devices fail on, but never its holder's own.
CALM = Calm(device=3, network=50, record=10)
# Without a script the effort is to wait: a quarter of a minute, then twice as long each time, up to a minute.
_FIRST_WAIT, _LONGEST_WAIT = 15, 60


@dataclass(frozen=True)
class Tries:
    """What the counters say, this try included for the device and the record."""

    device: int
    record: int
    network: int = 0
    is_familiar: bool = False  # the holder signed in from this device before


def verdict(door: Door, tries: Tries) -> Verdict:
    """What becomes of this try."""
    if tries.device > DEVICE[door].tries:
        return Verdict.PAUSED
    if tries.is_familiar:
        return Verdict.LOOK
    if tries.network >= NETWORK.tries:
        return Verdict.CROWDED
    if tries.record > RECORD[door].tries:
        return Verdict.SILENT
    return Verdict.LOOK


def left(door: Door, tries: Tries) -> int:
    """How many tries this device still has after a failed one."""
    return max(0, DEVICE[door].tries - tries.device)


def seconds_to_wait(tries: Tries) -> int:
    """The effort that this try of a password asks, as the seconds it takes without a script; 0 when it asks none."""
    above = max(tries.device - CALM.device, 0)
    if not tries.is_familiar:
        above = max(above, tries.network >= CALM.network, tries.record > CALM.record)
    return min(_FIRST_WAIT * 2 ** (above - 1), _LONGEST_WAIT) if above else 0


def next_of(tries: Tries) -> Tries:
    """The try that would follow a failed one."""
    return replace(tries, device=tries.device + 1, record=tries.record + 1)
