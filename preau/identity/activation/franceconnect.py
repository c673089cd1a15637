"""A guardian activates with FranceConnect: it says who they are; the school's base must know them by something more.

That something is the mobile (a code by SMS), otherwise the address (a code by e-mail), otherwise the school's letter;
then the birth dates of all the children. With none of these: activation/franceconnect_alone.py. No password of ours:
from then on FranceConnect alone signs in. The same walk replaces the link of an account whose FranceConnect subject
changed (a marriage, a correction of the register): then the mobile must be one that the account itself proved.
"""
# size: one journey: what is known of the citizen, its pages in their order, and what the last one writes

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from preau.identity.accounts import alone as openings
from preau.identity.accounts import channels, claimable, lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.claimable import Claimable
from preau.identity.accounts.models import Account, FranceConnectLink, Kind
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import ForbiddenMove, State
from preau.identity.activation import franceconnect_alone as alone
from preau.identity.activation.claimant import (
    CHILDREN,
    DISOWNED,
    MOBILE,
    AskForACode,
    Claimant,
    ClaimByBirthDates,
    ClaimEnding,
    ClaimForTheCounter,
    ClaimNotMine,
    HasAnAccount,
    HeldClaim,
    LeftToTheSchool,
    PausedClaim,
)
from preau.identity.activation.claimant import welcome as show_in
from preau.identity.activation.forms import KnownAddressForm, LetterForm, MobileOnlyForm, OtherProofForm
from preau.identity.activation.franceconnect_alone import TITLES, AllBirthDates, NameTheChild
from preau.identity.activation.holder import hold_letter, letter_issued_at
from preau.identity.directory import claims, names, phones
from preau.identity.directory.claims import Named, Record
from preau.identity.directory.matching import folded_email
from preau.identity.directory.models import School
from preau.identity.franceconnect import sealing
from preau.identity.franceconnect.identity import Identity
from preau.identity.signin import authenticator, captcha, code_step, device, email_links, network
from preau.identity.signin import franceconnect as door
from preau.identity.signin.authenticator_step import TypeAuthenticator
from preau.identity.signin.birth_dates import Trial
from preau.identity.signin.code_step import Destination, TypeTheCode
from preau.identity.signin.help import school_of
from preau.identity.signin.lockout import Door
from preau.identity.signin.proof import Found, prove
from preau.identity.support.tickets import Stated
from preau.journeys.drafts import Trail
from preau.journeys.served import Journey, JourneyOver
from preau.journeys.step import Step

NAME = door.ACTIVATION
OTHER, ADDRESS, LETTER = "autre-preuve", "courriel-connu", "lettre"


