"""Questions the desk asks on the way in."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from preau.design.forms import Choices, CodeField, Form
from preau.identity.directory import identifiers
from preau.identity.directory.models import School
from preau.identity.staff.members import ASKABLE
from preau.identity.staff.models import Grant, Role


class FactorForm(Form):
    """The six digits on the phone."""

    code = CodeField(
        label=_("Code à six chiffres"), help_text=_("Votre téléphone en affiche un nouveau toutes les 30 secondes.")
    )


class PasskeyNameForm(Form):
    """What its holder calls a passkey."""

    name = forms.CharField(
        label=_("Nom de cette clé"), max_length=40, help_text=_("Par exemple : mon téléphone."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class ChooseForm(Form):
    """With which of one's grants to work."""

    grant = forms.ChoiceField(label=_("Où travaillez-vous maintenant ?"), widget=Choices())

    def __init__(self, grants: Iterable[Grant], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grants = {str(grant.pk): grant for grant in grants}
        question: Any = self.fields["grant"]
        question.choices = [(pk, grant.place) for pk, grant in self.grants.items()]
        question.widget.hints = {pk: grant.get_role_display() for pk, grant in self.grants.items()}

    def clean_grant(self) -> Grant:
        """The grant itself, one of those offered."""
        return self.grants[self.cleaned_data["grant"]]


class AskForm(Form):
    """For which school and in which role one asks."""

    school = forms.CharField(
        label=_("Code de l’établissement (UAI)"), max_length=12,
        help_text=_("Sept chiffres et une lettre, par exemple 0991234D."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip
    role = forms.ChoiceField(
        label=_("Vous êtes…"),
        choices=[(role.value, role.label) for role in ASKABLE],
        widget=Choices(
            hints={
                Role.DEPUTY: _("Vous voyez et faites comme le chef d’établissement, sauf confirmer les accès."),
                Role.DELEGATE: _("Secrétariat, référent numérique : vous invitez, notifiez et aidez les familles."),
                Role.FORM_TUTOR: _("Vous redonnez un mot de passe aux élèves de votre classe."),
            }
        ),
    )

    def clean_school(self) -> School:
        """The school of that code, if it is one of Préau's."""
        try:
            return School.objects.get(uai=identifiers.uai(self.cleaned_data["school"]))
        except (identifiers.NotAUai, School.DoesNotExist):
            raise forms.ValidationError(
                _("Aucun établissement n’a ce code ici. Il est écrit en tête des courriers de votre établissement.")
            ) from None
