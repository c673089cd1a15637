"""Somebody who says whose record is theirs, without the school's letter: with a mobile, or with FranceConnect.

What is revealed on the way: nothing before a code sent to a number, or an address, that the school's base knows was
typed back; then the school to call; the children's names only after one birth date was right.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from preau import clock
from preau.identity.accounts import channels, claimable, lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.claimable import Claimable
from preau.identity.accounts.models import Account
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import ForbiddenMove, State
from preau.identity.activation.disputes import dispute
from preau.identity.activation.forms import NotMineForm
from preau.identity.directory import claims
from preau.identity.directory.claims import Named, Record
from preau.identity.directory.models import Guardian, Guardianship, School
from preau.identity.signin import captcha, sessions
from preau.identity.signin.birth_dates import BirthDatesForm, Trial
from preau.identity.signin.captcha import GuardedForm
from preau.identity.signin.help import school_of
from preau.identity.signin.lockout import Door
from preau.identity.signin.models import Session
from preau.identity.support import tickets
from preau.identity.support.tickets import Stated
from preau.journeys.drafts import Trail
from preau.journeys.served import JourneyOver
from preau.journeys.step import Known, Step

MOBILE, CHILDREN, DISOWNED = "mobile", "enfants", "rattachement"
# Where the codes that a browser asks are counted: after some of them, an effort (signin/captcha.py).
DOOR = "activation"
# « Un de ces enfants n’est pas le mien », and not one date: the school decides.
NO_DATE = {"proven": [], "accounts": [], "not_mine": True, "no_date": True}


@dataclass(kw_only=True)
class Claimant(Known, ABC):
    """What is known of somebody who claims a record. A journey says who they are (`who`) and what was typed."""

    trail: Trail
    request: HttpRequest
    journey_name: ClassVar[str]

    @property
    def day(self) -> date:
        """The civil date."""
        return clock.today(self.at)

    @property
    @abstractmethod
    def who(self) -> Named:
        """How they name themselves."""

    @property
    @abstractmethod
    def numbers(self) -> tuple[str, ...]:
        """Every mobile (E.164) that the number typed may mean."""

    @cached_property
    def claimable(self) -> Claimable:
        """The records that bear that number."""
        return claimable.by_mobile(self.numbers, day=self.day, at=self.at)

    @cached_property
    def chosen(self) -> tuple[Record, ...]:
        """The records they may claim: one person's, or none."""
        return claims.claimed(self.claimable.records, self.who)

    @cached_property
    def accounts(self) -> list[Account]:
        """The accounts of those records, the oldest first."""
        return [self.claimable.accounts[pk] for pk in sorted({record.account for record in self.chosen})]

    @property
    def guardians(self) -> list[Guardian]:
        """The records themselves."""
        return [self.claimable.guardians[record.guardian] for record in self.chosen]

    @cached_property
    def number(self) -> str:
        """Where the code goes: the number as the base has it, or what was typed when nobody has it."""
        known = {guardian.mobile for guardian in self.guardians}
        return next((number for number in self.numbers if number in known), self.numbers[0] if self.numbers else "")

    @property
    def on(self) -> str:
        """Whom the code is for; "" when nobody matched."""
        return self.accounts[0].key if self.accounts else ""

    # Once a code was typed back -----------------------------------------------------------------------------------
    @cached_property
    def school(self) -> School | None:
        """Who can help."""
        return school_of(self.accounts[0], day=self.day) if self.accounts else None

    @property
    def uai(self) -> str:
        """For the journal."""
        return self.school.uai if self.school else ""

    @property
    def is_active_already(self) -> bool:
        """One of these accounts is in use: its own door is the way in."""
        return any(account.state == State.ACTIVE for account in self.accounts)

    @property
    def is_held(self) -> bool:
        """Added since less than 48 h beside an active guardian (design §6.5), or a file the school protects."""
        return any(account.pk in self.claimable.held for account in self.accounts)

    @property
    def is_for_the_counter(self) -> bool:
        """Blocked, closed, or a birth date the school does not know: only the school can say."""
        is_open = all(account.state in (State.UNNOTIFIED, State.NOTIFIED) for account in self.accounts)
        return not self.accounts or not is_open or any(None in record.births for record in self.chosen)

    @cached_property
    def is_number_theirs_alone(self) -> bool:
        """No record of somebody else bears it, and no other account proved it."""
        return not channels.is_held_by_others(*self.accounts, way=Way.SMS, address=self.number)

    @cached_property
    def base_email(self) -> str:
        """The address the school knows, if nobody else has it; "" otherwise."""
        for guardian in self.guardians:
            if guardian.email and not channels.is_held_by_others(*self.accounts, way=Way.EMAIL, address=guardian.email):
                return guardian.email
        return ""

    @cached_property
    def trial(self) -> Trial:
        """Where wrong dates are counted: on this browser, and on the mobile."""
        return Trial.of(self.request, door=Door.BIRTH_DATES_BY_MOBILE, record=self.number)

    @property
    def is_paused(self) -> bool:
        """Too many wrong dates (and none right)."""
        return CHILDREN not in self.answers and self.trial.is_paused(at=self.at)

    @property
    def births(self) -> frozenset[date | None]:
        """The dates of all the children of all the records claimed."""
        return frozenset().union(*(record.births for record in self.chosen))

    @property
    def opened(self) -> list[Account]:
        """The accounts that the dates opened."""
        pks = set((self.answers.get(CHILDREN) or {}).get("accounts", []))
        return [account for account in self.accounts if account.pk in pks]

    @cached_property
    def links(self) -> list[Guardianship]:
        """The legal links, with active pupils, of the accounts that were opened; of all those claimed before that."""
        accounts = self.opened or self.accounts
        return list(
            Guardianship.objects.legal()
            .active_on(self.day)
            .filter(guardian__in=[record.guardian for record in self.chosen], guardian__record__account__in=accounts)
            .select_related("enrolment__pupil", "enrolment__school")
            .order_by("enrolment__pupil__birth_on", "pk")
        )

    @property
    def shown(self) -> str:
        """What they prove themselves with beside the dates: "mobile", "email", "letter"."""
        return "mobile"

    @property
    def may_leave_a_child_out(self) -> bool:
        """Two proofs of two kinds were given: a child said not to be theirs needs no date. With one, all the dates."""
        return False

    @property
    def is_shut(self) -> bool:
        """One of these accounts is blocked, disabled or closed."""
        return any(account.state in (State.BLOCKED, State.DISABLED, State.CLOSED) for account in self.accounts)

    @property
    def is_left_to_the_school(self) -> bool:
        """No date was given, a child not being theirs; or no child at all is theirs."""
        disowned = set((self.answers.get(DISOWNED) or {}).get("children", []))
        return not self.opened or (bool(disowned) and {link.pk for link in self.links} <= disowned)

    @property
    def is_everything_answered_for(self) -> bool:
        """Every child is proven, or was said not to be theirs."""
        proven = set((self.answers.get(CHILDREN) or {}).get("proven", []))
        return bool(self.opened) and {link.pk for link in self.links} <= proven

    @property
    @abstractmethod
    def stated(self) -> Stated:
        """What they typed, for a ticket."""

    def open_accounts(self, accounts: Collection[Account], *, origin: Origin) -> Account:
        """Activate the oldest of `accounts` and gather the others into it. Raises `JourneyOver` when one is in use."""
        kept, *others = sorted(accounts, key=lambda account: account.pk)
        try:
            kept = lifecycle.activate(kept, origin=origin, by=kept.key, at=self.at, uai=self.uai)
            for other in others:
                lifecycle.merge(kept, other, by=kept.key, at=self.at, uai=self.uai)
        except (ForbiddenMove, lifecycle.CannotMerge):
            raise JourneyOver from None
        return kept

    def dispute(self, links: Collection[int], *, by: str) -> None:
        """« Je ne suis pas le représentant légal de cet élève »: the school will check."""
        for link in self.links:
            if link.pk in links:
                dispute(link, by=by, at=self.at)


