"""What is known of somebody who showed the school's letter or sheet, and the pages where such a walk may end.

The temporary password was right (room `signin`). What is revealed on the way: never how many children an account has,
nor their names, before one birth date was right. A refused walk ends with a ticket for the school (room `support`).
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from preau import clock
from preau.identity.accounts.models import Account, Kind, TemporaryPassword
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import State
from preau.identity.directory.models import Guardianship, School
from preau.identity.signin import help, letter, old_accounts
from preau.identity.signin.birth_dates import Trial
from preau.identity.signin.lockout import Door
from preau.identity.support import tickets
from preau.identity.support.tickets import Stated
from preau.journeys.drafts import Trail
from preau.journeys.served import JourneyOver
from preau.journeys.step import Known, Step


@dataclass(kw_only=True)
class Letter(Known):
    """What is known of somebody who showed the school's letter."""

    account: Account
    trail: Trail
    request: HttpRequest

    @property
    def day(self) -> date:
        """The civil date."""
        return clock.today(self.at)

    @property
    def is_active(self) -> bool:
        """It is done, here or elsewhere."""
        return self.account.state == State.ACTIVE

    @property
    def is_waiting(self) -> bool:
        """All is chosen, in this very walk; the link is not confirmed yet."""
        chosen_at = self.trail.facts.get("chosen_at")
        return (
            self.account.is_half_way()
            and self.account.has_usable_password()
            and chosen_at == self.account.credentials_changed_at.isoformat()
        )

    @property
    def is_fresh(self) -> bool:
        """What was shown still counts: this very letter, or this very old account."""
        if self.trail.facts.get("old_account"):
            return old_accounts.is_open(self.trail.facts["old_account"], self.account, at=self.at)
        issued_at = self.trail.facts.get("issued_at")
        return (
            self.account.state == State.NOTIFIED
            and issued_at is not None
            and letter_issued_at(self.account) == issued_at
        )

    @cached_property
    def links(self) -> list[Guardianship]:
        """The guardian's legal links with active pupils."""
        return list(self.account.guardianships(self.day))

    @cached_property
    def births(self) -> list[date | None]:
        """The dates that prove who they are: all the children's, or the pupil's own."""
        if self.account.kind == Kind.GUARDIAN:
            return [link.enrolment.pupil.birth_on for link in self.links]
        return (
            [self.account.pupil.birth_on] if self.account.pupil and self.account.enrolments(self.day).exists() else []
        )

    @property
    def cannot_be_proved(self) -> bool:
        """Nobody to answer for, or a birth date the school does not know: the counter decides."""
        return not self.births or None in self.births

    @cached_property
    def trial(self) -> Trial:
        """Where wrong dates are counted: on this browser, and on this account."""
        return Trial.of(self.request, door=Door.BIRTH_DATES, record=str(self.account.pk))

    @property
    def is_paused(self) -> bool:
        """Too many wrong dates (and none right)."""
        proved = {"enfants", "naissance"} & set(self.answers)
        return not proved and self.trial.is_paused(at=self.at)

    @cached_property
    def school(self) -> School | None:
        """Who can help."""
        return help.school_of(self.account, day=self.day)

    @property
    def origin(self) -> Origin:
        """How the account is activated: with what was shown, once `hold_the_letter` has taken it."""
        return old_accounts.origin_of(self.account, chosen_at=self.at) or Origin.SCHOOL

    @property
    def uai(self) -> str:
        """For the journal."""
        return self.school.uai if self.school else ""

    @property
    def is_left_to_the_school(self) -> bool:
        """A child is not theirs and no date was given; or no child at all is theirs."""
        dates, disowned = self.answers.get("enfants") or {}, self.answers.get("rattachement") or {}
        gives_none = dates.get("not_mine", False) and not dates["proven"]
        return gives_none or {link.pk for link in self.links} <= set(disowned.get("children", []))

    @property
    def stated(self) -> Stated:
        """What was typed, for a ticket; the letter itself says who."""
        typed = [date.fromisoformat(day) for day in self.trail.facts.get("typed_births", [])]
        if self.account.pupil is not None:
            return Stated(child=self.account.pupil.first_name, birth=typed[0] if typed else None)
        return Stated(births=frozenset(typed))

    def hand_ticket(self) -> None:
        """Give this walk its ticket, once."""
        journey = letter.JOURNEYS[Kind(self.account.kind)]
        tickets.hand(self.request, self.trail.facts, journey=journey, stated=self.stated, at=self.at)

    def hold_the_letter(self) -> None:
        """Lock the temporary password that was shown, or burn the old account that was.

        Raises `JourneyOver` when somebody used or replaced it first.
        """
        if self.trail.facts.get("old_account"):
            if not old_accounts.spend(self.trail.facts["old_account"], self.account, at=self.at):
                raise JourneyOver
            return
        hold_letter(self.account, issued_at=self.trail.facts.get("issued_at"))


