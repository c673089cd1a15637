"""A guardian forgot their password: username, a code by a channel they proved, a new password.

Only a channel this account proved and nobody else holds gives it back alone; otherwise two together (design.md §6.8).
What the school's base alone knows, and an address never confirmed, give nothing back. An account that asks a code after
its password asks it here too.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Kind
from preau.identity.recovery import limits, steps
from preau.identity.recovery.asker import Asker
from preau.identity.recovery.forms import WayForm
from preau.identity.recovery.giving_back import TooLate, give_back
from preau.identity.recovery.limits import Pace
from preau.identity.recovery.steps import AskUsername, Ending, NotAlone, SayWho, Shut, TakeTicket, TypeCode
from preau.identity.signin import device
from preau.identity.signin.authenticator_step import PROOF, TypeAuthenticator
from preau.journeys.drafts import Trail
from preau.journeys.served import Journey, JourneyOver
from preau.journeys.step import Step

NAME = "recuperation-responsable-mot-de-passe"


class ChooseWay(Step[Asker]):
    """By e-mail or by SMS: both are offered to everybody."""

    name, title, template, form_class = "moyen", _("Le moyen"), "recovery/way.html", WayForm

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Send the code, if there is somebody to send it to. One that has just left is as good."""
        pace = self.known.send(Way(answer["way"]))
        if pace not in (Pace.FREE, Pace.TOO_SOON):
            form.add_error(None, limits.words(pace, self.known.kind))
        return None


class TypeFirstCode(TypeCode):
    """The code; when the channel is also somebody else's, a second one leaves at once by the other."""

    def follow(self) -> None:
        """Half proved from now on."""
        known = self.known
        if not known.is_shut and known.needs_second_proof and known.has_second_channel:
            known.send(known.other_way)


class TypeSecondCode(TypeCode):
    """The code that came by the other channel."""

    name, title, template = "second-code", _("Le second code"), "recovery/second_code.html"

    @property
    def way(self) -> Any:
        """The other channel."""
        return self.known.other_way

    def is_done(self) -> bool:
        """The right code was typed."""
        return self.known.answers.get(self.name, {}).get("proved") == self.purpose


class UseFranceConnect(Ending):
    """No password of ours was ever chosen."""

    name, template = "franceconnect", "recovery/franceconnect.html"


class ChoosePassword(steps.ChoosePassword):
    """The last page."""

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Give the account back."""
        known = self.known
        proofs: set[str] = {known.way, known.other_way} if known.needs_second_proof else {known.way}
        if known.has_authenticator:
            proofs.add(PROOF)
        begun_at = datetime.fromisoformat(known.trail.facts["begun_at"])
        try:
            account = give_back(
                known.holder,
                encoded=answer["encoded"],
                proofs=proofs,
                begun_at=begun_at,
                by=known.holder.key,
                at=known.at,
            )
        except TooLate:
            raise JourneyOver from None
        response = redirect("recovery:guardian_done")
        device.remember(known.request, response, account)
        return response


def guardian_lost_password(known: Asker) -> Iterator[type[Step[Any]]]:
    """A guardian chooses a new password, after a code by a channel they proved."""
    yield AskUsername
    yield ChooseWay
    yield TypeFirstCode
    if known.is_stuck:
        yield SayWho
        yield TakeTicket
        return
    if known.is_shut or not known.has_rights:
        yield Shut
        return
    if known.needs_second_proof and not known.has_second_channel:
        yield NotAlone
        return
    if known.needs_second_proof:
        yield TypeSecondCode
    if known.opens_by_franceconnect_only:
        yield UseFranceConnect
        return
    if known.has_authenticator:
        yield TypeAuthenticator
    yield ChoosePassword


def know(request: HttpRequest, trail: Trail) -> Asker:
    """What is known. Raises `JourneyOver` when something happened to the account since a half-proved walk began."""
    at = request.at  # type: ignore[attr-defined]
    known = Asker(at=at, answers=trail.answers, kind=Kind.GUARDIAN, journey=NAME, request=request, trail=trail)
    if known.is_proved(known.way) and known.is_overtaken:
        raise JourneyOver
    return known


JOURNEY = Journey(
    name=NAME,
    walk=guardian_lost_password,
    know=know,
    url="recovery:guardian_password",
    begins_at="recovery:over",
)
