"""« Ajouter des élèves depuis un autre compte », by proof: whoever has neither its username nor its letter.

The names are the account's own, never typed. The school is named, a code is typed back from the mobile that its base
knows and that nobody else holds, and all the birth dates of that record follow. Until the code nothing that is shown
and nothing that is done depends on whether anybody matched (design.md §6.10).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau import clock
from preau.design import text
from preau.identity.accounts import channels, claimable, lifecycle, merging
from preau.identity.accounts.channels import Way
from preau.identity.accounts.claimable import Claimable
from preau.identity.accounts.models import Account
from preau.identity.accounts.states import ForbiddenMove, State
from preau.identity.directory import claims, phones
from preau.identity.directory.claims import Record
from preau.identity.directory.models import School
from preau.identity.my_account.forms import OtherSchoolForm
from preau.identity.my_account.walking import guardian_walking
from preau.identity.signin import code_step
from preau.identity.signin.birth_dates import BirthDatesForm, Trial
from preau.identity.signin.code_step import Destination, TypeTheCode
from preau.identity.signin.lockout import Door
from preau.identity.support import tickets
from preau.identity.support.tickets import Stated
from preau.journeys import drafts
from preau.journeys.drafts import Trail
from preau.journeys.served import Journey, JourneyOver
from preau.journeys.step import Known, Step

NAME, WHERE, CHILDREN = "ajouter-un-enfant", "etablissement", "enfants"
# As for a change of number: the recent proof is ten minutes old at most, a code lives half an hour.
_LASTS = timedelta(minutes=40)


@dataclass(kw_only=True)
class Adder(Known):
    """A guardian, signed in in this browser, who asks for the children of another record of theirs."""

    account: Account
    trail: Trail
    request: HttpRequest

    @property
    def day(self) -> date:
        """The civil date."""
        return clock.today(self.at)

    @property
    def typed(self) -> dict[str, str]:
        """The first page, as it was filled."""
        return self.answers.get(WHERE) or {}

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """A number written without its country may be of several."""
        return phones.readings(self.typed.get("mobile", ""), demo_numbers=settings.DEMO_NUMBERS)

    @cached_property
    def own(self) -> tuple[Record, ...]:
        """The records this account has already: they say its names."""
        return claimable.of_accounts([self.account.pk], day=self.day, at=self.at).records

    @cached_property
    def claimable(self) -> Claimable:
        """The records that bear that number."""
        return claimable.by_mobile(self.numbers, day=self.day, at=self.at)

    @cached_property
    def chosen(self) -> tuple[Record, ...]:
        """Those of the school named that may be the same person's, under identical names; none is the account's own."""
        own, bases = self.own, {record.school for record in self.claimable.records}
        named = self.typed.get("school", "")
        # The empty one: the question is asked of the database whoever matched.
        schools = [school for school in School.objects.filter(pk__in=[*bases, ""]) if school.is_called(named)]
        here = {school.uai for school in schools}
        return tuple(
            record
            for record in self.claimable.records
            if record.school in here
            and record.account != self.account.pk
            and own
            and all(claims.may_be_one_person(mine, record) for mine in own)
        )

    @cached_property
    def accounts(self) -> list[Account]:
        """The accounts of those records, the oldest first."""
        return [self.claimable.accounts[pk] for pk in sorted({record.account for record in self.chosen})]

    @property
    def number(self) -> str:
        """Where the code goes: the number as the base has it, or what was typed when nobody has it."""
        known = {self.claimable.guardians[record.guardian].mobile for record in self.chosen}
        return next((number for number in self.numbers if number in known), self.numbers[0] if self.numbers else "")

    # Once a code was typed back -----------------------------------------------------------------------------------
    @cached_property
    def school(self) -> School | None:
        """Who can help; its name is not told where a file is protected."""
        if not self.chosen or self.is_held:
            return None
        return School.objects.get(pk=self.chosen[0].school)

    @property
    def is_held(self) -> bool:
        """Added since less than 48 h beside an active guardian (design §6.5), or a file the school protects."""
        return any(account.pk in self.claimable.held for account in self.accounts)

    @cached_property
    def is_number_theirs_alone(self) -> bool:
        """No record of somebody else bears it, and no other account proved it; an absorbed account is not else."""
        absorbed = Account.objects.filter(merged_into__kept=self.account, merged_into__undone_at=None)
        whose = (self.account, *absorbed, *self.accounts)
        return not channels.is_held_by_others(*whose, way=Way.SMS, address=self.number)

    @property
    def is_for_the_counter(self) -> bool:
        """Blocked, a birth date the school does not know, a number of two people: only the school can say."""
        usable = (State.UNNOTIFIED, State.NOTIFIED, State.ACTIVE)
        is_open = bool(self.accounts) and all(account.state in usable for account in self.accounts)
        is_known = all(None not in record.births for record in self.chosen)
        return not (is_open and is_known and self.is_number_theirs_alone)

    @cached_property
    def trial(self) -> Trial:
        """Where wrong dates are counted, with those of whoever activates by that mobile."""
        return Trial.of(self.request, door=Door.BIRTH_DATES_BY_MOBILE, record=self.number)

    @property
    def stated(self) -> Stated:
        """What a ticket keeps as digests: the account's own names, what was typed."""
        mine = self.own[0] if self.own else None
        births = frozenset(date.fromisoformat(day) for day in self.trail.facts.get("typed_births", []))
        return Stated(
            surname=(mine.used_name or mine.birth_name) if mine else "",
            first_name=mine.first_name if mine else "",
            mobile=self.numbers[0] if self.numbers else "",
            school=self.typed.get("school", ""),
            births=births,
        )