@dataclass(kw_only=True)
class WithFranceConnect(Claimant):
    """Who came back from FranceConnect and opens no account yet."""

    journey_name: ClassVar[str] = NAME
    identity: Identity

    @cached_property
    def who(self) -> Named:
        """Birth name and used name; all the given names together, and each of them; the civility."""
        surnames = names.surnames(self.identity.birth_name, self.identity.used_name)
        given = {names.fold(" ".join(self.identity.given_names)), *map(names.fold, self.identity.given_names)}
        return Named(surnames, frozenset(given - {""}), TITLES.get(self.identity.gender, ""))

    @property
    def has_no_mobile(self) -> bool:
        """« Je n’ai plus ce numéro »."""
        return bool((self.answers.get(MOBILE) or {}).get("other"))

    @property
    def other_proof(self) -> str:
        """What they show instead: "email", "letter", "neither"."""
        return str((self.answers.get(OTHER) or {}).get("proof", "")) if self.has_no_mobile else ""

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """A number written without its country may be of several."""
        typed = "" if self.has_no_mobile else (self.answers.get(MOBILE) or {}).get("mobile", "")
        return phones.readings(typed, demo_numbers=settings.DEMO_NUMBERS)

    @property
    def address(self) -> str:
        """The address typed, folded."""
        return folded_email((self.answers.get(ADDRESS) or {}).get("email", ""))

    @cached_property
    def claimable(self) -> Claimable:
        """The records that what they show leads to."""
        if self.other_proof == "email":
            return claimable.by_email(self.address, day=self.day, at=self.at)
        if self.other_proof == "letter":
            return claimable.of_accounts(self._of_letter, day=self.day, at=self.at)
        if self.is_alone:
            return alone.found(self.answers.get(alone.CHILD) or {}, day=self.day, at=self.at)
        return claimable.by_mobile(self.numbers, day=self.day, at=self.at)

    @cached_property
    def _of_letter(self) -> list[int]:
        """The account of the very letter that was shown, unless it was burnt or replaced since; or one in use since."""
        shown = self.answers.get(LETTER) or {}
        account = Account.objects.select_related("temporary_password").filter(pk=shown.get("account")).first()
        if account is None:
            return []
        is_good = letter_issued_at(account) == shown.get("issued_at") or account.state == State.ACTIVE
        return [account.pk] if is_good else []

    @property
    def is_alone(self) -> bool:
        """They have nothing to show but FranceConnect itself."""
        return self.other_proof == "neither"

    @property
    def shown(self) -> str:
        """The mobile, the address, the letter, or nothing."""
        return self.other_proof or "mobile"

    @property
    def may_leave_a_child_out(self) -> bool:
        """FranceConnect says who they are, and something the school knows answers beside it."""
        return not self.is_alone

    @property
    def is_incomplete(self) -> bool:
        """FranceConnect does not say enough to be a proof by itself: a civility, an adult’s birth date."""
        return not alone.may_be_enough(self.identity, day=self.day)

    @cached_property
    def chosen(self) -> tuple[Record, ...]:
        """The records they may claim: one person's, or none."""
        if self.is_alone:
            return alone.opened_to(self.identity, self.who, self.claimable, school=self.school)
        return claims.claimed(self.claimable.records, self.who)

    @cached_property
    def school(self) -> School | None:
        """Who can help; with FranceConnect alone, the school they named themselves: it tells nothing."""
        if self.is_alone:
            return School.objects.filter(pk=(self.answers.get(alone.CHILD) or {}).get("school", "")).first()
        return school_of(self.accounts[0], day=self.day) if self.accounts else None

    @property
    def link(self) -> FranceConnectLink | None:
        """The identity that opens the one account claimed, if any."""
        return FranceConnectLink.objects.filter(account__in=self.accounts).first() if len(self.accounts) == 1 else None

    @cached_property
    def is_subject_changed(self) -> bool:
        """The account is in use through FranceConnect, and the mobile is one it proved itself: not the base's alone."""
        if not self.is_active_already or self.has_no_mobile or self.link is None:
            return False
        (account,) = self.accounts
        return account.mobile == self.number and channels.is_held_alone(account, Way.SMS)

    @property
    def holder(self) -> Account:
        """Whose account is linked again."""
        (account,) = self.accounts
        return account

    @property
    def has_authenticator(self) -> bool:
        """Linking again is a recovery: a code is asked as for another password (docs/decisions/0019)."""
        return self.is_subject_changed and authenticator.is_on(self.holder)

    @property
    def is_pupil(self) -> bool:
        """To whom one speaks."""
        return False

    @cached_property
    def trial(self) -> Trial:
        """Wrong dates count on this browser, and on what was proved."""
        if self.is_alone:  # never on a record that anybody can name: on who FranceConnect says they are
            record = f"franceconnect {self.identity.subject}"
        else:
            record = self.number or self.address or f"letter {[account.pk for account in self.accounts]}"
        return Trial.of(self.request, door=Door.BIRTH_DATES_BY_MOBILE, record=record)

    @property
    def stated(self) -> Stated:
        """What FranceConnect said and what they typed."""
        return Stated(
            surname=self.identity.used_name or self.identity.birth_name,
            first_name=self.identity.first_name,
            mobile=self.numbers[0] if self.numbers else "",
            email=self.address,
            school=self.school.name if self.is_alone and self.school else "",
            child=(self.answers.get(alone.CHILD) or {}).get("child", "") if self.is_alone else "",
            title=TITLES.get(self.identity.gender, ""),
        )

    def having(self, page: str, answer: dict[str, Any]) -> "WithFranceConnect":
        """The same walk, knowing what was just typed."""
        answers = {**self.answers, page: answer}
        return WithFranceConnect(
            at=self.at, answers=answers, trail=self.trail, request=self.request, identity=self.identity
        )


