"""Where an account stands, as people say it: the state somebody decided, and what a clock or a credential makes of it.

Design §4.2: expired, to confirm and to change are derived at each reading, never stored. The same rule is written twice
on purpose, for one account (`of`) and for a query (`where`); a test compares them on every case.
"""

from datetime import datetime
from enum import StrEnum

from django.db.models import Q

from preau.identity.accounts.models import Account
from preau.identity.accounts.states import LABELS as STATE_LABELS
from preau.identity.accounts.states import State


class Standing(StrEnum):
    """What the desk shows and filters by. The values name the shapes of the tag."""

    UNNOTIFIED = "unnotified"
    NOTIFIED = "notified"
    EXPIRED = "expired"
    CONFIRM = "confirm"
    ACTIVE = "active"
    TEMPORARY = "temporary"
    BLOCKED = "blocked"
    DISABLED = "disabled"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """In French, as in the column."""
        return LABELS[self]


LABELS = {
    Standing.UNNOTIFIED: STATE_LABELS[State.UNNOTIFIED],
    Standing.NOTIFIED: STATE_LABELS[State.NOTIFIED],
    Standing.EXPIRED: "Notification expirée",
    Standing.CONFIRM: "Courriel à confirmer",
    Standing.ACTIVE: STATE_LABELS[State.ACTIVE],
    Standing.TEMPORARY: "Mot de passe provisoire",
    Standing.BLOCKED: STATE_LABELS[State.BLOCKED],
    Standing.DISABLED: STATE_LABELS[State.DISABLED],
    Standing.CLOSED: STATE_LABELS[State.CLOSED],
}


def of(account: Account, *, at: datetime) -> Standing:
    """Where `account` stands at `at`. Reads its temporary password: select it with the account in lists."""
    temporary = getattr(account, "temporary_password", None)
    match State(account.state):
        case State.NOTIFIED | State.UNNOTIFIED if account.pending_email:
            return Standing.CONFIRM
        case State.NOTIFIED if temporary is None or temporary.is_expired_at(at):
            return Standing.EXPIRED
        case State.ACTIVE if account.must_change_password:
            return Standing.TEMPORARY
        case State.ACTIVE if account.pending_email and account.email_confirmed_at is None:
            return Standing.CONFIRM
        case state:
            return Standing(state.value)


def where(standing: Standing, *, at: datetime, prefix: str = "") -> Q:
    """The same, as a condition on accounts reached through `prefix` (``record__account__`` from a guardian)."""

    def q(**conditions: object) -> Q:
        return Q(**{f"{prefix}{name}": value for name, value in conditions.items()})

    waiting = ~q(pending_email="")
    expired = q(temporary_password__isnull=True) | q(temporary_password__expires_at__lte=at)
    unconfirmed = waiting & q(email_confirmed_at__isnull=True)
    match standing:
        case Standing.CONFIRM:
            before = q(state__in=[State.NOTIFIED, State.UNNOTIFIED]) & waiting
            return before | (q(state=State.ACTIVE, must_change_password=False) & unconfirmed)
        case Standing.UNNOTIFIED:
            return q(state=State.UNNOTIFIED) & ~waiting
        case Standing.EXPIRED:
            return q(state=State.NOTIFIED) & ~waiting & expired
        case Standing.NOTIFIED:
            return q(state=State.NOTIFIED) & ~waiting & q(temporary_password__expires_at__gt=at)
        case Standing.TEMPORARY:
            return q(state=State.ACTIVE, must_change_password=True)
        case Standing.ACTIVE:
            return q(state=State.ACTIVE, must_change_password=False) & ~unconfirmed
        case _:
            return q(state=State(standing.value))