W = TypeVar("W", bound=Claimant)


class AskForACode(Step[W]):
    """A page that has a code sent: the same is done whoever they are, and a browser that asks a lot makes an effort."""

    form_class: ClassVar[type[GuardedForm]]

    def form(self, data: Any = None) -> forms.Form:
        """With the effort, when one is asked."""
        effort = captcha.effort_of(DOOR, self.known.request)
        return self.form_class(data, initial=self.known.answers.get(self.name), effort=effort)

    def count(self) -> None:
        """One more code asked by this browser."""
        captcha.count_of(DOOR, self.known.request)


class ClaimByBirthDates(Step[Claimant]):
    """All the children's birth dates: of all the records claimed, or of one account's alone."""

    name, title, template = CHILDREN, _("Vos enfants"), "activation/birth_dates.html"

    def is_done(self) -> bool:
        """The dates opened accounts that are still claimed, and each child is proven or will be disowned."""
        answer = self.known.answers.get(self.name) or {}
        if answer.get("no_date"):
            return True
        is_answered = answer.get("not_mine", False) or self.known.is_everything_answered_for
        return bool(self.known.opened) and is_answered

    def form(self, data: Any = None) -> forms.Form:
        """Dates up to today."""
        return BirthDatesForm(data, latest=self.known.day, asks_all=not self.known.may_leave_a_child_out)

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """Which links are proven and which accounts are opened; the dates themselves are not kept."""
        assert isinstance(form, BirthDatesForm)
        if form.leaves_to_the_school:
            return NO_DATE
        typed, not_mine = form.dates(), form.cleaned_data["not_mine"]
        accounts = claims.proven(self.known.chosen, typed)
        if not accounts and not_mine and self.known.may_leave_a_child_out and typed < self.known.births:
            accounts = frozenset(record.account for record in self.known.chosen if record.births & typed)
        proven = [
            link.pk
            for link in self.known.links
            if link.enrolment.pupil.birth_on in typed and link.guardian.record.account_id in accounts
        ]
        return {"proven": proven, "accounts": sorted(accounts), "not_mine": not_mine}

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Compare. Three wrong sets pause this browser and this mobile, and leave a ticket."""
        assert isinstance(form, BirthDatesForm)
        if form.leaves_to_the_school:  # nothing is guessed, nothing is counted
            return None
        known, typed = self.known, form.dates()
        left = known.trial.judge(typed, is_right=bool(answer["accounts"]), trail=known.trail, at=known.at)
        if left is not None:
            form.refuse(left)
            known.trail.facts["typed_births"] = sorted(day.isoformat() for day in typed)
        if left == 0:
            hand_ticket(known, births=typed)
        return None

    def context(self) -> dict[str, Any]:
        """The school whose children are asked for."""
        return {"school": self.known.school}


class ClaimNotMine(Step[Claimant]):
    """« Je ne suis pas le représentant légal de cet élève »."""

    name, title, template = DISOWNED, _("Les rattachements"), "activation/not_mine.html"

    def is_done(self) -> bool:
        """Every child is proven or disowned."""
        answer = self.known.answers.get(self.name)
        proven = set(self.known.answers[CHILDREN]["proven"])
        return answer is not None and {link.pk for link in self.known.links} <= proven | set(answer["children"])

    def form(self, data: Any = None) -> forms.Form:
        """One box per child."""
        proven = frozenset(self.known.answers[CHILDREN]["proven"])
        return NotMineForm(data, links=self.known.links, proven=proven, initial=self.known.answers.get(self.name))

    def context(self) -> dict[str, Any]:
        """Who can help."""
        return {"school": self.known.school}


class ClaimEnding(Step[Claimant]):
    """A page where such a walk stays: who can help, and the ticket when one was given."""

    def is_done(self) -> bool:
        """Never."""
        return False

    def form(self, data: Any = None) -> forms.Form:
        """« Pourquoi ça bloque ? » is a button."""
        return forms.Form(data)

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Give the ticket."""
        births = frozenset(date.fromisoformat(day) for day in self.known.trail.facts.get("typed_births", []))
        hand_ticket(self.known, births=births)
        return None

    def context(self) -> dict[str, Any]:
        """Who can help."""
        known, facts = self.known, self.known.trail.facts
        why = {"shown": known.shown, "is_shut": known.is_shut, "school": known.school}
        return {**why, "has_ticket": "ticket" in facts, **tickets.words(facts)}