class SayMobile(AskForACode[WithFranceConnect]):
    """The number that the school knows, or « je n’ai plus ce numéro »."""

    name, title, template = MOBILE, _("Votre téléphone"), "activation/say_mobile.html"
    form_class = MobileOnlyForm

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Ask for a code; the same is done whoever they are."""
        if not answer["other"]:
            self.count()
            code_step.ask(CodeBySms(self.known.having(self.name, answer)), form)
        return None

    def context(self) -> dict[str, Any]:
        """Who FranceConnect says they are."""
        return {"identity": self.known.identity}


class CodeBySms(TypeTheCode[WithFranceConnect]):
    """The code received by SMS."""

    purpose, other_ways = NAME, "activation:stuck"

    def destination(self) -> Destination:
        """The number as the base has it."""
        return Destination(Way.SMS, self.known.number, on=self.known.on, readings=self.known.numbers)

    def context(self) -> dict[str, Any]:
        """The number as it was typed: which country it was found in is not said."""
        return {**super().context(), "sent_to": (self.known.answers.get(MOBILE) or {}).get("mobile", "")}


class SayOtherProof(Step[WithFranceConnect]):
    """What they can show instead of the mobile."""

    name, title, template = OTHER, _("Une autre preuve"), "activation/other_proof.html"
    form_class = OtherProofForm


class SayAddress(AskForACode[WithFranceConnect]):
    """The address that the school knows."""

    name, title, template = ADDRESS, _("Votre adresse"), "activation/known_address.html"
    form_class = KnownAddressForm

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Ask for a code; the same is done whoever they are."""
        self.count()
        code_step.ask(CodeByEmail(self.known.having(self.name, answer)), form)
        return None


class CodeByEmail(TypeTheCode[WithFranceConnect]):
    """The code received at that address."""

    purpose, other_ways = f"{NAME}-address", "activation:stuck"

    def destination(self) -> Destination:
        """The address, if the base has it for somebody of that name."""
        return Destination(Way.EMAIL, self.known.address, on=self.known.on)


class ShowLetter(Step[WithFranceConnect]):
    """The username and temporary password of the school's letter: a try at the door of the passwords, counted there."""

    name, title, template = LETTER, _("La lettre"), "activation/show_letter.html"

    def is_done(self) -> bool:
        """The letter still counts: one that was burnt or replaced meanwhile has to be shown again."""
        return bool(self.known.claimable.records)

    def form(self, data: Any = None) -> forms.Form:
        """Never filled."""
        return LetterForm(data)

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """The account of the letter, when it is right and bears the name that FranceConnect said."""
        assert isinstance(form, LetterForm)
        known = self.known
        proof = prove(
            username=form.cleaned_data["username"], typed=form.cleaned_data["password"], profile=Kind.GUARDIAN,
            device=device.of(known.request), network=network.of(known.request), at=known.at,
            answer=known.request.POST.get(captcha.FIELD, ""),
        )  # fmt: skip
        form.proof = proof
        if proof.found is not Found.LETTER or proof.account is None:
            return {"account": None}
        return {"account": proof.account.pk, "issued_at": letter_issued_at(proof.account)}

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """One answer for a wrong letter and for somebody else's; what the next try asks goes with it."""
        assert isinstance(form, LetterForm)
        if answer["account"] is None or not self.known.having(self.name, answer).chosen:
            form.refuse()
        return None


class Neither(ClaimEnding):
    """Neither mobile, nor address, nor letter, and FranceConnect alone does not do: one page, whatever is missing."""

    name, template = "sans-preuve", "activation/claim_neither.html"


class Finish(Step[WithFranceConnect]):
    """The last page: who, which children, one button."""

    name, title, template = "terminer", _("Activer"), "activation/finish.html"

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Activate or link again, write down what was proved, open the visit."""
        known = self.known
        account = _link_again(known) if known.is_subject_changed else _open(known)
        response, session = show_in(known, account, amr=door.AMR)
        if token := known.trail.facts.get("id_token"):
            door.keep(session, token)
        return response

    def context(self) -> dict[str, Any]:
        """Who they are, and the children that will be theirs."""
        disowned = set(self.known.answers.get(DISOWNED, {}).get("children", []))
        links = [link for link in self.known.links if link.pk not in disowned]
        return {"identity": self.known.identity, "links": links}


class FinishAlone(Finish):
    """The same last page, which says who is told and what waits."""

    template = "activation/finish_alone.html"

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Activate; tell the school, the base's mobile and address, the other guardians."""
        known = self.known
        (account,), (guardian,) = known.opened, known.guardians
        response = super().act(form, answer)
        openings.opened(account, guardian=guardian, by=account.key, at=known.at, uai=known.uai)
        return response


