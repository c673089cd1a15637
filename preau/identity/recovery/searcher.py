"""What is known of somebody who looks for their username: an address or a mobile they typed, and nothing else.

Who is behind is looked up by the worker when the message is made (telling.py), or once a code was typed back: until
then the same is done whoever matched.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from preau.identity import keys
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Kind
from preau.identity.messaging import outbox
from preau.identity.recovery import limits, whose
from preau.identity.recovery.forms import STUCK, StuckForm
from preau.identity.recovery.limits import Pace
from preau.identity.signin import codes, device, network
from preau.journeys.drafts import Trail
from preau.journeys.step import Known, Step


@dataclass(kw_only=True)
class Searcher(Known):
    """Somebody who typed an address or a mobile, or nothing yet."""

    kind: Kind
    journey: str
    request: HttpRequest
    trail: Trail

    @property
    def is_pupil(self) -> bool:
        """To whom one speaks."""
        return self.kind == Kind.PUPIL

    @property
    def typed(self) -> dict[str, Any]:
        """Way, address, readings."""
        found: dict[str, Any] = self.answers.get("coordonnee", {})
        return found

    @property
    def is_by_email(self) -> bool:
        """The message itself carries the username."""
        return self.typed.get("way") == Way.EMAIL

    @property
    def is_stuck(self) -> bool:
        """They said that they can receive nothing any more."""
        page = "envoye" if self.is_by_email else "code"
        return self.answers.get(page, {}).get("wish") == STUCK

    @property
    def address(self) -> str:
        """What was typed."""
        return str(self.typed.get("address", ""))

    @property
    def readings(self) -> tuple[str, ...]:
        """All the numbers that what was typed may mean (0694… is of Guyane, or of nobody)."""
        return tuple(self.typed.get("readings", ()))

    def purpose(self, address: str) -> str:
        """What a code is for: this very number."""
        return f"recovery/{keys.pseudonym('recovery/purpose', 'username', self.kind, address)[:24]}"

    def send(self, way: str, address: str, readings: tuple[str, ...]) -> str:
        """Send the usernames to an address, or a code to a mobile. Returns why not, in a sentence: it depends on what
        was typed only, so the likeliest reading is counted. One that has just left is as good."""
        own, near = device.of(self.request), network.of(self.request)
        counted = next(iter(readings), address)
        pace = limits.paced("username", self.kind, way, counted, device=own, network=near, at=self.at)
        if pace is not Pace.FREE:
            return "" if pace is Pace.TOO_SOON else limits.words(pace, self.kind)
        if way == Way.EMAIL:
            outbox.post("recovery/usernames", on="recovery", at=self.at, **whose.sealed(self.kind, address))
            return ""
        asked = codes.ask(
            trail=self.trail, purpose=self.purpose(address), way=Way.SMS, address=address,
            on=whose.behind(Way.SMS, address, self.kind).key, readings=readings, device=own, network=near, at=self.at,
        )  # fmt: skip
        return "" if asked.is_posted else codes.words(asked)

    @cached_property
    def found(self) -> whose.Behind:
        """Whose this mobile is. Once the code was typed back."""
        return whose.behind(Way.SMS, self.address, self.kind)


class GiveContact(Step[Searcher]):
    """An address, or a mobile."""

    name, template = "coordonnee", "recovery/contact.html"

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """As we compare it; of several readings of a number, the one that somebody here has."""
        way, address, readings = (form.cleaned_data[name] for name in ("way", "address", "readings"))
        return {"way": way, "address": whose.meant(readings) if readings else address, "readings": list(readings)}

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Send what is to be sent."""
        if sentence := self.known.send(answer["way"], answer["address"], tuple(answer["readings"])):
            form.add_error(None, sentence)
        return None

    def context(self) -> dict[str, Any]:
        """To whom one speaks."""
        return {"is_pupil": self.known.is_pupil}


class Sent(Step[Searcher]):
    """The one sentence, whoever matched. « Je n’ai plus accès à rien » leads a guardian to a ticket."""

    name, template, form_class = "envoye", "recovery/sent.html", StuckForm

    def is_done(self) -> bool:
        """Only by saying that one is stuck."""
        return self.known.is_stuck

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """They are."""
        return {"wish": STUCK}

    def context(self) -> dict[str, Any]:
        """What was typed."""
        return {"address": self.known.address, "is_pupil": self.known.is_pupil}
