"""What is asked of somebody who forgot."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.design.forms import Choices, CodeField, EmailField, Form, UsernameField
from preau.identity.accounts import passwords, usernames
from preau.identity.accounts.channels import Way
from preau.identity.directory import phones
from preau.identity.directory.matching import folded_email
from preau.identity.recovery.models import Approval
from preau.identity.signin.captcha import GuardedForm

AGAIN, STUCK = "again", "stuck"
GUARDIAN_HELPS = "guardian"


class AskingForm(GuardedForm):
    """The first page of a walk: what somebody says of themselves. After some askings, an effort of the browser too."""


class UsernameForm(AskingForm):
    """Whose password is lost."""

    username = UsernameField(label=_("Votre identifiant"), help_text=_("Par exemple : s.belkacem3"), max_length=60)

    def clean_username(self) -> str:
        """Folded as at the door; an address or a temporary password is seen by its shape."""
        typed: str = self.cleaned_data["username"]
        if "@" in typed:
            raise ValidationError(self.says_address())
        if passwords.looks_temporary(typed) or not usernames.normalised(typed):
            raise ValidationError(self.says_shape())
        return usernames.normalised(typed)

    def says_address(self) -> str:
        """An address in place of a username."""
        return gettext(
            "C’est une adresse électronique. Si vous avez oublié l’identifiant, revenez à la page de connexion."
        )

    def says_shape(self) -> str:
        """Not a username at all."""
        return gettext("Ce n’est pas un identifiant : c’est l’initiale du prénom, un point, le nom.")


class PupilUsernameForm(UsernameForm):
    """The same, in words for a pupil."""

    is_pupil = True
    username = UsernameField(label=_("Ton identifiant"), help_text=_("Par exemple : i.belkacem"), max_length=60)

    def says_address(self) -> str:
        """An address in place of a username."""
        return gettext(
            "C’est une adresse électronique. Si tu as oublié ton identifiant, reviens à la page de connexion."
        )


class WayForm(Form):
    """By which channel."""

    way = forms.ChoiceField(
        label=_("Comment voulez-vous recevoir un code ?"),
        choices=[(Way.EMAIL.value, _("Par courriel")), (Way.SMS.value, _("Par SMS"))],
        widget=Choices(
            hints={
                Way.EMAIL.value: _("À l’adresse que vous avez confirmée."),
                Way.SMS.value: _("Au numéro de mobile que vous avez prouvé avec un code."),
            }
        ),
    )


class PupilWayForm(Form):
    """Who or what helps a pupil."""

    way = forms.ChoiceField(
        label=_("Qui peut t’aider ?"),
        choices=[
            (GUARDIAN_HELPS, _("Mon père, ma mère, mon responsable")),
            (Way.EMAIL.value, _("Mon adresse électronique")),
        ],
        widget=Choices(
            hints={
                GUARDIAN_HELPS: _("Tu lui liras un nombre ; il le tapera dans son compte."),
                Way.EMAIL.value: _("Si tu l’as confirmée : tu y recevras un code."),
            }
        ),
    )


class ContactForm(AskingForm):
    """An address or a mobile, in one box."""

    contact = forms.CharField(
        label=_("Votre adresse électronique, ou votre numéro de mobile"),
        help_text=_("Par exemple : prenom.nom@exemple.fr, 06 39 98 00 00, ou +594 694… hors de l’Hexagone"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
        ),
    )

    def __init__(self, *args: Any, demo_numbers: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.demo_numbers = demo_numbers

    def clean(self) -> dict[str, Any]:
        """Which of the two it is, as we compare it."""
        typed = str(self.cleaned_data.get("contact", ""))
        if "@" in typed:
            try:
                address = EmailField().clean(typed)
            except ValidationError as wrong:
                self.add_error("contact", wrong)
                return self.cleaned_data
            super().clean()
            return {"way": Way.EMAIL.value, "address": folded_email(address), "readings": ()}
        readings = phones.readings(typed, demo_numbers=self.demo_numbers)
        if typed and not readings:
            self.add_error(
                "contact", gettext("Ce n’est ni une adresse complète, ni un numéro de mobile. Vérifiez les chiffres.")
            )
            return self.cleaned_data
        super().clean()
        return {"way": Way.SMS.value, "address": readings[0] if readings else "", "readings": readings}


class PupilContactForm(AskingForm):
    """The address a pupil confirmed."""

    is_pupil = True
    email = EmailField(
        label=_("Ton adresse électronique"), help_text=_("Celle que tu as confirmée, pas celle de tes parents.")
    )

    def clean(self) -> dict[str, Any]:
        """As we compare it."""
        super().clean()
        address = folded_email(str(self.cleaned_data.get("email", "")))
        return {"way": Way.EMAIL.value, "address": address, "readings": ()}


class CodeForm(Form):
    """A code typed back; or « envoyez-en un autre »; or « je n’ai plus accès à rien »."""

    code = CodeField(label=_("Code reçu"), required=False)
    mark_optional = False

    def clean(self) -> dict[str, Any]:
        """One of the three."""
        for wish in (AGAIN, STUCK):
            if wish in self.data:
                self.errors.pop("code", None)
                return {"wish": wish}
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("code") and "code" not in self.errors:
            self.add_error("code", gettext("Il manque les six chiffres du message."))
        return cleaned


class StuckForm(Form):
    """A page with nothing to type: its button says « je n’ai plus accès à rien »."""


class IdentityForm(Form):
    """What somebody says of themselves for the school's counter. Nothing is looked up."""

    surname = forms.CharField(
        label=_("Votre nom"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    first_name = forms.CharField(
        label=_("Votre prénom"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    school = forms.CharField(
        label=_("L’établissement de votre enfant"), max_length=120, help_text=_("Son nom et sa ville.")
    )


class NumberForm(Form):
    """The guardian types the number their child reads, or refuses."""

    number = forms.CharField(
        label=_("Le nombre affiché sur l’écran de votre enfant"),
        required=False,
        max_length=10,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "class": "input-code", "dir": "ltr"}
        ),
    )
    ref = forms.CharField(widget=forms.HiddenInput, max_length=16)
    mark_optional = False

    @property
    def is_refusal(self) -> bool:
        """« Ce n’est pas mon enfant qui demande »."""
        return "refuse" in self.data

    def clean_number(self) -> str:
        """Three digits."""
        typed = "".join(self.cleaned_data["number"].split())
        if not self.is_refusal and not (typed.isascii() and typed.isdecimal() and len(typed) == 3):
            raise ValidationError(gettext("Ce nombre a trois chiffres. Votre enfant le lit sur son écran."))
        return typed

    def say_wrong(self, tries_left: int) -> None:
        """Not the number: somebody else may be asking."""
        if tries_left:
            sentence = gettext("Ce n’est pas le nombre de cette demande. Faites-le relire à votre enfant.")
        else:
            sentence = gettext(
                "Trois nombres faux : la demande est annulée. Votre enfant peut recommencer, ou demander à son"
                " professeur principal."
            )
        self.add_error("number", sentence)


def cards(waiting: list[Approval], answered: NumberForm) -> list[tuple[Approval, NumberForm]]:
    """One form per request: the one just sent with its error, the others blank."""
    found = []
    for one in waiting:
        is_answered = answered.is_bound and answered.data.get("ref") == one.ref
        found.append((one, answered if is_answered else NumberForm(auto_id=f"id_{one.ref}_%s")))
    return found
