"""A pupil forgot their password: a guardian vouches for them, or a code comes to their own confirmed address.

Otherwise the form tutor or the desk gives a temporary one (room `distribution`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Kind
from preau.identity.recovery import approvals, limits, steps
from preau.identity.recovery.approvals import NotGiven
from preau.identity.recovery.asker import Asker
from preau.identity.recovery.forms import GUARDIAN_HELPS, PupilUsernameForm, PupilWayForm
from preau.identity.recovery.giving_back import TooLate, give_back
from preau.identity.recovery.limits import Pace
from preau.identity.recovery.models import Approval
from preau.identity.recovery.steps import NotAlone, Shut
from preau.identity.signin import device, network
from preau.identity.signin.authenticator_step import PROOF, TypeAuthenticator
from preau.journeys.drafts import Trail
from preau.journeys.served import Journey, JourneyOver
from preau.journeys.step import Step

NAME = "recuperation-eleve-mot-de-passe"


@dataclass(kw_only=True)
class AskingPupil(Asker):
    """A pupil, and what they asked of their guardians."""

    @property
    def has_asked_a_guardian(self) -> bool:
        """They chose to be helped by a guardian."""
        return self.chosen == GUARDIAN_HELPS

    @cached_property
    def approval(self) -> Approval | None:
        """The newest request of this walk for this username."""
        return approvals.of_walk(self.trail.ref, self.username)

    @property
    def is_vouched_for(self) -> bool:
        """A guardian typed the number."""
        return self.approval is not None and approvals.is_given(self.approval, at=self.at)

    @property
    def is_waiting(self) -> bool:
        """The number on the screen still counts, and nobody has typed it yet."""
        asked = self.approval
        return asked is not None and not self.is_vouched_for and self.at < asked.asked_at + approvals.LASTS

    @property
    def is_half_proved(self) -> bool:
        """By the guardian, or by the code."""
        return self.is_vouched_for if self.has_asked_a_guardian else self.is_proved(Way.EMAIL)


class AskUsername(steps.AskUsername):
    """Whose account."""

    title, form_class = _("Ton identifiant"), PupilUsernameForm


class ChooseHelp(Step[AskingPupil]):
    """A guardian, or one's own address: both are offered to everybody."""

    name, title, template, form_class = "moyen", _("Qui peut t’aider"), "recovery/help.html", PupilWayForm

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Ask, if there is somebody to ask."""
        pace = self._ask_guardians() if answer["way"] == GUARDIAN_HELPS else self.known.send(Way.EMAIL)
        if pace not in (Pace.FREE, Pace.TOO_SOON):
            form.add_error(None, limits.words(pace, self.known.kind))
        return None

    def _ask_guardians(self) -> Pace:
        """A request; past the pupil's day it is born dead, and that is not said (design.md §6.11)."""
        known = self.known
        own, near, last = device.of(known.request), network.of(known.request), known.approval
        if last is not None and known.at - last.asked_at < limits.PAUSE:
            return Pace.TOO_SOON
        about = (known.username, known.known_device)
        pace = limits.paced("approval", *about, device=own, network=near, at=known.at, has_pause=False)
        if pace is Pace.CROWDED:
            return pace
        approvals.ask(
            trail=known.trail.ref, username=known.username, account=known.account, device=own,
            kind=device.kind(known.request), network=near, is_silent=pace is Pace.DAY_OVER, at=known.at,
        )  # fmt: skip
        return Pace.FREE


class TypeCode(steps.TypeCode):
    """The code that came to the pupil's address."""


class Wait(Step[AskingPupil]):
    """The number, on the screen, until a guardian has typed it."""

    name, title, template = "attente", _("Ton responsable"), "recovery/wait.html"

    def is_done(self) -> bool:
        """The facts say so."""
        return self.known.is_vouched_for

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """« Continuer » goes on once the number was typed."""
        if not self.is_done():
            form.add_error(
                None, gettext("Le nombre n’a pas encore été tapé. La page avance toute seule dès qu’il l’est.")
            )
        return None

    def context(self) -> dict[str, Any]:
        """The number, and until when; the same whoever matched."""
        approval = self.known.approval
        is_over = approval is None or self.known.at >= approval.asked_at + approvals.LASTS
        return {
            "number": approvals.number(approval) if approval and not is_over else "",
            "until_at": approval.asked_at + approvals.LASTS if approval else None,
        }


class ChoosePassword(steps.ChoosePassword):
    """The last page."""

    title = _("Ton mot de passe")

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Give the account back. The guardian's yes serves once."""
        known = self.known
        assert isinstance(known, AskingPupil)
        begun_at = datetime.fromisoformat(known.trail.facts["begun_at"])
        how: dict[str, Any] = {
            "encoded": answer["encoded"],
            "begun_at": begun_at,
            "by": known.holder.key,
            "at": known.at,
        }
        also = [PROOF] if known.has_authenticator else []
        try:
            if known.has_asked_a_guardian:
                assert known.approval is not None  # the page is reachable only once it was given
                helped_by = approvals.use(known.approval, at=known.at)
                account = give_back(known.holder, proofs=[GUARDIAN_HELPS, *also], helped_by=helped_by, **how)
            else:
                account = give_back(known.holder, proofs=[Way.EMAIL, *also], **how)
        except (TooLate, NotGiven):
            raise JourneyOver from None
        response = redirect("recovery:pupil_done")
        device.remember(known.request, response, account)
        return response


def pupil_lost_password(known: AskingPupil) -> Iterator[type[Step[Any]]]:
    """A pupil chooses a new password, once a guardian vouched for them, or after a code at their own address."""
    yield AskUsername
    yield ChooseHelp
    if known.has_asked_a_guardian:
        yield Wait
    else:
        yield TypeCode
    if known.is_shut or not known.has_rights:
        yield Shut
        return
    if not known.has_asked_a_guardian and known.needs_second_proof:
        yield NotAlone
        return
    if known.has_authenticator:
        yield TypeAuthenticator
    yield ChoosePassword


def know(request: HttpRequest, trail: Trail) -> AskingPupil:
    """What is known. Raises `JourneyOver` when something happened to the account since a half-proved walk began."""
    at = request.at  # type: ignore[attr-defined]
    known = AskingPupil(at=at, answers=trail.answers, kind=Kind.PUPIL, journey=NAME, request=request, trail=trail)
    if known.is_half_proved and known.is_overtaken:
        raise JourneyOver
    return known


JOURNEY = Journey(
    name=NAME,
    walk=pupil_lost_password,
    know=know,
    url="recovery:pupil_password",
    begins_at="recovery:over",
)
