"""Who gets what, by which way, and why not. Decided before anything is made, and shown to who decides."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models

from preau.identity.accounts.models import Kind
from preau.identity.accounts.states import State
from preau.identity.distribution.models import WITH_SECRET, Way
from preau.identity.distribution.recipients import Recipient
from preau.identity.distribution.wishes import Wish

# Above this, a human types the number of people concerned (22 May 2024, Orléans-Tours: 33,845 addresses by mistake).
MANY = 50


class Reason(models.TextChoices):
    """Why somebody of the selection receives nothing."""

    ACTIVE = "active", "compte déjà activé"
    SHUT = "shut", "compte bloqué, désactivé ou fermé"
    NO_RIGHTS = "no_rights", "plus d’élève dans l’établissement"
    HELD = "held", "encore inscrit dans son ancien établissement, qui agit seul jusqu’à son départ"
    BODY = "body", "service ou organisme : à prévenir autrement"
    NOT_THAT_WAY = "not_that_way", "cet envoi ne s’adresse pas aux élèves"


@dataclass(frozen=True)
class Line:
    """What one person receives, or why nothing."""

    recipient: Recipient
    way: Way | None
    reason: Reason | None = None


@dataclass(frozen=True)
class Plan:
    """What a wish does for a selection."""

    wish: Wish
    lines: tuple[Line, ...]

    @property
    def served(self) -> list[Line]:
        """Who receives something."""
        return [line for line in self.lines if line.way]

    def by_way(self) -> list[tuple[Way, int]]:
        """How many by each way, in the order of the ways."""
        counts = Counter(line.way for line in self.lines)
        return [(way, counts[way]) for way in Way if counts[way]]

    def by_reason(self) -> list[tuple[Reason, int]]:
        """How many receive nothing, for each reason."""
        counts = Counter(line.reason for line in self.lines)
        return [(reason, counts[reason]) for reason in Reason if counts[reason]]

    def secret_accounts(self) -> list[int]:
        """Accounts that get a new secret: the one before dies."""
        return [line.recipient.account.pk for line in self.lines if line.way in WITH_SECRET]

    def is_many(self) -> bool:
        """So many that a human says the number."""
        return len(self.served) > MANY


def plan(recipients: Sequence[Recipient], wish: Wish) -> Plan:
    """What `wish` does for each of these people."""
    return Plan(wish, tuple(_line(recipient, wish) for recipient in recipients))


def _line(recipient: Recipient, wish: Wish) -> Line:
    if reason := reason_against(recipient):
        return Line(recipient, None, reason)
    if recipient.account.kind == Kind.PUPIL:
        is_theirs = wish in (Wish.SHEETS, Wish.LETTERS)
        return Line(recipient, Way.SHEET) if is_theirs else Line(recipient, None, Reason.NOT_THAT_WAY)
    return Line(recipient, _way_of_guardian(recipient, wish))


def _way_of_guardian(recipient: Recipient, wish: Wish) -> Way:
    """A secret never travels to an address that somebody else holds too, or that an import just brought."""
    if wish is Wish.INVITE:
        return Way.INVITATION if recipient.email and not recipient.is_protected else Way.INVITATION_LETTER
    if wish is Wish.CREDENTIALS and recipient.has_own_email():
        return Way.EMAIL
    return Way.LETTER


def reason_against(recipient: Recipient) -> Reason | None:
    """Why this person is not to be notified, whatever the wish."""
    if recipient.account.state == State.ACTIVE:
        return Reason.ACTIVE
    if recipient.account.state not in (State.UNNOTIFIED, State.NOTIFIED):
        return Reason.SHUT
    if recipient.is_body:
        return Reason.BODY
    if recipient.is_held_elsewhere:
        return Reason.HELD
    return None if recipient.has_rights else Reason.NO_RIGHTS
