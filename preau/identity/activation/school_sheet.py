"""A pupil activates with the school's sheet: password, birth date, an address if they have one, and they are in."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Kind
from preau.identity.activation.forms import BirthDateForm, OptionalEmailForm
from preau.identity.activation.holder import Activated, AskTheSchool, Letter, Paused, know, try_dates
from preau.identity.signin import email_links, letter, sessions
from preau.identity.signin.common_passwords import own_words
from preau.identity.signin.forms import NewPasswordForm
from preau.journeys.served import Journey
from preau.journeys.step import Step


class ChoosePassword(Step[Letter]):
    """First the password; the draft keeps its hash."""

    name, title, template = "mot-de-passe", _("Ton mot de passe"), "activation/password.html"

    def form(self, data: Any = None) -> forms.Form:
        """The rules know the pupil's own words."""
        return NewPasswordForm(data, own_words=own_words(self.known.account, day=self.known.day))

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """Its hash: a draft never holds a secret in clear."""
        return {"encoded": make_password(form.cleaned_data["password"])}

    def context(self) -> dict[str, Any]:
        """The username, for a password keeper to remember both."""
        return {"username": self.known.account.username, "is_pupil": True}


class ProveBirthDate(Step[Letter]):
    """The pupil's own birth date."""

    name, title, template = "naissance", _("Ta date de naissance"), "activation/birth_date.html"
    form_class = BirthDateForm

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """That it was right; the date itself is not kept."""
        return {}

    def form(self, data: Any = None) -> forms.Form:
        """Never filled: it proves something."""
        return BirthDateForm(data)

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Compare; three wrong dates pause this device."""
        typed = frozenset({form.cleaned_data["born_on"]})
        if try_dates(self.known, typed, is_right=typed == frozenset(self.known.births)) is not None:
            form.add_error("born_on", gettext("Ce n’est pas la date que connaît ton établissement. Vérifie-la."))
        return None


class GiveEmail(Step[Letter]):
    """An address if they have one; then the account is active and they are in."""

    name, title, template = "courriel", _("Ton adresse"), "activation/optional_email.html"
    form_class = OptionalEmailForm

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Activate, and open the visit: the pupil has just proved who they are."""
        known = self.known
        known.hold_the_letter()
        account, at, by = known.account, known.at, known.account.key
        lifecycle.activate(account, origin=known.origin, by=by, at=at, uai=known.uai)
        account = lifecycle.choose_password(account, encoded=known.answers["mot-de-passe"]["encoded"], by=by, at=at)
        if answer["email"]:
            account = lifecycle.give_email(account, address=answer["email"], by=by, at=at)
            email_links.ask(account, message="signin/confirm_email", at=at)
        response = redirect("activation:welcome")
        session = sessions.open(known.request, response, account, at=at, going_to=known.trail.facts.get("going_to", ""))
        session.reminded_at = at
        session.save(update_fields=["reminded_at"])
        return response


def pupil_with_sheet(known: Letter) -> Iterator[type[Step[Letter]]]:
    """A pupil activates with the sheet of the school."""
    if known.is_active:
        yield Activated
        return
    if known.is_paused:
        yield Paused
        return
    if known.cannot_be_proved:
        yield AskTheSchool
        return
    yield ChoosePassword
    yield ProveBirthDate
    yield GiveEmail


PUPIL = Journey(
    name=letter.JOURNEYS[Kind.PUPIL],
    walk=pupil_with_sheet,
    know=know,
    url=letter.PAGES[Kind.PUPIL],
    begins_at="activation:over",
)
