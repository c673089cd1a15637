"""Questions the desk asks before it acts."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from preau.clock import today
from preau.design import text
from preau.design.forms import Choices, DateField, Form
from preau.identity.accounts import channel_removals
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, Kind
from preau.identity.console import team
from preau.identity.directory.models import Datum, Proof
from preau.identity.staff.models import Grant, Role
from preau.identity.support.forms import TicketField


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


class TicketSearchForm(Form):
    """The number a family gave, and whose it is."""

    number = TicketField()
    q = forms.CharField(
        label=_("Nom du responsable"), max_length=100, required=False,
        help_text=_("Celui qui vous parle. Le nom d’un de ses enfants convient aussi."),
    )  # fmt: skip
    guardian = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    mark_optional = False


class ProofForm(Form):
    """What a correction rests on."""

    proof = forms.ChoiceField(
        label=_("Comment avez-vous vérifié ?"),
        choices=[
            (Proof.IN_PERSON.value, _("Pièce d’identité vue : la personne est devant moi")),
            (Proof.KNOWN_DATA.value, _("Recoupé avec le dossier papier de l’établissement")),
        ],
        widget=Choices(),
    )  # fmt: skip


class ForgetChannelForm(ProofForm):
    """Which of the proved channels of an account is somebody else's."""

    way = forms.ChoiceField(label=_("Qu’est-ce qui n’est pas à cette personne ?"), choices=[], widget=Choices())
    field_order = ("way", "proof")

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # By their dates: the desk reads no address that people gave, and they know since when they have theirs.
        words = {
            Way.EMAIL: _("L’adresse électronique, confirmée le %(day)s"),
            Way.SMS: _("Le mobile, confirmé le %(day)s"),
        }
        since = {one: at for one in Way if (at := channel_removals.proved_at(account, one)) is not None}
        way: Any = self.fields["way"]
        way.choices = [(one.value, words[one] % {"day": text.date_in_words(today(at))}) for one, at in since.items()]


class CorrectGuardianForm(ProofForm):
    """Which field of a guardian's record is wrong, and what it should say."""

    field = forms.ChoiceField(
        label=_("Quelle information corriger ?"),
        choices=[(one.value, one.label) for one in Datum if one not in (Datum.BIRTH_ON, Datum.LINK)],
        widget=Choices(),
    )  # fmt: skip
    value = forms.CharField(
        label=_("Nouvelle valeur"), required=False, max_length=254,
        help_text=_("Un nom d’usage laissé vide est retiré."),
    )  # fmt: skip
    field_order = ("field", "value", "proof")
    mark_optional = False


class CorrectPupilForm(ProofForm):
    """The right birth date of a pupil."""

    born = DateField(label=_("Date de naissance exacte"))
    field_order = ("born", "proof")

    @property
    def written(self) -> str:
        """The date as a correction takes it."""
        born: date = self.cleaned_data["born"]
        return born.isoformat()


class SettleLinkForm(Form):
    """The school's word on a disputed link."""

    RIGHT, FALSE = "juste", "faux"
    word = forms.ChoiceField(
        label=_("Après vérification, ce lien est…"),
        choices=[
            (RIGHT, _("Juste : il est rétabli, le responsable est prévenu")),
            (FALSE, _("Faux : il ne reviendra pas aux prochains imports")),
        ],
        widget=Choices(),
    )  # fmt: skip
