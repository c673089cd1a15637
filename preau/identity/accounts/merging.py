"""Gathering two accounts of one person: who may be one person, at once or after everybody was told.

An account that nobody activated yet is gathered at once by whoever holds its letter: nothing of anybody's is lost. Two
accounts in use wait 48 hours: every channel of both is told first, and either of them may say no. Either way it can be
undone for thirty days (accounts/lifecycle.py).
"""

from datetime import date, datetime, timedelta

from django.core import signing
from django.db import transaction
from django.db.models import Q

from preau import clock
from preau.identity.accounts import alone, channels, claimable, lifecycle
from preau.identity.accounts.models import Account, AskedMerge, Merge
from preau.identity.accounts.states import ForbiddenMove, State
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory import claims
from preau.identity.messaging import outbox

WAITS = timedelta(hours=48)
ASKED, DONE, REFUSED = "my_account/merge_asked", "my_account/merge_done", "my_account/merge_refused"
_SALT = "preau.accounts.merge"


class NotOnePerson(Exception):
    """The records of the two accounts do not bear one name, or they are two guardians of one pupil."""


class Frozen(Exception):
    """A record of the other account was just added beside an active guardian, or its file is protected; or one of the
    two was opened by FranceConnect alone less than 72 hours ago."""


class Unreachable(Exception):
    """One of the two accounts in use proved neither address nor mobile: nobody could be told before it is done."""


def judge(kept: Account, absorbed: Account, *, day: date, at: datetime) -> None:
    """Whether the two may be one person. Raises `NotOnePerson` or `Frozen`."""
    found = claimable.of_accounts([kept.pk, absorbed.pk], day=day, at=at)
    if absorbed.pk in found.held or any(alone.held_until(account, at=at) for account in (kept, absorbed)):
        raise Frozen
    mine = [record for record in found.records if record.account == kept.pk]
    theirs = [record for record in found.records if record.account == absorbed.pk]
    if kept.pk == absorbed.pk or not mine or not theirs:
        raise NotOnePerson
    if not all(claims.may_be_one_person(one, other) for one in mine for other in theirs):
        raise NotOnePerson


@transaction.atomic
def gather(kept: Account, absorbed: Account, *, by: str, at: datetime) -> Merge:
    """At once: the other account was never activated. Raises `ForbiddenMove`, `lifecycle.CannotMerge`."""
    if absorbed.activated_at is not None:
        raise ForbiddenMove(State(absorbed.state), lifecycle.Move.MERGE)
    merged = lifecycle.merge(kept, absorbed, by=by, at=at)
    _tell_done(merged, at=at)
    return merged


@transaction.atomic
def ask(kept: Account, absorbed: Account, *, by: str, at: datetime) -> AskedMerge:
    """In 48 hours: both are in use. The same asked twice changes nothing. Raises `Unreachable`."""
    if not (channels.proved(kept) and channels.proved(absorbed)):
        raise Unreachable
    Account.objects.select_for_update().get(pk=absorbed.pk)
    waiting = AskedMerge.objects.filter(absorbed=absorbed, ended_at=None).first()
    if waiting is not None:
        return waiting
    asked = AskedMerge.objects.create(kept=kept, absorbed=absorbed, asked_at=at, takes_effect_at=at + WAITS)
    for account in (kept, absorbed):
        record(Events.MERGE_ASKED, by=by, on=account.key, at=at)
        channels.tell(ASKED, account, at=at)
    return asked


@transaction.atomic
def cancel(asked: AskedMerge, *, by: str, at: datetime) -> bool:
    """Either holder says no. False when it is over already."""
    if not AskedMerge.objects.filter(pk=asked.pk, ended_at=None).update(ended_at=at):
        return False
    for account in (asked.kept, asked.absorbed):
        record(Events.MERGE_CANCELLED, by=by, on=account.key, at=at)
    return True


def waiting(account: Account) -> list[AskedMerge]:
    """What waits, on either side of this account."""
    rows = AskedMerge.objects.filter(Q(kept=account) | Q(absorbed=account), ended_at=None)
    return list(rows.select_related("kept", "absorbed").order_by("asked_at"))


def undoable(account: Account, *, at: datetime) -> list[Merge]:
    """The merges into this account that can still be undone."""
    since = at - lifecycle.UNDOABLE
    rows = Merge.objects.filter(kept=account, undone_at=None, settled_at=None, made_at__gt=since)
    return list(rows.select_related("absorbed").order_by("-made_at"))


def perform_due(*, at: datetime) -> int:
    """Merge what was asked 48 hours ago and nobody refused; called by the worker. Returns how many were looked at."""
    due = list(AskedMerge.objects.filter(ended_at=None, takes_effect_at__lte=at).order_by("pk")[:100])
    for asked in due:
        _perform(asked, at=at)
    return len(due)


@transaction.atomic
def _perform(asked: AskedMerge, *, at: datetime) -> None:
    row = AskedMerge.objects.select_for_update().filter(pk=asked.pk, ended_at=None).first()
    if row is None:
        return
    row.ended_at = at
    accounts = Account.objects.in_bulk([row.kept_id, row.absorbed_id])
    kept, absorbed = accounts[row.kept_id], accounts[row.absorbed_id]
    # A password changed, a block, a reset since then: whoever asked may not be who they said.
    is_same = all(account.credentials_changed_at <= row.asked_at for account in (kept, absorbed))
    if is_same and kept.state == State.ACTIVE:
        try:
            # Judged again: a name corrected, a file protected meanwhile (design.md §5).
            judge(kept, absorbed, day=clock.today(at), at=at)
            with transaction.atomic():
                merged = lifecycle.merge(kept, absorbed, by=kept.key, at=at)
        except (NotOnePerson, Frozen, ForbiddenMove, lifecycle.CannotMerge):
            pass
        else:
            row.is_done = True
            _tell_done(merged, at=at)
    if not row.is_done and kept.state == State.ACTIVE:
        channels.tell(REFUSED, kept, at=at)
    row.save(update_fields=["ended_at", "is_done"])


# The absorbed side opens nothing any more: the link in the message to its own channels undoes. Nothing is stored: it
# dies with the merge it names, undone or settled.
def undo_token(merged: Merge) -> str:
    """The secret of that link."""
    return signing.dumps(merged.pk, salt=_SALT)


def behind(token: str) -> Merge | None:
    """The merge of a link; None when the link is not ours."""
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return Merge.objects.select_related("kept", "absorbed").filter(pk=pk).first()


def undo_by_link(merged: Merge, *, at: datetime) -> bool:
    """The button behind the link: it reached a channel that the absorbed account proved. False when it is too late."""
    return lifecycle.unmerge(merged, by=merged.absorbed.key, at=at)


def is_undoable(merged: Merge, *, at: datetime) -> bool:
    """Neither undone nor settled, and less than thirty days old."""
    return merged.undone_at is None and merged.settled_at is None and at < merged.made_at + lifecycle.UNDOABLE


def absorbed_into(account: Account) -> Account | None:
    """The account that this one joined, while it can still be undone."""
    merged = Merge.objects.filter(absorbed=account, undone_at=None, settled_at=None).select_related("kept").first()
    return merged.kept if merged is not None else None


def _tell_done(merged: Merge, *, at: datetime) -> None:
    for account in (merged.kept, merged.absorbed):
        for proved in channels.proved(account):
            outbox.post(DONE, on=account.key, way=proved.way, at=at, merge=merged.pk)
