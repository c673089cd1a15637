"""A pupil forgot their username: it goes to the address they confirmed. Otherwise the page says who gives it back."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from preau.identity.accounts.models import Kind
from preau.identity.recovery import limits, searcher
from preau.identity.recovery.forms import PupilContactForm
from preau.identity.recovery.searcher import Searcher
from preau.journeys.drafts import Trail
from preau.journeys.served import Journey
from preau.journeys.step import Step

NAME = "recuperation-eleve-identifiant"


class GiveContact(searcher.GiveContact):
    """An address."""

    title = _("Ton adresse")

    def form(self, data: Any = None) -> forms.Form:
        """Filled with what was typed."""
        effort = limits.effort(self.known.request, self.known.at)
        return PupilContactForm(data, initial={"email": self.known.address}, effort=effort)


class Sent(searcher.Sent):
    """Where it stops: there is nothing to answer."""

    def is_done(self) -> bool:
        """Never."""
        return False


def pupil_lost_username(known: Searcher) -> Iterator[type[Step[Searcher]]]:
    """A pupil is given back their username, at the address they confirmed."""
    yield GiveContact
    yield Sent


def know(request: HttpRequest, trail: Trail) -> Searcher:
    """What is known."""
    at = request.at  # type: ignore[attr-defined]
    return Searcher(at=at, answers=trail.answers, kind=Kind.PUPIL, journey=NAME, request=request, trail=trail)


JOURNEY = Journey(
    name=NAME,
    walk=pupil_lost_username,
    know=know,
    url="recovery:pupil_username",
    begins_at="recovery:over",
)
