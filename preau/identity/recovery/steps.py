"""The pages that several walks share."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from preau.identity.accounts.channels import Way
from preau.identity.messaging import sms
from preau.identity.recovery import limits
from preau.identity.recovery.asker import Asker
from preau.identity.recovery.forms import AGAIN, STUCK, AskingForm, CodeForm, IdentityForm, UsernameForm
from preau.identity.recovery.limits import Pace
from preau.identity.signin import codes
from preau.identity.signin.common_passwords import own_words
from preau.identity.signin.forms import NewPasswordForm
from preau.identity.support import tickets
from preau.identity.support.tickets import Stated
from preau.journeys.step import Step


class AskUsername(Step[Asker]):
    """Whose account. Nothing is done yet."""

    name, title, template = "identifiant", _("Votre identifiant"), "recovery/username.html"
    form_class: ClassVar[type[AskingForm]] = UsernameForm

    def form(self, data: Any = None) -> forms.Form:
        """With an effort, for a browser that asks a lot."""
        effort = limits.effort(self.known.request, self.known.at)
        return self.form_class(data, initial=self.known.answers.get(self.name), effort=effort)

    def context(self) -> dict[str, Any]:
        """To whom one speaks."""
        return {"is_pupil": self.known.is_pupil}


class TypeCode(Step[Asker]):
    """The code that came by the way they chose."""

    name: ClassVar[str] = "code"
    title: ClassVar[Any] = _("Le code")
    template = "recovery/code.html"
    form_class = CodeForm

    @property
    def way(self) -> Way:
        """By which channel it came."""
        return self.known.way

    @property
    def purpose(self) -> str:
        """What this code is for."""
        return self.known.purpose(self.way)

    def is_done(self) -> bool:
        """The right code was typed, for what is asked now; or nothing can be received any more."""
        return self.known.answers.get(self.name, {}).get("wish") == STUCK or self._is_proved()

    def form(self, data: Any = None) -> forms.Form:
        """Never filled: it proves something."""
        return CodeForm(data)

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """What was wished; a code itself is never kept."""
        return {"wish": form.cleaned_data.get("wish", "")}

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Judge the code, or send another one."""
        known = self.known
        if answer["wish"] == AGAIN:
            self.refuse(form, known.send(self.way))
        elif not answer["wish"] and self._is_proved():
            answer["proved"] = self.purpose  # the second click of a double click, or the page sent again after « back »
        elif not answer["wish"]:
            checked = codes.check(trail=known.trail, purpose=self.purpose, typed=form.cleaned_data["code"], at=known.at)
            if checked.is_right:
                answer["proved"] = self.purpose
                self.follow()
            else:
                form.add_error("code", codes.words(checked, is_pupil=known.is_pupil))
        return None

    def _is_proved(self) -> bool:
        proved = self.known.answers.get(self.name, {}).get("proved")
        return bool(proved == self.purpose)

    def follow(self) -> None:
        """What the right code sets going."""

    def refuse(self, form: forms.Form, pace: Pace) -> None:
        """Say that it is too often, if it is."""
        if pace is not Pace.FREE:
            form.add_error(None, limits.words(pace, self.known.kind))

    def context(self) -> dict[str, Any]:
        """By which way, and whether another one has just left; the same whoever matched."""
        wish = self.known.answers.get(self.name, {}).get("wish")
        is_sms = self.way is Way.SMS
        return {
            "is_sms": is_sms,
            "is_again": wish == AGAIN,
            "is_down": is_sms and sms.is_down(self.known.at),
            "is_pupil": self.known.is_pupil,
        }


class ChoosePassword(Step[Asker]):
    """The new password; a room's walk says what is written."""

    name: ClassVar[str] = "mot-de-passe"
    title: ClassVar[Any] = _("Votre mot de passe")
    template = "recovery/password.html"

    def form(self, data: Any = None) -> forms.Form:
        """The rules know the person's own words and, the holder being proved, their last passwords."""
        holder = self.known.holder
        return NewPasswordForm(data, own_words=own_words(holder, day=self.known.day), account=holder)

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """Hashed before anything is locked."""
        return {"encoded": make_password(form.cleaned_data["password"])}

    def context(self) -> dict[str, Any]:
        """The username, for a password keeper to remember both."""
        return {"username": self.known.holder.username, "is_pupil": self.known.is_pupil}


class Ending(Step[Asker]):
    """A page with nothing to answer, where the identity is half proved: it names the school."""

    def is_done(self) -> bool:
        """Never: it is where one stays."""
        return False

    def context(self) -> dict[str, Any]:
        """Who can help."""
        known = self.known
        return {"school": known.school, "is_pupil": known.is_pupil, "account": known.holder}


class Shut(Ending):
    """Blocked, disabled, not activated yet, or without a child left."""

    name, template = "compte", "recovery/shut.html"

    def context(self) -> dict[str, Any]:
        """Which of these."""
        return {**super().context(), "state": self.known.holder.state, "has_rights": self.known.has_rights}


class NotAlone(Ending):
    """The only channel is also somebody else's: the school decides."""

    name, template = "etablissement", "recovery/not_alone.html"


class SayWho(Step[Any]):
    """Everything is lost: what the school's counter will need to look at."""

    name, template, form_class = "blocage", "recovery/say_who.html", IdentityForm

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Write the ticket. It reads nobody."""
        known = self.known
        typed = known.answers.get("coordonnee", {})
        stated = Stated(
            surname=answer["surname"],
            first_name=answer["first_name"],
            school=answer["school"],
            email=typed.get("address", "") if typed.get("way") == Way.EMAIL else "",
            mobile=typed.get("address", "") if typed.get("way") == Way.SMS else "",
        )
        known.trail.facts.pop("ticket", None)  # what was typed has changed
        tickets.hand(known.request, known.trail.facts, journey=known.journey, stated=stated, at=known.at)
        return None


class TakeTicket(Step[Any]):
    """« Pourquoi ça bloque ? »: the number to give to the school."""

    name, template = "ticket", "recovery/ticket.html"

    def is_done(self) -> bool:
        """Never: it is where one stays."""
        return False

    def context(self) -> dict[str, Any]:
        """The number, the same whether or not anybody matched; empty when too many were taken."""
        return tickets.words(self.known.trail.facts)
