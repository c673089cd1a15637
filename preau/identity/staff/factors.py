"""Second factors at the desk: what the portal proves, what is ours, how long each holds. Pure rules.

design.md §6.4: the portal's `amr` names a real factor from an allow-list and `auth_time` is under an hour, else our
own; exports, bulk resets, imports and delegation always ask our own.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

# RFC 8176 §2, and `totp`, which ProConnect says. Never `sms`, `tel` (interceptable), `kba`, `pin`, `pwd` or `mail`.
REAL = frozenset({"otp", "totp", "mfa", "hwk", "swk", "sc", "fpt", "face", "iris", "retina", "vbm", "pop"})

PORTAL_HOLDS = timedelta(hours=1)
OWN_HOLDS = timedelta(minutes=10)
# A portal's clock may run a little ahead of ours.
_AHEAD = timedelta(minutes=2)


def of_portal(amr: Iterable[str], *, proved_at: datetime | None, at: datetime) -> str:
    """The real factor among the methods the portal names, when it was proved under an hour before `at`; else empty."""
    real = sorted(set(amr) & REAL)
    return real[0] if real and is_fresh(proved_at, at=at) else ""


def is_fresh(proved_at: datetime | None, *, at: datetime) -> bool:
    """A portal factor proved at that instant still counts at `at`."""
    return proved_at is not None and proved_at - _AHEAD <= at < proved_at + PORTAL_HOLDS


def is_recent(proved_at: datetime | None, *, at: datetime) -> bool:
    """Our own factor proved at that instant still opens the deeds that always ask it."""
    return proved_at is not None and proved_at <= at < proved_at + OWN_HOLDS
