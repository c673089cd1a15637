"""Questions the desk asks before it acts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from preau.design.forms import Choices, Form
from preau.identity.accounts.models import Kind
from preau.identity.console import team
from preau.identity.staff.models import Grant, Role


class BlockForm(Form):
    """Why an account is shut."""

    reason = forms.CharField(
        label=_("Pourquoi bloquer ce compte ?"), max_length=200,
        help_text=_("Ce motif reste dans le journal et se lit sur la fiche. N’y mettez rien d’intime."),
    )  # fmt: skip


class BurnForm(Form):
    """Whose temporary passwords to destroy."""

    EVERYBODY = "tous"
    kind = forms.ChoiceField(
        label=_("Quels mots de passe provisoires détruire ?"),
        choices=[
            (Kind.GUARDIAN.value, _("Ceux des responsables")),
            (Kind.PUPIL.value, _("Ceux des élèves")),
            (EVERYBODY, _("Tous")),
        ],
        widget=Choices(),
    )  # fmt: skip
    sure = forms.BooleanField(
        label=_("J’ai compris : les lettres, fiches et messages déjà distribués n’ouvriront plus rien.")
    )


class ConfirmAccessForm(Form):
    """Which line of the timetable base the asking person is."""

    record: Any = forms.ModelChoiceField(
        label=_("Dans l’emploi du temps, cette personne est…"), queryset=None, empty_label=""
    )
    sure = forms.BooleanField(label=_("Je connais cette personne et c’est bien elle qui me l’a demandé."))

    def __init__(self, grant: Grant, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record: Any = self.fields["record"]
        record.queryset = team.choices(grant)
        record.required = grant.role == Role.FORM_TUTOR
        if not record.required:
            record.empty_label = _("Pas dans la liste")
