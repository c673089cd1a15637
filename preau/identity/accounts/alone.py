"""An account that FranceConnect alone opened: who is told, what waits for 72 hours, how it is undone.

Nothing but a civil status and the children's birth dates was shown, no channel of the base answered: so everybody who
could be wronged is told at once, and may undo it by a link of what they receive. The desk may too. Until then what
would outlive the undoing waits (`held_until`). The rules of the opening itself: activation/franceconnect_alone.py.
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction

from preau import clock
from preau.identity import keys
from preau.identity.accounts import channels, closing, lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, AloneOpening, Kind, UndoLink
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import ForbiddenMove, State
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory.models import Guardian, Guardianship
from preau.identity.messaging import outbox

# Issue 3, point 1.
UNDOABLE = timedelta(hours=72)
OPENED, UNDONE = "activation/opened_alone", "activation/opening_undone"
BESIDE, TO_SCHOOL = "activation/opened_alone_beside", "activation/opened_alone_school"
_PURPOSE = "accounts/undo-link"


class Worth(StrEnum):
    """What a link is worth."""

    GOOD = "good"
    UNDONE = "undone"
    OVER = "over"  # 72 hours have passed
    UNKNOWN = "unknown"


@transaction.atomic
def opened(account: Account, *, guardian: Guardian, by: str, at: datetime, uai: str = "") -> AloneOpening:
    """Write down that FranceConnect alone has just opened `account`, by its record `guardian`; tell everybody."""
    opening = AloneOpening.objects.create(account=account, guardian=guardian, made_at=at, settles_at=at + UNDOABLE)
    record(Events.OPENED_ALONE, by=by, on=account.key, at=at, uai=uai)
    _tell_base(OPENED, opening, at=at)
    _tell_others(BESIDE, opening, at=at)
    _tell_school(TO_SCHOOL, opening, at=at)
    return opening


def held_until(account: Account, *, at: datetime) -> datetime | None:
    """Until when this account may not change its channels nor its means of signing in, vouch for a pupil, be merged,
    be copied or closed; None when nothing waits."""
    if account.kind != Kind.GUARDIAN or account.origin != Origin.FRANCECONNECT or account.activated_at is None:
        return None
    if account.activated_at + UNDOABLE <= at:  # most accounts: no question asked of the database
        return None
    opening = of(account)
    return opening.settles_at if opening is not None and opening.is_undoable_at(at) else None


def of(account: Account) -> AloneOpening | None:
    """The opening of this account by FranceConnect alone, undone or not."""
    return AloneOpening.objects.select_related("account", "guardian").filter(account=account).first()


def undoable_in(uai: str, *, at: datetime) -> list[AloneOpening]:
    """What can be undone now in one school, the oldest first."""
    found = AloneOpening.objects.filter(undone_at=None, settles_at__gt=at, guardian__school=uai)
    return list(found.select_related("account").order_by("made_at"))


# Undoing --------------------------------------------------------------------------------------------------------------
def make_link(opening: AloneOpening, *, by: str, at: datetime) -> str:
    """A new link, for the message that is being sent to `by` (96 bits: it lives three days and serves once)."""
    token = secrets.token_urlsafe(12)
    UndoLink.objects.create(opening=opening, by=by, digest=keys.digest(_PURPOSE, token), made_at=at)
    return token


def look(token: str, *, at: datetime) -> tuple[Worth, AloneOpening | None]:
    """What a link is worth now, and what it undoes."""
    link = _found(token)
    return (_judged(link.opening, at=at), link.opening) if link is not None else (Worth.UNKNOWN, None)


def undo_by_link(token: str, *, at: datetime) -> tuple[Worth, AloneOpening | None]:
    """The button behind a link. GOOD: it is undone now."""
    link = _found(token)
    if link is None:
        return Worth.UNKNOWN, None
    return undo(link.opening, by=link.by, at=at), link.opening


@transaction.atomic
def undo(opening: AloneOpening, *, by: str, at: datetime, uai: str = "") -> Worth:
    """Give the account back the state it had, tell everybody. GOOD: it is undone now; otherwise nothing changes."""
    account = Account.objects.select_for_update().get(pk=opening.account_id)
    held = AloneOpening.objects.select_for_update().select_related("guardian").get(pk=opening.pk)
    worth = _judged(held, at=at)
    if worth is not Worth.GOOD:
        return worth
    given = account.email if account.has_confirmed_email() else ""
    try:
        lifecycle.undo_activation(account, by=by, at=at, uai=uai or held.guardian.school_id)
    except ForbiddenMove:  # closed since: nothing is left to undo
        return Worth.OVER
    held.undone_at = at
    held.save(update_fields=["undone_at"])
    # « Ce n’est pas mon enfant » said by whoever held the account says nothing.
    own = Guardianship.objects.filter(guardian__record__account=account, ended_at=None)
    own.filter(disputed_at__gte=held.made_at).update(disputed_at=None)
    _tell_base(UNDONE, held, at=at)
    _tell_others(UNDONE, held, at=at)
    _tell_school(UNDONE, held, at=at)
    if given:  # forgotten with the rest: sealed, because what waits to leave holds no address
        outbox.post(UNDONE, on=account.key, at=at, opening=held.pk, sealed=closing.seal(given))
    return worth


def _found(token: str) -> UndoLink | None:
    links = UndoLink.objects.filter(digest__in=keys.candidates(_PURPOSE, token))
    return links.select_related("opening__account", "opening__guardian__school").first()


def _judged(opening: AloneOpening, *, at: datetime) -> Worth:
    if opening.undone_at is not None:
        return Worth.UNDONE
    return Worth.GOOD if opening.is_undoable_at(at) else Worth.OVER


# Who is told ----------------------------------------------------------------------------------------------------------
def _tell_base(message: str, opening: AloneOpening, *, at: datetime) -> None:
    """The mobile and the address that the base knows, wrong or not: if they are theirs, the holder reads it."""
    for way, address in _known(opening.guardian):
        if address:
            outbox.post(message, on=opening.guardian.key, at=at, way=way, opening=opening.pk)


def _tell_others(message: str, opening: AloneOpening, *, at: datetime) -> None:
    """The other guardians of these children: by what their account proved, else by what the base knows."""
    for guardian in others(opening, at=at):
        account = guardian.record.account
        proved = [one.way for one in channels.proved(account)] if account.state == State.ACTIVE else []
        for way in proved or [way for way, address in _known(guardian) if address]:
            outbox.post(message, on=guardian.key, at=at, way=way, opening=opening.pk)


def _tell_school(message: str, opening: AloneOpening, *, at: datetime) -> None:
    """The mailbox of the school; its desk reads the journal and the first page besides."""
    if opening.guardian.school.email:
        outbox.post(message, on=opening.guardian.school.key, at=at, opening=opening.pk)


def others(opening: AloneOpening, *, at: datetime) -> list[Guardian]:
    """The records of the other guardians of these children who may have an account, in every school."""
    links = Guardianship.objects.legal().active_on(clock.today(at))
    children = links.filter(guardian=opening.guardian_id).values("enrolment__pupil")
    beside = links.filter(enrolment__pupil__in=children, guardian__is_body=False, guardian__record__isnull=False)
    found = Guardian.objects.filter(pk__in=beside.values("guardian")).exclude(record__account=opening.account_id)
    return list(found.select_related("record__account", "school").order_by("pk"))


def _known(guardian: Guardian) -> list[tuple[Way, str]]:
    return [(Way.EMAIL, guardian.email), (Way.SMS, guardian.mobile)]