def letter_issued_at(account: Account) -> str | None:
    """Which letter counts now, as a draft remembers it; None when none does."""
    temporary: TemporaryPassword | None = getattr(account, "temporary_password", None)
    return temporary.issued_at.isoformat() if temporary is not None else None


def hold_letter(account: Account, *, issued_at: str | None) -> None:
    """Lock the letter that was shown. Raises `JourneyOver` when somebody used, burnt or replaced it first."""
    held = TemporaryPassword.objects.select_for_update().filter(account=account).first()
    if held is None or held.issued_at.isoformat() != issued_at:
        raise JourneyOver


def know(request: HttpRequest, trail: Trail) -> Letter:
    """The facts of a walk. Raises `JourneyOver` when the letter no longer counts."""
    account = (
        Account.objects.select_related("temporary_password", "pupil").filter(pk=trail.facts.get("account")).first()
    )
    if account is None:
        raise JourneyOver
    at = request.at  # type: ignore[attr-defined]
    known = Letter(at=at, answers=trail.answers, account=account, trail=trail, request=request)
    if not (known.is_active or known.is_waiting or known.is_fresh):
        raise JourneyOver
    return known


def try_dates(known: Letter, typed: frozenset[date], *, is_right: bool) -> int | None:
    """Count a try of birth dates. None when it counts as right, otherwise how many this device has left.

    The last wrong one leaves a ticket, of what was typed then.
    """
    left = known.trial.judge(typed, is_right=is_right, trail=known.trail, at=known.at)
    if left is not None:
        known.trail.facts["typed_births"] = sorted(day.isoformat() for day in typed)
    if left == 0:
        known.hand_ticket()
    return left


class Ending(Step[Letter]):
    """A page with nothing to answer."""

    def is_done(self) -> bool:
        """Never: it is where one stays."""
        return False

    def context(self) -> dict[str, Any]:
        """Who can help."""
        return {"school": self.known.school, "is_pupil": self.known.account.kind == Kind.PUPIL}


class Activated(Ending):
    """It is done: sign in."""

    name, template = "fait", "activation/activated.html"


class Refused(Ending):
    """A page where a refused walk stays: who can help, and « Pourquoi ça bloque ? », a button that gives the ticket."""

    def form(self, data: Any = None) -> forms.Form:
        """Nothing to type."""
        return forms.Form(data)

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Give the ticket."""
        self.known.hand_ticket()
        return None

    def context(self) -> dict[str, Any]:
        """Who can help, and the ticket when one was given."""
        facts = self.known.trail.facts
        return {**super().context(), "has_ticket": "ticket" in facts, **tickets.words(facts)}


class Paused(Refused):
    """Three wrong sets of dates: this device waits a day, or the school helps."""

    name, template = "pause", "activation/paused.html"


class AskTheSchool(Refused):
    """No birth date in the base, or no child left: only the school can say."""

    name, template = "etablissement", "activation/ask_the_school.html"


class LeftToTheSchool(Refused):
    """« Ce n’est pas mon enfant », of all of them: the school corrects."""

    name, template = "a-corriger", "activation/claim_left_to_the_school.html"
