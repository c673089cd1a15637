"""The page of a recovery where an account that asks a code after the password asks one too: a mailbox, or a phone,
alone must not throw its holder out.

Whoever holds the mailbox would still not get in by the password, since a recovery leaves the authenticator in place
(design.md §6.6); but they would have replaced it and ended every visit. docs/decisions/0019-the-authenticator.md.
"""

from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.design.forms import Form
from preau.identity.signin import authenticator, device, network
from preau.identity.signin.authenticator import CodeProof
from preau.journeys.step import Step

PROOF = "authenticator"
# A walk that knows its `holder`, its `school`, its `request`, its instant, and whether it `is_pupil`.
K = TypeVar("K", bound=Any)


class AuthenticatorForm(Form):
    """The six digits of the application, or one of the codes on paper, in one box."""

    code = forms.CharField(
        label=_("Code de l’application, ou code de secours"),
        help_text=_("Six chiffres lus dans l’application, ou les douze signes d’un code gardé sur papier."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
        ),
    )

    def clean_code(self) -> str:
        """As it compares: blanks and hyphens do not count."""
        typed = "".join(c for c in str(self.cleaned_data["code"]) if c.isalnum())
        if not typed:
            raise ValidationError(gettext("Il manque le code."))
        return typed

    def refuse(self, proof: CodeProof, *, is_pupil: bool) -> None:
        """Not the right one, or too many were tried."""
        if proof.until_at is None:
            sentence = gettext("Ce code n’est pas le bon, ou il a déjà servi.")
        else:
            hour = date_format(timezone.localtime(proof.until_at), "G\u00a0\\h\u00a0i")
            if is_pupil:
                sentence = gettext("Trop d’essais sur cet appareil. Recommence après %(hour)s.") % {"hour": hour}
            else:
                sentence = gettext("Trop d’essais sur cet appareil. Recommencez après %(hour)s.") % {"hour": hour}
        self.add_error("code", sentence)


class TypeAuthenticator(Step[K]):
    """The code of the authenticator, once the identity is half proved."""

    name, title, template = "application", _("Le code de l’application"), "signin/authenticator_step.html"

    def is_done(self) -> bool:
        """A code of this very account was right, on this walk."""
        return (self.known.answers.get(self.name) or {}).get("account") == self.known.holder.pk

    def form(self, data: Any = None) -> forms.Form:
        """Never filled: it proves something."""
        return AuthenticatorForm(data)

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """Whose it was; the code itself is never kept."""
        return {"account": self.known.holder.pk}

    def act(self, form: forms.Form, answer: dict[str, Any]) -> None:
        """Judge the code: it counts with the password's."""
        assert isinstance(form, AuthenticatorForm)
        known = self.known
        if self.is_done():  # the second click of a double click
            return
        proof = authenticator.prove(
            known.holder, typed=form.cleaned_data["code"], device=device.of(known.request),
            network=network.of(known.request), at=known.at,
        )  # fmt: skip
        if not proof.is_right:
            form.refuse(proof, is_pupil=known.is_pupil)

    def context(self) -> dict[str, Any]:
        """Who removes it, for who has nothing left."""
        return {"school": self.known.school, "is_pupil": self.known.is_pupil}