def _open(known: WithFranceConnect) -> Account:
    """Activate, gather, link. Raises `JourneyOver` when something happened to the account or the letter meanwhile."""
    if known.other_proof == "letter":
        (held,), shown = known.accounts, known.answers[LETTER]
        hold_letter(held, issued_at=shown.get("issued_at"))
    account = known.open_accounts(known.opened, origin=Origin.FRANCECONNECT)
    known.dispute(known.answers.get(DISOWNED, {}).get("children", []), by=account.key)
    try:
        lifecycle.link_franceconnect(account, subject=known.identity.subject, by=account.key, at=known.at)
    except lifecycle.AlreadyLinked:
        raise JourneyOver from None
    return _write_down(known, account)


def _link_again(known: WithFranceConnect) -> Account:
    """A recovery (design.md §6.8): other visits end, every channel that the holder proved is told."""
    account, at = known.holder, known.at
    if authenticator.is_on(account) and TypeAuthenticator.name not in known.answers:  # it was added since
        raise JourneyOver
    known.dispute(known.answers.get(DISOWNED, {}).get("children", []), by=account.key)
    try:
        account = lifecycle.relink_franceconnect(account, subject=known.identity.subject, by=account.key, at=at)
    except (lifecycle.AlreadyLinked, ForbiddenMove):
        raise JourneyOver from None
    channels.tell("my_account/franceconnect_linked", account, at=at)
    return account


def _write_down(known: WithFranceConnect, account: Account) -> Account:
    """What was proved on the way, and FranceConnect's address, which has still to be."""
    at, by = known.at, account.key
    if known.other_proof == "email":
        account = lifecycle.confirm_email(account, address=known.address, by=by, at=at)
    elif not known.has_no_mobile:
        account = lifecycle.confirm_mobile(account, mobile=known.number, by=by, at=at)
    if not account.has_confirmed_email() and known.identity.email:
        account = lifecycle.give_email(account, address=known.identity.email, by=by, at=at)
        email_links.ask(account, message="signin/confirm_email", at=at)
    return account


def guardian_with_franceconnect(known: WithFranceConnect) -> Iterator[type[Step[Any]]]:
    """A guardian activates with FranceConnect."""
    yield SayMobile
    if known.has_no_mobile:
        yield SayOtherProof
    if known.is_alone:
        if known.is_incomplete:
            yield Neither
            return
        yield NameTheChild
        if known.is_paused:
            yield Neither
            return
        yield AllBirthDates
        if known.answers[CHILDREN]["not_mine"] and known.opened:
            yield ClaimNotMine
        if known.is_left_to_the_school:
            yield LeftToTheSchool
            return
        yield FinishAlone
        return
    if known.other_proof == "letter":
        yield ShowLetter
    if known.other_proof == "email":
        yield SayAddress
        yield CodeByEmail
    if not known.has_no_mobile:
        yield CodeBySms
    if known.is_active_already and not known.is_subject_changed:
        yield HasAnAccount
        return
    if known.is_for_the_counter and not known.is_subject_changed:
        yield ClaimForTheCounter
        return
    if known.is_held:
        yield HeldClaim
        return
    if known.is_paused:
        yield PausedClaim
        return
    yield ClaimByBirthDates
    if known.answers[CHILDREN]["not_mine"] and known.opened:
        yield ClaimNotMine
    if known.is_left_to_the_school:
        yield LeftToTheSchool
        return
    if known.has_authenticator:
        yield TypeAuthenticator
    yield Finish


def know(request: HttpRequest, trail: Trail) -> WithFranceConnect:
    """The facts of a walk. Raises `JourneyOver` when the identity is not one we sealed."""
    try:
        identity = sealing.unseal(trail.facts.get("identity", ""))
    except sealing.NotAnIdentity:
        raise JourneyOver from None
    at = request.at  # type: ignore[attr-defined]
    return WithFranceConnect(at=at, answers=trail.answers, trail=trail, request=request, identity=identity)


FRANCECONNECT_JOURNEY = Journey(
    name=NAME,
    walk=guardian_with_franceconnect,
    know=know,
    url="activation:franceconnect",
    begins_at="signin:guardian",
)