class LeftToTheSchool(ClaimEnding):
    """« Ce n’est pas mon enfant », and too little to leave that child out: the school corrects, then they come back."""

    name, template = "a-corriger", "activation/claim_left_to_the_school.html"

    def context(self) -> dict[str, Any]:
        """Which other proofs would do, if they have one."""
        return {**super().context(), "needs_more": not self.known.may_leave_a_child_out}


class PausedClaim(ClaimEnding):
    """Three wrong sets of dates."""

    name, template = "pause", "activation/claim_paused.html"


class ClaimForTheCounter(ClaimEnding):
    """Blocked, a birth date missing in the base, a number of two people: only the school can say."""

    name, template = "etablissement", "activation/claim_counter.html"


class HeldClaim(ClaimEnding):
    """The school has just added this guardian: 48 hours, or the letter."""

    name, template = "attente", "activation/claim_held.html"


class HasAnAccount(ClaimEnding):
    """An account is in use already."""

    name, template = "deja", "activation/has_an_account.html"


def welcome(known: Claimant, account: Account, *, amr: str = "pwd") -> tuple[HttpResponse, Session]:
    """Open the visit of who has just activated, and show them in; about an address to confirm, the page says it."""
    response = redirect("activation:welcome")
    going_to = known.trail.facts.get("going_to", "")
    session = sessions.open(known.request, response, account, at=known.at, amr=amr, going_to=going_to)
    session.reminded_at = known.at
    session.save(update_fields=["reminded_at"])
    return response, session


def hand_ticket(known: Claimant, *, births: frozenset[date] = frozenset()) -> None:
    """Give this walk its ticket: the same whether or not anybody matched."""
    stated = replace(known.stated, births=births)
    tickets.hand(known.request, known.trail.facts, journey=known.journey_name, stated=stated, at=known.at)