class NameTheSchool(Step[Adder]):
    """The school of that child, and the mobile it knows; the code leaves at once, if there is somebody."""

    name, title, template = WHERE, _("L’établissement"), "my_account/child_school.html"

    def form(self, data: Any = None) -> forms.Form:
        """The number of the account is proposed: it is often the same."""
        proposed = {"mobile": text.phone_in_pairs(self.known.account.mobile)}
        return OtherSchoolForm(data, initial=self.known.answers.get(self.name) or proposed)

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Ask for a code; the same is done whoever matched."""
        known = self.known
        known.trail.facts.pop("ticket", None)  # what was typed has changed
        answers = {**known.answers, self.name: answer}
        again = Adder(at=known.at, answers=answers, account=known.account, trail=known.trail, request=known.request)
        code_step.ask(Code(again), form)
        return None


class Code(TypeTheCode[Adder]):
    """The code received by SMS."""

    purpose, other_ways = NAME, "my_account:child_stuck"

    def destination(self) -> Destination:
        """The number as the base has it."""
        known = self.known
        on = known.accounts[0].key if known.accounts else ""
        return Destination(Way.SMS, known.number, on=on, readings=known.numbers)

    def context(self) -> dict[str, Any]:
        """The number as it was typed: which country it was found in is not said."""
        return {**super().context(), "sent_to": self.known.typed.get("mobile", "")}


class BirthDates(Step[Adder]):
    """All the children's birth dates of that record; then they are added, or both accounts are told."""

    name, title, template = CHILDREN, _("Les enfants"), "my_account/child_birth_dates.html"

    def form(self, data: Any = None) -> forms.Form:
        """Dates up to today."""
        form = BirthDatesForm(data, latest=self.known.day)
        form.fields["not_mine"].help_text = gettext("Rien ne sera ajouté : la page suivante dira quoi faire.")
        return form

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """Which accounts the dates open; the dates themselves are not kept."""
        assert isinstance(form, BirthDatesForm)
        if form.cleaned_data["not_mine"]:
            return {"accounts": [], "not_mine": True}
        return {"accounts": sorted(claims.proven(self.known.chosen, form.dates()))}

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Compare. Three wrong sets pause this browser and this mobile, and leave a ticket."""
        assert isinstance(form, BirthDatesForm)
        known, typed = self.known, form.dates()
        if form.cleaned_data["not_mine"]:  # nothing is compared, nothing is counted
            known.trail.facts["typed_births"] = sorted(day.isoformat() for day in typed)
            return None
        left = known.trial.judge(typed, is_right=bool(answer["accounts"]), trail=known.trail, at=known.at)
        if left is None:
            return _add(known, [account for account in known.accounts if account.pk in answer["accounts"]])
        form.refuse(left)
        known.trail.facts["typed_births"] = sorted(day.isoformat() for day in typed)
        if left == 0:
            hand_ticket(known)
        return None

    def context(self) -> dict[str, Any]:
        """The school whose children are asked for."""
        return {"school": self.known.school}


def _add(known: Adder, accounts: list[Account]) -> HttpResponse:
    """At once what was never activated; an account in use is told first. Raises `JourneyOver` when one has changed."""
    kept, by, is_asked = known.account, known.account.key, False
    try:
        for other in accounts:
            merging.judge(kept, other, day=known.day, at=known.at)
            if other.activated_at is None:
                merging.gather(kept, other, by=by, at=known.at)
            else:
                merging.ask(kept, other, by=by, at=known.at)
                is_asked = True
    except (merging.NotOnePerson, merging.Frozen, lifecycle.CannotMerge, ForbiddenMove):
        raise JourneyOver from None
    except merging.Unreachable:
        return redirect(f"{reverse('my_account:children')}?fait=injoignable")
    return redirect(f"{reverse('my_account:children')}?fait={'demande' if is_asked else 'ajout'}")


class Ending(Step[Adder]):
    """A page where the walk stays: who can help, and the ticket when one was given."""

    template = "my_account/child_ending.html"

    def is_done(self) -> bool:
        """Never."""
        return False

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """« Pourquoi ça bloque ? » is a button."""
        hand_ticket(self.known)
        return None

    def context(self) -> dict[str, Any]:
        """Why, who can help, and the ticket."""
        facts = self.known.trail.facts
        return {"why": self.name, "school": self.known.school, "has_ticket": "ticket" in facts, **tickets.words(facts)}


class Held(Ending):
    """The school has just added this record, or protects the file."""

    name = "attente"


class ForTheCounter(Ending):
    """Only the school can say."""

    name = "secretariat"


class NotMine(Ending):
    """« Un de ces enfants n’est pas le mien »: nothing is added, the school corrects first."""

    name = "a-corriger"


class Paused(Ending):
    """Three wrong sets of dates."""

    name = "pause"


def add_by_proof(known: Adder) -> Iterator[type[Step[Adder]]]:
    """A guardian adds the children of another record of theirs, without its letter."""
    yield NameTheSchool
    yield Code
    if known.is_held:
        yield Held
        return
    if known.is_for_the_counter:
        yield ForTheCounter
        return
    if known.trial.is_paused(at=known.at):
        yield Paused
        return
    yield BirthDates
    if known.answers[CHILDREN].get("not_mine"):
        yield NotMine


def hand_ticket(known: Adder) -> None:
    """Give this walk its ticket: the same whether or not anybody matched."""
    tickets.hand(known.request, known.trail.facts, journey=NAME, stated=known.stated, at=known.at)


def begin(response: HttpResponse, account: Account, *, at: datetime) -> HttpResponse:
    """Open the walk in the browser that receives `response`."""
    drafts.begin(response, journey=NAME, facts={"account": account.pk}, at=at, lifetime=_LASTS)
    return response


def walk_of(request: HttpRequest) -> Adder | None:
    """The walk this browser is on, once its first page is filled."""
    trail = drafts.of_browser(request, NAME)
    if trail is None or WHERE not in trail.answers:
        return None
    try:
        return _know(request, trail)
    except JourneyOver:
        return None


def _know(request: HttpRequest, trail: Trail) -> Adder:
    """Raises `JourneyOver` when somebody else is signed in, or nobody."""
    account = guardian_walking(request, trail)
    at = request.at  # type: ignore[attr-defined]
    return Adder(at=at, answers=trail.answers, account=account, trail=trail, request=request)


JOURNEY = Journey(
    name=NAME,
    walk=add_by_proof,
    know=_know,
    url="my_account:add_child",
    begins_at="my_account:children",
    lifetime=_LASTS,
)
