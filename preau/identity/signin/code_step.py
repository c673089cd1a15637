"""« Tapez le code reçu »: the page every walk shows after a code was asked, with « renvoyer » and who else can help.

    class MobileCode(TypeTheCode[Claimant]):
        purpose = "activation-mobile"

        def destination(self) -> Destination:
            mobile = self.known.answers["identite"]["mobile"]
            return Destination(Way.SMS, mobile, on=self.known.account_key, shown=mobile)

The page before asks for the first code in its `act`: ``code_step.ask(MobileCode(self.known), form)``.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from preau.design.forms import CodeField, Form
from preau.identity import keys
from preau.identity.accounts.channels import Way
from preau.identity.messaging import sms
from preau.identity.signin import codes, device, network
from preau.journeys.drafts import Trail
from preau.journeys.step import Step

_MARK = "signin/code-proved"


class Walker(Protocol):
    """What the page needs of a walk: its instant, its answers, its draft, its request."""

    at: datetime
    answers: dict[str, Any]
    trail: Trail
    request: HttpRequest


K = TypeVar("K", bound=Any)


@dataclass(frozen=True)
class Destination:
    """Where the code goes: a number in E.164 or an address, and whose it is ("" when nobody matched).

    `readings` are all the numbers that what was typed may mean: counted together, so that the counters do not say
    which one the base knows. `shown` is what the page may say of it: what the person typed themselves. Empty: the page
    says nothing of it.
    """

    way: Way
    address: str
    on: str = ""
    shown: str = ""
    readings: tuple[str, ...] = ()


class CodeForm(Form):
    """The code, or a new one asked (the other button of the page)."""

    code = CodeField(label=_("Code reçu"), required=False)
    mark_optional = False

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.wants_another = bool(data) and "renvoyer" in data
        self.fields["code"].required = not self.wants_another

    def clean(self) -> dict[str, Any]:
        """What was typed does not matter when another is asked."""
        if self.wants_another:
            self.errors.clear()
        return self.cleaned_data


class TypeTheCode(Step[K], ABC):
    """A step that is done once the code sent to `destination()` was typed in this very walk."""

    name, title, template = "code", _("Le code"), "signin/short_code.html"
    form_class = CodeForm
    purpose: ClassVar[str]
    # URL name of the page that offers the other ways in; shown when nothing arrives.
    other_ways: ClassVar[str] = ""

    @property
    def is_pupil(self) -> bool:
        """To whom one speaks."""
        return False

    @abstractmethod
    def destination(self) -> Destination:
        """Where the code goes. Said by each walk."""

    def is_done(self) -> bool:
        """The code was right, and it had been sent where it would be sent now."""
        answer = self.known.answers.get(self.name) or {}
        return keys.matches(_MARK, answer.get("proved", ""), *self._mark())

    def form(self, data: Any = None) -> forms.Form:
        """Never filled."""
        return CodeForm(data)

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """Never the code: that another was asked, or where the right one had been sent."""
        assert isinstance(form, CodeForm)
        return {"again": True} if form.wants_another else {"proved": keys.digest(_MARK, *self._mark())}

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Send another, or judge the try."""
        assert isinstance(form, CodeForm)
        if form.wants_another:
            ask(self, form)
            return None
        if self.is_done():  # the second click of a double click, or the page sent again after the back button
            return None
        known: Walker = self.known
        to, typed = self.destination(), form.cleaned_data["code"]
        checked = codes.check(
            trail=known.trail, purpose=self.purpose, typed=typed, way=to.way, address=to.address, at=known.at
        )
        if not checked.is_right:
            form.add_error("code", codes.words(checked, is_pupil=self.is_pupil))
            return None
        return self.proved(form, answer)

    def proved(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """What the right code decides; by default, only that one may go on."""
        return None

    def context(self) -> dict[str, Any]:
        """Where the code went; whether another was just sent; whether SMS arrive at all today."""
        to = self.destination()
        is_sms = to.way is Way.SMS
        return {
            "is_sms": is_sms,
            "sent_to": to.shown,
            "is_again": bool((self.known.answers.get(self.name) or {}).get("again")),
            "is_down": is_sms and sms.is_down(self.known.at),
            "other_ways": self.other_ways,
            "is_pupil": self.is_pupil,
        }

    def _mark(self) -> tuple[str, ...]:
        to = self.destination()
        return self.known.trail.ref, self.purpose, to.way, to.address


def ask(step: TypeTheCode[Any], form: forms.Form) -> codes.Asked:
    """Ask for a code for that page. A refusal becomes an error of `form`; « too soon » is none: one has just left."""
    known: Walker = step.known
    to = step.destination()
    asked = codes.ask(
        trail=known.trail,
        purpose=step.purpose,
        way=to.way,
        address=to.address,
        readings=to.readings,
        on=to.on,
        device=device.of(known.request),
        network=network.of(known.request),
        at=known.at,
    )
    wants_another = isinstance(form, CodeForm) and form.wants_another
    if not asked.is_posted or (wants_another and asked.sending is codes.Sending.TOO_SOON):
        form.add_error(None, codes.words(asked, is_pupil=step.is_pupil))
    return asked
