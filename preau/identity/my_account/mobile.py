"""« Mon téléphone portable »: a number is the holder's once the code sent to it was typed back.

Served by two pages: the number, the code. What follows is accounts/channel_changes.py's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau import clock
from preau.identity.accounts import channel_changes
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account
from preau.identity.directory import identifiers
from preau.identity.my_account.forms import MobileForm
from preau.identity.my_account.walking import guardian_walking
from preau.identity.signin import code_step, sessions, step_up
from preau.identity.signin.code_step import Destination, TypeTheCode
from preau.identity.signin.help import school_of
from preau.journeys import drafts
from preau.journeys.drafts import Trail
from preau.journeys.served import Journey
from preau.journeys.step import Known, Step

NAME = "mon-mobile"
# The recent proof that opened it is ten minutes old at most; a code lives half an hour.
_LASTS = timedelta(minutes=40)


@dataclass(kw_only=True)
class Holder(Known):
    """Who changes their number, signed in in this browser."""

    account: Account
    trail: Trail
    request: HttpRequest

    @property
    def mobile(self) -> str:
        """The number typed, in E.164."""
        return str(self.answers.get(Number.name, {}).get("mobile", ""))

    @property
    def department(self) -> str:
        """How numbers are written around their school."""
        school = school_of(self.account, day=clock.today(self.at))
        return identifiers.department(school.uai) if school else ""


class Number(Step[Holder]):
    """The number; the code leaves at once."""

    name, title, template = "numero", _("Le numéro"), "my_account/mobile_number.html"

    def form(self, data: Any = None) -> forms.Form:
        """Not the number the account has already."""
        known = self.known
        return MobileForm(
            data, initial=known.answers.get(self.name), current=known.account.mobile, department=known.department
        )

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Send the code to that number; the walk lasts longer than the proof that opened it, which is asked again."""
        session = sessions.current(self.known.request)
        if session is None or not step_up.is_enough(session, self.known.at):
            return redirect("my_account:change_mobile")
        self.known.answers = {**self.known.answers, self.name: answer}
        code_step.ask(Code(self.known), form)
        return None


class Code(TypeTheCode[Holder]):
    """The code, and then the number is the account's, or will be."""

    template, purpose = "my_account/mobile_code.html", "my-mobile"

    def destination(self) -> Destination:
        """Where the holder said; it is theirs if they can read the code."""
        mobile = self.known.mobile
        return Destination(Way.SMS, mobile, on=self.known.account.key, shown=mobile)

    def proved(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """The first channel of all counts at once; otherwise it waits 48 hours, or until the old number agrees."""
        account = self.known.account
        try:
            change = channel_changes.give_mobile(account, mobile=self.known.mobile, by=account.key, at=self.known.at)
        except channel_changes.RefusedBefore:
            form.add_error(None, gettext("Un changement a été refusé : choisissez d’abord un nouveau mot de passe."))
            return None
        return redirect(f"{reverse('my_account:mobile')}?fait={'demande' if change else 'mobile'}")


def change_mobile(known: Holder) -> Iterator[type[Step[Holder]]]:
    """A number, then the code it received."""
    yield Number
    yield Code


def begin(response: HttpResponse, account: Account, *, at: Any) -> HttpResponse:
    """Open the walk in the browser that receives `response`."""
    drafts.begin(response, journey=NAME, facts={"account": account.pk}, at=at, lifetime=_LASTS)
    return response


def _know(request: HttpRequest, trail: Trail) -> Holder:
    """Raises `JourneyOver` when somebody else is signed in, or nobody."""
    account = guardian_walking(request, trail)
    at = request.at  # type: ignore[attr-defined]
    return Holder(at=at, answers=trail.answers, account=account, trail=trail, request=request)


JOURNEY = Journey(
    name=NAME,
    walk=change_mobile,
    know=_know,
    url="my_account:mobile_step",
    begins_at="my_account:mobile",
    lifetime=_LASTS,
)
