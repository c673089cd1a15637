"""« Ne pas attendre »: a code by a channel the account proved ends the pause of this browser. It opens nothing.

For whoever is paused after failures, sits behind a crowded network, or has a browser without scripts. The browser is
then one its holder is known from (lockout.py): the password is asked again, with all its tries.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.design.forms import Choices, UsernameField
from preau.identity import keys
from preau.identity.accounts import usernames
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, Kind
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.signin import captcha, codes, counters, device, network, proof
from preau.identity.signin.captcha import GuardedForm
from preau.identity.signin.code_step import CodeForm, Destination, TypeTheCode
from preau.identity.signin.codes import Sending
from preau.journeys.drafts import Trail
from preau.journeys.served import Journey
from preau.journeys.step import Known, Step

NAME = "connexion-sans-attendre"
UNPAUSED = {Kind.GUARDIAN: "signin:guardian_unpaused", Kind.PUPIL: "signin:pupil_unpaused"}
# Fewer than a channel may receive (signin/codes.py): a refusal tells of what was typed, never of what is behind.
_A_DAY, _DAY = 3, timedelta(days=1)


@dataclass(kw_only=True)
class Paused(Known):
    """Somebody who has to wait, and would rather not."""

    kind: Kind
    request: HttpRequest
    trail: Trail

    @property
    def is_pupil(self) -> bool:
        """To whom one speaks."""
        return self.kind == Kind.PUPIL

    @property
    def username(self) -> str:
        """What was typed, folded."""
        return usernames.normalised(str(self.answers.get("identifiant", {}).get("username", "")))

    @property
    def way(self) -> Way:
        """By which channel."""
        return Way.SMS if self.answers.get("identifiant", {}).get("way") == Way.SMS else Way.EMAIL

    @cached_property
    def account(self) -> Account | None:
        """Whose username it is, in this profile, if it is open."""
        return Account.objects.filter(username=self.username, kind=self.kind, state=State.ACTIVE).first()

    def destination(self) -> Destination:
        """The proved channel; or a place where nobody is, of its own for each username."""
        account = self.account
        is_proved = {
            Way.EMAIL: account is not None and account.has_confirmed_email(),
            Way.SMS: account is not None and account.has_confirmed_mobile(),
        }[self.way]
        if account is not None and is_proved:
            return Destination(self.way, account.email if self.way is Way.EMAIL else account.mobile, on=account.key)
        nobody = keys.pseudonym("signin/nobody", self.kind, self.username)
        if self.way is Way.EMAIL:
            return Destination(self.way, f"{nobody[:16]}@nobody.invalid")
        # ARCEP reserves 01 99 00 xx xx for fiction: a number that no account can have proved.
        return Destination(self.way, f"+3319900{int(nobody, 16) % 10_000:04d}")


class UsernameForm(GuardedForm):
    """Whose account, and by which channel."""

    username = UsernameField(max_length=60)
    way = forms.ChoiceField(
        label=_("Où recevoir le code ?"),
        choices=[(Way.EMAIL.value, _("Par courriel")), (Way.SMS.value, _("Par SMS"))],
        widget=Choices(
            hints={
                Way.EMAIL.value: _("À l’adresse confirmée du compte."),
                Way.SMS.value: _("Au mobile confirmé du compte."),
            }
        ),
        initial=Way.EMAIL.value,
    )


class SayWho(Step[Paused]):
    """The username, and by e-mail or by SMS: both are offered to everybody."""

    name, title, template = "identifiant", _("L’identifiant"), "signin/without_waiting.html"

    def form(self, data: Any = None) -> forms.Form:
        """With an effort for a browser that asks a lot."""
        known = self.known
        mine, near = device.of(known.request), network.of(known.request)
        effort = captcha.effort(NAME, device=mine, network=near, at=known.at)
        form = UsernameForm(data, initial=known.answers.get(self.name), effort=effort)
        form.is_pupil = known.is_pupil
        return form

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Send the code, if there is somebody to send it to."""
        known = self.known
        send(replace(known, answers={self.name: answer}), form)
        return None

    def context(self) -> dict[str, Any]:
        """To whom one speaks."""
        return {"is_pupil": self.known.is_pupil}


class TypeCode(TypeTheCode[Paused]):
    """The code: right, it ends the pause."""

    purpose = "signin/without-waiting"

    @property
    def is_pupil(self) -> bool:
        """To whom one speaks."""
        return self.known.is_pupil

    def destination(self) -> Destination:
        """Where it went."""
        return self.known.destination()

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Send another one, as seldom as the first; or judge the try."""
        assert isinstance(form, CodeForm)
        if form.wants_another:
            send(self.known, form)
            return None
        return super().act(form, answer)

    def proved(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """This browser is its holder's, and its failures are forgotten."""
        known, account = self.known, self.known.account
        if account is None:
            return None
        response = redirect(UNPAUSED[known.kind])
        counters.forget(proof.device_counter(device.of(known.request), network.of(known.request)))
        device.remember(known.request, response, account)
        record(Events.PAUSE_ENDED, by=account.key, on=account.key, at=known.at, way=known.way)
        return response


def send(known: Paused, form: forms.Form) -> None:
    """Ask for the code. What is said depends on what was typed and on the browser, never on who is behind."""
    mine, near = device.of(known.request), network.of(known.request)
    captcha.count(NAME, device=mine, network=near, at=known.at)
    day = counters.key(NAME, "day", known.kind, known.username, known.way)
    if counters.add({day: _DAY}, at=known.at)[day] > _A_DAY:
        form.add_error(None, _too_many(known))
        return
    to = known.destination()
    asked = codes.ask(
        trail=known.trail, purpose=TypeCode.purpose, way=to.way, address=to.address, on=to.on,
        device=mine, network=near, at=known.at,
    )  # fmt: skip
    # The other refusals would tell that two people share a channel: kept silent.
    if asked.sending is Sending.CROWDED:
        form.add_error(None, codes.words(asked, is_pupil=known.is_pupil))


def _too_many(known: Paused) -> str:
    if known.is_pupil:
        return gettext(
            "Trois codes ont déjà été demandés depuis hier pour cet identifiant. Attends la fin de la pause, ou demande"
            " de l’aide à ton professeur principal."
        )
    return gettext(
        "Trois codes ont déjà été demandés depuis hier pour cet identifiant. Attendez la fin de la pause, ou appelez"
        " le secrétariat de l’établissement."
    )


def without_waiting(known: Paused) -> Iterator[type[Step[Paused]]]:
    """A username and a channel, then the code it received."""
    yield SayWho
    yield TypeCode


def know(request: HttpRequest, trail: Trail) -> Paused:
    """What is known."""
    at = request.at  # type: ignore[attr-defined]
    return Paused(at=at, answers=trail.answers, kind=Kind(trail.facts["kind"]), request=request, trail=trail)


JOURNEY = Journey(name=NAME, walk=without_waiting, know=know, url="signin:without_waiting", begins_at="signin:profile")
