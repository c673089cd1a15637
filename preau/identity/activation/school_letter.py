"""A guardian activates with the school's letter: address, children's birth dates, password, then the link by e-mail.

The account is ACTIVE once that link is confirmed by a button; until then its holder may only have it sent again or
correct the address.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from preau import clock
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, Kind
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import State
from preau.identity.activation.disputes import dispute
from preau.identity.activation.forms import EmailForm, NotMineForm
from preau.identity.activation.holder import (
    Activated,
    AskTheSchool,
    Ending,
    LeftToTheSchool,
    Letter,
    Paused,
    know,
    try_dates,
)
from preau.identity.signin import email_links, help, letter, old_accounts, refused_mail
from preau.identity.signin.birth_dates import BirthDatesForm
from preau.identity.signin.common_passwords import own_words
from preau.identity.signin.email_links import LinkState
from preau.identity.signin.forms import NewPasswordForm
from preau.journeys.served import Journey
from preau.journeys.step import Step


class GiveEmail(Step[Letter]):
    """The address that will activate the account."""

    name, title, template = "courriel", _("Votre adresse"), "activation/email.html"
    form_class = EmailForm


class ProveByBirthDates(Step[Letter]):
    """All the children's birth dates."""

    name, title, template = "enfants", _("Vos enfants"), "activation/birth_dates.html"

    def is_done(self) -> bool:
        """Every child of today is proven, or will be said not to be one's own."""
        answer = self.known.answers.get(self.name)
        return answer is not None and (
            answer["not_mine"] or {link.pk for link in self.known.links} <= set(answer["proven"])
        )

    def form(self, data: Any = None) -> forms.Form:
        """Dates up to today."""
        return BirthDatesForm(data, latest=self.known.day)

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """Which links are proven; the dates themselves are not kept."""
        assert isinstance(form, BirthDatesForm)
        proven = [link.pk for link in self.known.links if link.enrolment.pupil.birth_on in form.dates()]
        return {"proven": proven, "not_mine": form.cleaned_data["not_mine"]}

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Compare; a wrong set counts on this device and on this account, the same one typed twice counts once."""
        assert isinstance(form, BirthDatesForm)
        if form.leaves_to_the_school:  # nothing is guessed, nothing is counted
            return None
        typed, expected = form.dates(), frozenset(self.known.births)
        is_right = typed == expected or (answer["not_mine"] and typed < expected)
        tries_left = try_dates(self.known, typed, is_right=is_right)
        if tries_left is not None:
            form.refuse(tries_left)
        return None

    def context(self) -> dict[str, Any]:
        """The school whose children are asked for."""
        return {"school": self.known.school}


class NotMine(Step[Letter]):
    """« Je ne suis pas le représentant légal de cet élève »."""

    name, title, template = "rattachement", _("Les rattachements"), "activation/not_mine.html"

    def is_done(self) -> bool:
        """Every child of today is proven or disowned."""
        answer = self.known.answers.get(self.name)
        proven = set(self.known.answers["enfants"]["proven"])
        return answer is not None and {link.pk for link in self.known.links} <= proven | set(answer["children"])

    def form(self, data: Any = None) -> forms.Form:
        """One box per child."""
        proven = frozenset(self.known.answers["enfants"]["proven"])
        return NotMineForm(data, links=self.known.links, proven=proven, initial=self.known.answers.get(self.name))

    def context(self) -> dict[str, Any]:
        """Who can help."""
        return {"school": self.known.school}


class ChoosePassword(Step[Letter]):
    """The last page: everything is written, the letter dies, the message leaves."""

    name, title, template = "mot-de-passe", _("Votre mot de passe"), "activation/password.html"

    def form(self, data: Any = None) -> forms.Form:
        """The rules know the person's own words."""
        return NewPasswordForm(data, own_words=own_words(self.known.account, day=self.known.day))

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """Hashed before anything is locked."""
        return {"encoded": make_password(form.cleaned_data["password"])}

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Disown, choose, give the address, send the link; the account stays « Notifié » until it is confirmed."""
        known = self.known
        known.hold_the_letter()
        account, at, by = known.account, known.at, known.account.key
        disowned = set(known.answers.get("rattachement", {}).get("children", []))
        for link in known.links:
            if link.pk in disowned:
                dispute(link, by=by, at=at)
        lifecycle.choose_password(account, encoded=answer["encoded"], by=by, at=at)
        account = lifecycle.give_email(account, address=known.answers["courriel"]["email"], by=by, at=at)
        email_links.ask(account, message="activation/confirm_email", at=at)
        known.trail.facts["chosen_at"] = at.isoformat()
        return None

    def context(self) -> dict[str, Any]:
        """The username, for a password keeper to remember both."""
        return {"username": self.known.account.username}


class ReadYourMail(Ending):
    """« Consultez votre messagerie »: have it sent again, or correct the address."""

    name, template = "messagerie", "activation/read_your_mail.html"

    def form(self, data: Any = None) -> forms.Form:
        """The address that waits."""
        return EmailForm(data, initial={"email": self.known.account.pending_email})

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Send again; a corrected address kills the links sent to the one before."""
        account, at = self.known.account, self.known.at
        if answer["email"] != account.pending_email:
            account = lifecycle.give_email(account, address=answer["email"], by=account.key, at=at)
        email_links.ask(account, message="activation/confirm_email", at=at)
        return None

    def context(self) -> dict[str, Any]:
        """Where the message went, and whether it was just sent again."""
        is_again = self.name in self.known.answers
        account = self.known.account
        facts = {
            "pending_email": account.pending_email,
            "username": account.username,
            "is_again": is_again,
            "is_refused": refused_mail.is_refused(account),
        }
        return {**super().context(), **facts}


def guardian_with_letter(known: Letter) -> Iterator[type[Step[Letter]]]:
    """A guardian activates with the letter of the school."""
    if known.is_active:
        yield Activated
        return
    if known.is_waiting:
        yield ReadYourMail
        return
    if known.is_paused:
        yield Paused
        return
    if known.cannot_be_proved:
        yield AskTheSchool
        return
    yield GiveEmail
    yield ProveByBirthDates
    if known.answers["enfants"]["not_mine"] and known.answers["enfants"]["proven"]:
        yield NotMine
    if known.is_left_to_the_school:
        yield LeftToTheSchool
        return
    yield ChoosePassword


@transaction.atomic
def confirm_email(token: str, *, at: datetime) -> tuple[LinkState, Account | None, bool]:
    """The button behind the link: the address is confirmed; a guardian who waited for that is ACTIVE.

    Returns what the link was worth, whose it is, and whether the account was activated. Signs nobody in.
    """
    state, account = email_links.use(token, at=at)
    if state is not LinkState.GOOD or account is None:
        return state, account, False
    old_origin = old_accounts.origin_of(account, chosen_at=account.credentials_changed_at)
    is_waiting = account.state == State.NOTIFIED or (account.state == State.UNNOTIFIED and old_origin is not None)
    if not is_waiting or not account.has_usable_password():
        return state, account, False
    school = help.school_of(account, day=clock.today(at))
    origin = old_origin or Origin.SCHOOL
    lifecycle.activate(account, origin=origin, by=account.key, at=at, uai=school.uai if school else "")
    return state, account, True


GUARDIAN = Journey(
    name=letter.JOURNEYS[Kind.GUARDIAN],
    walk=guardian_with_letter,
    know=know,
    url=letter.PAGES[Kind.GUARDIAN],
    begins_at="activation:over",
)
