"""Changing one's address: asked at a human pace, and answered from the old one (accounts/channel_changes.py)."""

from datetime import datetime, timedelta

from django.db import transaction

from preau.identity.accounts import channel_changes
from preau.identity.accounts.channel_changes import Worth
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, ChannelChange
from preau.identity.signin import counters, sessions

# As for a first address: nobody's box is filled through us.
_MINUTE, _DAY, _A_DAY = timedelta(minutes=1), timedelta(days=1), 10


class TooMany(Exception):
    """Ten messages have left for this account since yesterday."""


def ask_email(account: Account, *, address: str, by: str, at: datetime) -> ChannelChange:
    """Ask that `address` replace the confirmed one; the same one asked twice only sends its link again.

    Raises `TooMany`, or `RefusedBefore` (accounts/channel_changes.py).
    """
    before = channel_changes.waiting(account, Way.EMAIL)
    if before is not None and before.address == address:
        send_again(before, at=at)
        return before
    if _counted(account, address, at=at)[1] > _A_DAY:
        raise TooMany
    return channel_changes.ask(account, way=Way.EMAIL, address=address, is_proved=False, by=by, at=at)


def send_again(change: ChannelChange, *, at: datetime) -> bool:
    """Send the link to the new address once more. False when one has just left, or too many."""
    minute, day = _counted(change.account, change.address, at=at)
    if minute > 1 or day > _A_DAY:
        return False
    channel_changes.tell_new(change, at=at)
    return True


@transaction.atomic
def refuse(token: str, *, at: datetime) -> tuple[Worth, ChannelChange | None]:
    """« Ce n’est pas moi »: nothing changes, and whoever is signed in is signed out everywhere."""
    worth, change = channel_changes.refuse(token, at=at)
    if worth is Worth.GOOD and change is not None:
        sessions.end_all(change.account, by=change.account.key, at=at)
    return worth, change


def _counted(account: Account, address: str, *, at: datetime) -> tuple[int, int]:
    minute = counters.key("channel-change", account.key, address)
    day = counters.key("channel-change", account.key)
    counted = counters.add({minute: _MINUTE, day: _DAY}, at=at)
    return counted[minute], counted[day]
