"""What is asked to activate an account."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.design.forms import (
    Choices,
    DateField,
    EmailField,
    Form,
    ManyChoices,
    PhoneField,
    TemporaryPasswordField,
    UsernameField,
)
from preau.identity.directory.models import Guardianship, School
from preau.identity.signin import captcha
from preau.identity.signin.captcha import GuardedForm
from preau.identity.signin.proof import Found, Proof

# Of the towns named to somebody who must tell two schools apart.
_MOST_TOWNS = 6


class EmailForm(Form):
    """The address the account will use."""

    email = EmailField(
        help_text=_("La vôtre, que vous lisez seul : un message y sera envoyé, et l’établissement n’y a pas accès.")
    )


class WhoForm(GuardedForm):
    """Who one is, and the mobile that the school knows. A browser that asks a lot makes an effort."""

    surname = forms.CharField(
        label=_("Nom"),
        max_length=100,
        help_text=_("Celui que l’établissement connaît : de naissance ou d’usage."),
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    first_name = forms.CharField(
        label=_("Prénom"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    mobile = PhoneField(
        label=_("Téléphone portable"),
        help_text=_("Celui que vous avez donné à l’établissement. Hors de l’Hexagone, l’indicatif aide : +594 694…"),
    )


class MobileOnlyForm(GuardedForm):
    """The mobile that the school knows, or the other button: « je n’ai plus ce numéro »."""

    mobile = PhoneField(label=_("Téléphone portable"), help_text=_("Celui que vous avez donné à l’établissement."))
    other = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if data and data.get("other"):
            self.fields["mobile"].required = False
            self.effort = None  # nothing leaves

    def clean(self) -> dict[str, Any]:
        """What was typed does not matter when it is not their number any more."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("other"):
            self.errors.pop("mobile", None)
            cleaned["mobile"] = ""
        return cleaned


class OtherProofForm(Form):
    """What one can show instead of the mobile."""

    proof = forms.ChoiceField(
        label=_("Que pouvez-vous montrer à la place ?"),
        choices=[
            ("email", _("L’adresse électronique que connaît l’établissement")),
            ("letter", _("La lettre de l’établissement, avec son mot de passe provisoire")),
            ("neither", _("Ni l’une ni l’autre")),
        ],
        widget=Choices,
    )


class KnownAddressForm(GuardedForm):
    """The address that the school knows."""

    email = EmailField(help_text=_("Celle que vous avez donnée à l’établissement : un code y arrivera."))


class SchoolAndChildForm(Form):
    """The school, which anybody may look up, and a child by their first name: nobody is searched by their own."""

    school = forms.CharField(
        label=_("Établissement d’un de vos enfants"),
        max_length=120,
        help_text=_("Son nom, avec la ville s’il y en a plusieurs du même nom ; ou son code, écrit sur ses courriers."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    child = forms.CharField(
        label=_("Prénom de cet enfant"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_school(self) -> str:
        """The UAI of the one school meant."""
        typed = self.cleaned_data["school"]
        found = [school for school in School.objects.order_by("name", "town") if school.is_called(typed)]
        if not found:
            raise ValidationError(
                gettext("Aucun établissement ne porte ce nom ici : vérifiez l’orthographe, ou donnez son code.")
            )
        if len(found) > 1:
            towns = ", ".join(dict.fromkeys(school.town or school.uai for school in found[:_MOST_TOWNS]))
            raise ValidationError(
                gettext("Plusieurs établissements portent ce nom : ajoutez la ville (%(towns)s…).") % {"towns": towns}
            )
        return found[0].uai


class LetterForm(Form):
    """What the letter says."""

    username = UsernameField(help_text=_("Il est écrit sur la lettre."))
    password = TemporaryPasswordField()

    # How the door of the passwords judged it (signin/proof.py), and what it asks of the next try.
    proof: Proof | None = None

    @property
    def effort(self) -> captcha.Effort | None:
        """What the next try asks of the browser."""
        return self.proof.effort if self.proof else None

    def refuse(self) -> None:
        """One answer for a wrong letter, an old one, and somebody else’s; or nothing was compared."""
        self.add_error(None, self._why())

    def _why(self) -> str:
        proof = self.proof
        if proof and proof.found is Found.EFFORT and proof.effort:
            return captcha.sentence(proof.effort, is_early=proof.is_early)
        if proof and proof.found in (Found.PAUSED, Found.CROWDED) and proof.until_at:
            hour = date_format(timezone.localtime(proof.until_at), "G\u00a0\\h\u00a0i")
            sentence = gettext(
                "Trop d’essais ont échoué d’ici. Recommencez après %(hour)s, ou montrez une autre preuve."
            )
            return sentence % {"hour": hour}
        return gettext("Cette lettre n’ouvre rien ici : vérifiez ce que vous avez recopié, et qu’elle est à votre nom.")


class AddressIfAnyForm(Form):
    """An address, or that one has none."""

    email = EmailField(required=False, help_text=_("La vôtre, que vous lisez seul."))
    none = forms.BooleanField(required=False, label=_("Je n’ai pas d’adresse électronique"))
    mark_optional = False

    def clean(self) -> dict[str, Any]:
        """The one or the other."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("none"):
            self.errors.pop("email", None)
            cleaned["email"] = ""
        elif not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", gettext("Écrivez votre adresse, ou cochez la case du dessous."))
        return cleaned


class OptionalEmailForm(Form):
    """A pupil may have none."""

    email = EmailField(required=False, help_text=_("Pour retrouver ton mot de passe sans passer par l’établissement."))


class BirthDateForm(Form):
    """A pupil's own birth date."""

    born_on = DateField(label=_("Ta date de naissance"), is_own_birth=True, help_text=_("Par exemple : 14 3 2014"))


class NotMineForm(Form):
    """Which children one does not answer for."""

    children = forms.TypedMultipleChoiceField(
        label=_("Je ne suis pas le représentant légal de"), coerce=int, widget=ManyChoices
    )

    def __init__(self, data: Any = None, *, links: list[Guardianship], proven: frozenset[int], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.links, self.proven = links, proven
        self.fields["children"].choices = [(link.pk, _name(link)) for link in links]  # type: ignore[attr-defined]

    def clean_children(self) -> list[int]:
        """Every child left must have been proven by its date. When none is left the school decides."""
        chosen: list[int] = self.cleaned_data["children"]
        left = [link for link in self.links if link.pk not in chosen]
        missing = [link for link in left if link.pk not in self.proven]
        if missing:
            names = gettext(" et ").join(_name(link) for link in missing)
            raise ValidationError(
                gettext("Il manque la date de naissance de %(names)s : revenez en arrière, ou cochez aussi ce nom.")
                % {"names": names}
            )
        return chosen


def _name(link: Guardianship) -> str:
    return link.enrolment.pupil.first_name
