"""A guardian activates alone with a mobile: name and number, the code received, the children's birth dates, an address,
a password; then they are in, and their username is shown and sent.

The number must be the one the school knows. When it is also somebody else's (two guardians with one number, a child's
own phone), the address that the school knows must answer too: knowing a former spouse's name and one's own children is
not enough.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from preau import clock
from preau.identity.accounts import channels, lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account
from preau.identity.accounts.origins import Origin
from preau.identity.activation.claimant import (
    CHILDREN,
    DISOWNED,
    MOBILE,
    AskForACode,
    Claimant,
    ClaimByBirthDates,
    ClaimForTheCounter,
    ClaimNotMine,
    HasAnAccount,
    HeldClaim,
    LeftToTheSchool,
    PausedClaim,
)
from preau.identity.activation.claimant import welcome as show_in
from preau.identity.activation.forms import AddressIfAnyForm, WhoForm
from preau.identity.directory import phones
from preau.identity.directory.claims import Named
from preau.identity.messaging import outbox
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing
from preau.identity.signin import code_step
from preau.identity.signin.code_step import Destination, TypeTheCode
from preau.identity.signin.common_passwords import own_words
from preau.identity.signin.forms import NewPasswordForm
from preau.identity.signin.help import words_about
from preau.identity.support.tickets import Stated
from preau.journeys.drafts import Trail
from preau.journeys.served import Journey
from preau.journeys.step import Step

NAME = "activation-mobile"
ADDRESS = "courriel"


@dataclass(kw_only=True)
class WithMobile(Claimant):
    """Who typed their name and number."""

    journey_name: ClassVar[str] = NAME

    @property
    def typed(self) -> dict[str, str]:
        """The first page, as it was filled."""
        return self.answers.get(MOBILE) or {}

    @cached_property
    def who(self) -> Named:
        """As written in the two boxes."""
        return Named.typed(self.typed.get("surname", ""), self.typed.get("first_name", ""))

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """A number written without its country may be of several."""
        return phones.readings(self.typed.get("mobile", ""), demo_numbers=settings.DEMO_NUMBERS)

    @property
    def needs_the_address_too(self) -> bool:
        """The number is somebody else's too, and the address of the base is theirs alone."""
        return not self.is_number_theirs_alone and bool(self.base_email)

    @property
    def is_unsure(self) -> bool:
        """The number is somebody else's too, and no address can tell them apart."""
        return not self.is_number_theirs_alone and not self.base_email

    @property
    def has_given_an_address(self) -> bool:
        """They have one, and typed it."""
        return bool((self.answers.get(ADDRESS) or {}).get("email"))

    @property
    def stated(self) -> Stated:
        """What they typed."""
        mobile = self.numbers[0] if self.numbers else ""
        return Stated(surname=self.typed.get("surname", ""), first_name=self.typed.get("first_name", ""), mobile=mobile)


