"""« Quelqu’un a mis son adresse sur mon compte »: the school has seen them, and a day later the account forgets it.

Asked at the desk, on an identity checked. Every proved channel is told at once, with a link to refuse for those that
may speak for the account (`may_refuse`). Then every visit ends, and what waited with it; the password does not change.
docs/decisions/0030.
"""

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction

from preau.identity.accounts import channel_changes, channels, lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, ChannelChange, ChannelRemoval, Outcome, RemovalOutcome
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.messaging import outbox

# The time for whoever is told to say no, as for lost factors (signin/lost_factors.py).
WAITS = timedelta(hours=24)
BY_CLOCK = "system:clock"
_SALT = "preau.accounts.channel-removal"
_AT_ONCE = 200


def proved_at(account: Account, way: Way) -> datetime | None:
    """Since when this channel of the account counts, if it does."""
    return account.email_confirmed_at if way is Way.EMAIL else account.mobile_confirmed_at


def waiting(account: Account) -> ChannelRemoval | None:
    """The removal that was asked and is neither done nor refused."""
    return ChannelRemoval.objects.waiting().filter(account=account).first()


@transaction.atomic
def ask(account: Account, *, way: Way, proof: str, by: str, at: datetime, uai: str) -> ChannelRemoval | None:
    """The school checked an identity (`proof`): in 24 hours the account forgets this channel. One stands at a time.

    The changes that waited end: none may count before the day has passed. None when no such channel is proved.
    """
    held = Account.objects.select_for_update().get(pk=account.pk)
    if (standing := waiting(held)) is not None:
        return standing
    if proved_at(held, way) is None:
        return None
    for one in Way:
        channel_changes.cancel(held, way=one, by=by, at=at)
    asked = ChannelRemoval.objects.create(
        account=held, way=way, asked_by=by, uai=uai, asked_at=at, effective_at=at + WAITS
    )
    record(Events.CHANNEL_LEAVING, by=by, on=held.key, at=at, uai=uai, proof=proof, way=way.value)
    for channel in channels.proved(held):
        outbox.post("my_account/channel_leaving", on=held.key, at=at, way=channel.way, removal=asked.pk)
    return asked


def may_refuse(removal: ChannelRemoval, way: Way) -> bool:
    """Whether this channel of the account may say no to a removal.

    Not one that took another's place, while that is remembered; nor the one to be forgotten, unless it is the oldest of
    the account. Otherwise whoever put theirs there would refuse to be taken off, and with neither exception whoever
    passes for the holder at the counter would not be refused by the holder's own. Which one is the oldest nobody knows
    once either was replaced: the holder's new number dates from the day it replaced the old one.
    """
    account = removal.account
    replacements = ChannelChange.objects.filter(account=account, outcome=Outcome.DONE).exclude(previous="")
    replaced = set(replacements.values_list("way", flat=True))
    if way != removal.way:
        return way not in replaced
    since = [one for one in (account.email_confirmed_at, account.mobile_confirmed_at) if one is not None]
    return not replaced and proved_at(account, way) == min(since, default=None)


@transaction.atomic
def keep(removal: ChannelRemoval, *, by: str, at: datetime) -> bool:
    """Whoever was told, or the school, says no. False when it is over."""
    locked = ChannelRemoval.objects.select_for_update(of=("self",)).select_related("account").get(pk=removal.pk)
    if locked.outcome:
        return False
    _close(locked, RemovalOutcome.KEPT, at=at)
    record(Events.CHANNEL_KEPT, by=by, on=locked.account.key, at=at, uai=locked.uai, way=locked.way)
    return True


def forget_due(*, at: datetime) -> int:
    """Forget what a day has passed for, and the askings of half a year ago (jobs/catalogue.py). Returns how many."""
    ChannelRemoval.objects.filter(closed_at__lt=at - channel_changes.KEPT).delete()
    due = ChannelRemoval.objects.due(at).order_by("effective_at", "pk").values_list("pk", "account_id")
    return sum(_forget(pk, account_pk, at=at) for pk, account_pk in list(due[:_AT_ONCE]))


@transaction.atomic
def _forget(pk: int, account_pk: int, *, at: datetime) -> int:
    # The account first, as every verb of an account: whoever undoes or closes it holds it, then deletes this row.
    held = Account.objects.select_for_update().get(pk=account_pk)
    removal = ChannelRemoval.objects.select_for_update().due(at).filter(pk=pk).first()
    if removal is None:  # another worker was quicker, somebody refused, or the account was undone
        return 0
    account = lifecycle.forget_channel(held, way=Way(removal.way), by=BY_CLOCK, at=at, uai=removal.uai)
    _close(removal, RemovalOutcome.DONE, at=at)
    channels.tell("my_account/channel_left", account, at=at)  # the other one, that stays
    return 1


def _close(removal: ChannelRemoval, outcome: RemovalOutcome, *, at: datetime) -> None:
    removal.outcome, removal.closed_at = outcome, at
    removal.save(update_fields=["outcome", "closed_at"])


# The link of the message --------------------------------------------------------------------------------------------
def token(removal: ChannelRemoval) -> str:
    """What the link carries: nothing is stored, nothing of it can be stolen."""
    return signing.dumps(removal.pk, salt=_SALT)


def behind(received: str) -> ChannelRemoval | None:
    """The removal of a link, over or not; None when the link is not ours."""
    try:
        pk = signing.loads(received, salt=_SALT)
    except signing.BadSignature:
        return None
    return ChannelRemoval.objects.select_related("account").filter(pk=pk).first()
