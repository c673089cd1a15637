"""A guardian forgot their username: it goes to the address they proved; by SMS, a code first, then it is shown.

It is never shown to somebody who only knows an address.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Kind
from preau.identity.messaging import outbox, sms
from preau.identity.recovery import limits, searcher, whose
from preau.identity.recovery.forms import AGAIN, STUCK, CodeForm, ContactForm
from preau.identity.recovery.searcher import Searcher, Sent
from preau.identity.recovery.steps import SayWho, TakeTicket
from preau.identity.signin import codes
from preau.journeys.drafts import Trail
from preau.journeys.served import Journey
from preau.journeys.step import Step

NAME = "recuperation-responsable-identifiant"


class GiveContact(searcher.GiveContact):
    """An address or a mobile, in one box."""

    title = _("Votre adresse ou votre mobile")

    def form(self, data: Any = None) -> forms.Form:
        """In development, the numbers of fiction too. Filled with what was typed."""
        initial = {"contact": self.known.address}
        effort = limits.effort(self.known.request, self.known.at)
        return ContactForm(data, initial=initial, demo_numbers=settings.DEMO_NUMBERS, effort=effort)


class TypeCode(Step[Searcher]):
    """The code that came by SMS."""

    name, title, template, form_class = "code", _("Le code"), "recovery/code.html", CodeForm

    def is_done(self) -> bool:
        """The right code was typed for this number; or nothing can be received any more."""
        answer = self.known.answers.get(self.name, {})
        return answer.get("wish") == STUCK or answer.get("proved") == self.known.purpose(self.known.address)

    def form(self, data: Any = None) -> forms.Form:
        """Never filled: it proves something."""
        return CodeForm(data)

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """What was wished; a code itself is never kept."""
        return {"wish": form.cleaned_data.get("wish", "")}

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Judge the code, or send another one. Once it is right, the usernames also leave by SMS, to be kept."""
        known = self.known
        if answer["wish"] == AGAIN:
            if sentence := known.send(Way.SMS, known.address, known.readings):
                form.add_error(None, sentence)
        elif not answer["wish"]:
            purpose = known.purpose(known.address)
            if self.is_done():  # the second click of a double click, or the page sent again after « back »
                answer["proved"] = purpose
                return None
            checked = codes.check(trail=known.trail, purpose=purpose, typed=form.cleaned_data["code"], at=known.at)
            if not checked.is_right:
                form.add_error("code", codes.words(checked))
                return None
            answer["proved"] = purpose
            if known.found.proved:
                facts = whose.sealed(known.kind, known.address)
                outbox.post("recovery/usernames", on="recovery", at=known.at, way=Way.SMS, **facts)
        return None

    def context(self) -> dict[str, Any]:
        """By which way, and whether another one has just left; the same whoever matched."""
        wish = self.known.answers.get(self.name, {}).get("wish")
        return {"is_sms": True, "is_again": wish == AGAIN, "is_down": sms.is_down(self.known.at), "is_pupil": False}


class Shown(Step[Searcher]):
    """The usernames of who proved this mobile; or how to activate."""

    name, template = "identifiants", "recovery/usernames.html"

    def is_done(self) -> bool:
        """Never: it is where one stays."""
        return False

    def context(self) -> dict[str, Any]:
        """Whose it is."""
        return {"usernames": [account.username for account in self.known.found.proved]}


def guardian_lost_username(known: Searcher) -> Iterator[type[Step[Any]]]:
    """A guardian is given back their username, at the address or the mobile they proved."""
    yield GiveContact
    if known.is_by_email:
        yield Sent
    else:
        yield TypeCode
    if known.is_stuck:
        yield SayWho
        yield TakeTicket
        return
    yield Shown


def know(request: HttpRequest, trail: Trail) -> Searcher:
    """What is known."""
    at = request.at  # type: ignore[attr-defined]
    return Searcher(at=at, answers=trail.answers, kind=Kind.GUARDIAN, journey=NAME, request=request, trail=trail)


JOURNEY = Journey(
    name=NAME,
    walk=guardian_lost_username,
    know=know,
    url="recovery:guardian_username",
    begins_at="recovery:over",
)