class SayWho(AskForACode[WithMobile]):
    """Name, first name, number."""

    name, title, template = MOBILE, _("Votre téléphone"), "activation/say_who.html"
    form_class = WhoForm

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Ask for a code; the same is done whoever they are."""
        self.count()
        self.known.answers[self.name] = answer
        code_step.ask(MobileCode(_again(self.known, answer)), form)
        return None


def _again(known: WithMobile, answer: dict[str, Any]) -> WithMobile:
    """The same walk, knowing what was just typed."""
    answers = {**known.answers, SayWho.name: answer}
    return WithMobile(at=known.at, answers=answers, trail=known.trail, request=known.request)


class MobileCode(TypeTheCode[WithMobile]):
    """The code received by SMS."""

    purpose, other_ways = NAME, "activation:stuck"

    def destination(self) -> Destination:
        """The number as the base has it."""
        return Destination(Way.SMS, self.known.number, on=self.known.on, readings=self.known.numbers)

    def proved(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """When the number is not theirs alone, a second code leaves for the address of the base."""
        known = self.known
        if not (known.is_active_already or known.is_for_the_counter) and known.needs_the_address_too:
            code_step.ask(BaseAddressCode(known), form)
        return None

    def context(self) -> dict[str, Any]:
        """The number as it was typed: which country it was found in is not said."""
        return {**super().context(), "sent_to": self.known.typed.get("mobile", "")}


class BaseAddressCode(TypeTheCode[WithMobile]):
    """The code received at the address that the school knows."""

    name, title, purpose = "second-code", _("Un second code"), f"{NAME}-address"
    template, other_ways = "activation/second_code.html", "activation:stuck"

    def destination(self) -> Destination:
        """The address of the base."""
        return Destination(Way.EMAIL, self.known.base_email, on=self.known.on)

    def context(self) -> dict[str, Any]:
        """The address, nearly all of it hidden."""
        local, _at, domain = self.known.base_email.partition("@")
        return {**super().context(), "sent_to": f"{local[:1]}•••@{domain}", "school": self.known.school}


class GiveAddress(Step[WithMobile]):
    """The address the account will use, if they have one."""

    name, title, template = ADDRESS, _("Votre adresse"), "activation/address_if_any.html"

    def form(self, data: Any = None) -> forms.Form:
        """The one the school knows is proposed: the number and the dates have proved who reads this."""
        initial = self.known.answers.get(self.name) or {"email": self.known.base_email}
        return AddressIfAnyForm(data, initial=initial)

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """A code leaves for it."""
        if answer["email"]:
            answers = {**self.known.answers, self.name: answer}
            known = WithMobile(at=self.known.at, answers=answers, trail=self.known.trail, request=self.known.request)
            code_step.ask(AddressCode(known), form)
        return None


class AddressCode(TypeTheCode[WithMobile]):
    """The code received at that address."""

    name, title, purpose = "code-courriel", _("Votre adresse"), f"{NAME}-given-address"

    def destination(self) -> Destination:
        """The address given."""
        return Destination(Way.EMAIL, self.known.answers[ADDRESS]["email"], on=self.known.on)


class ChoosePassword(Step[WithMobile]):
    """The last page: the account is active and they are in."""

    name, title, template = "mot-de-passe", _("Votre mot de passe"), "activation/own_password.html"

    def form(self, data: Any = None) -> forms.Form:
        """The rules know the person's own words."""
        return NewPasswordForm(data, own_words=own_words(self.known.opened[0], day=self.known.day))

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """Hashed before anything is locked."""
        return {"encoded": make_password(form.cleaned_data["password"])}

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Activate, gather, write down what was proved, open the visit."""
        known, at = self.known, self.known.at
        account = known.open_accounts(known.opened, origin=Origin.SELF)
        by = account.key
        known.dispute(known.answers.get(DISOWNED, {}).get("children", []), by=by)
        account = lifecycle.choose_password(account, encoded=answer["encoded"], by=by, at=at)
        account = lifecycle.confirm_mobile(account, mobile=known.number, by=by, at=at)
        if known.has_given_an_address:
            account = lifecycle.confirm_email(account, address=known.answers[ADDRESS]["email"], by=by, at=at)
        way = Way.EMAIL if account.has_confirmed_email() else Way.SMS
        outbox.post("activation/welcome", on=account.key, at=at, way=way)
        return show_in(known, account)[0]

    def context(self) -> dict[str, Any]:
        """The username, for a password keeper to remember both."""
        return {"username": self.known.opened[0].username}


def guardian_with_mobile(known: WithMobile) -> Iterator[type[Step[Any]]]:
    """A guardian activates alone, with a mobile."""
    yield SayWho
    yield MobileCode
    if known.is_active_already:
        yield HasAnAccount
        return
    if known.is_for_the_counter:
        yield ClaimForTheCounter
        return
    if known.is_held:
        yield HeldClaim
        return
    if known.is_unsure:
        yield ClaimForTheCounter
        return
    if known.needs_the_address_too:
        yield BaseAddressCode
    if known.is_paused:
        yield PausedClaim
        return
    yield ClaimByBirthDates
    if known.answers[CHILDREN]["not_mine"] and known.opened:
        yield ClaimNotMine
    if known.is_left_to_the_school:
        yield LeftToTheSchool
        return
    yield GiveAddress
    if known.has_given_an_address:
        yield AddressCode
    yield ChoosePassword


def know(request: HttpRequest, trail: Trail) -> WithMobile:
    """The facts of a walk."""
    return WithMobile(at=request.at, answers=trail.answers, trail=trail, request=request)  # type: ignore[attr-defined]


def welcome(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « votre compte est activé »: the username, to a channel that was just proved."""
    account = Account.objects.filter(pk=outgoing.on.partition(":")[2]).first()
    to = {proved.way: proved.address for proved in channels.proved(account)} if account is not None else {}
    if account is None or outgoing.way not in to:
        return None
    return Envelope(to=to[Way(outgoing.way)], context=words_about(account, day=clock.today(at)))


MOBILE_JOURNEY = Journey(
    name=NAME, walk=guardian_with_mobile, know=know, url="activation:mobile", begins_at="activation:mobile_start"
)
