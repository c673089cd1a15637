"""What the holder of an account may change."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.design.forms import EmailField, Form, PasswordField, PhoneField, UsernameField
from preau.identity.accounts.models import Account
from preau.identity.directory import phones
from preau.identity.directory.matching import folded_email
from preau.identity.signin import captcha
from preau.identity.signin.forms import NewPasswordForm
from preau.identity.signin.proof import Found, OwnProof, Proof


class ChangePasswordForm(NewPasswordForm):
    """The present password, then the new one."""

    current = PasswordField(label=_("Mot de passe actuel"))
    field_order = ("current", "password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Nouveau mot de passe")

    def refuse(self, proof: OwnProof) -> None:
        """The present password is not the right one, or too many were tried."""
        if proof.until_at is None:
            sentence = gettext("Ce n’est pas le mot de passe actuel.")
        else:
            sentence = gettext("Trop d’essais. Il faut attendre un quart d’heure avant de recommencer.")
        self.add_error("current", sentence)

    def is_new_for(self, account: Account) -> bool:
        """Not one of the last passwords; asked once the present one is proved, so that nobody guesses through it."""
        try:
            self.check_is_new(account, self.cleaned_data["password"])
        except ValidationError as refusal:
            self.add_error("password", refusal)
        return self.is_valid()

    def clean(self) -> dict[str, Any]:
        """The new one must be new."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("password") and cleaned.get("password") == cleaned.get("current"):
            self.add_error(
                "password", ValidationError(gettext("C’est le mot de passe actuel. Il en faut un autre."), code="same")
            )
        return cleaned


class EmailForm(Form):
    """The first address, to confirm."""

    email = EmailField()


class NewEmailForm(Form):
    """The address that is to replace the confirmed one (`current`)."""

    email = EmailField(label=_("Nouvelle adresse électronique"))

    def __init__(self, *args: Any, current: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current = current

    def clean_email(self) -> str:
        """Folded; not the one that is confirmed already."""
        address = folded_email(self.cleaned_data["email"])
        if address == self.current:
            raise ValidationError(gettext("C’est déjà l’adresse du compte."), code="same")
        return address

    def refuse_for_today(self) -> None:
        """Ten messages have left since yesterday."""
        self.add_error("email", gettext("Beaucoup de messages sont déjà partis aujourd’hui. Recommencez demain."))


class MobileForm(Form):
    """A number, read as the families of that school write theirs (`department`)."""

    mobile = PhoneField(label=_("Numéro de mobile"))

    def __init__(self, *args: Any, current: str = "", department: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current, self.department = current, department

    def clean_mobile(self) -> str:
        """In E.164; a mobile, and not the one the account has."""
        typed = self.cleaned_data["mobile"]
        phone = phones.read(typed, department=self.department, demo_numbers=settings.DEMO_NUMBERS)
        if phone is None or not phone.is_mobile:
            sentence = gettext("Ce n’est pas un numéro de mobile : un SMS n’y arriverait pas.")
            raise ValidationError(sentence, code="not-mobile")
        if phone.e164 == self.current:
            raise ValidationError(gettext("C’est déjà le numéro du compte."), code="same")
        return phone.e164


class OtherSchoolForm(Form):
    """The school of a child who is missing, and the mobile it knows. The names are those of the account."""

    school = forms.CharField(
        label=_("Établissement de cet enfant"),
        max_length=120,
        help_text=_("Son nom, avec la ville si vous voulez. Par exemple : collège Jeanne-Barret."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    mobile = PhoneField(label=_("Téléphone portable"), help_text=_("Celui que vous avez donné à cet établissement."))


_OTHERS = {
    Found.EXPIRED: _("Ce mot de passe provisoire a expiré. L’établissement peut en redonner un."),
    Found.TEMPORARY: _("Le mot de passe de cet autre compte doit être changé : connectez-vous d’abord à lui."),
    Found.WAITING: _("L’adresse de cet autre compte n’est pas encore confirmée : ouvrez le lien qu’elle a reçu."),
    Found.SHUT: _("Cet autre compte est bloqué ou désactivé : l’établissement de ces élèves vous dira pourquoi."),
    Found.NO_RIGHTS: _("Cet autre compte n’a plus d’élève : il n’y a rien à ajouter."),
    Found.OTHER_PROFILE: _("C’est le compte d’un élève : on ajoute seulement ceux d’un responsable."),
}


class OtherAccountForm(Form):
    """The credentials of one's other account: a try at the door of the passwords, counted there."""

    username = UsernameField(label=_("Identifiant de l’autre compte"), help_text=_("Il est écrit sur sa lettre."))
    password = PasswordField(
        label=_("Son mot de passe"), help_text=_("Le provisoire de la lettre, ou celui que vous aviez choisi.")
    )

    # What the next try asks of the browser (signin/captcha.py).
    effort: captcha.Effort | None = None

    def refuse(self, proof: Proof) -> None:
        """One answer for what is wrong; what a right secret opens is said, or that nothing was compared."""
        self.effort = proof.effort
        if proof.found is Found.EFFORT and proof.effort is not None:
            self.add_error(None, captcha.sentence(proof.effort, is_early=proof.is_early))
        elif proof.until_at is not None:
            hour = date_format(timezone.localtime(proof.until_at), "G\u00a0\\h\u00a0i")
            self.add_error(None, gettext("Trop d’essais ont échoué d’ici. Recommencez après %s.") % hour)
        else:
            wrong = gettext("L’identifiant ou le mot de passe de l’autre compte n’est pas le bon.")
            self.add_error(None, str(_OTHERS.get(proof.found, wrong)))

    def refuse_without_code(self) -> None:
        """The password alone does not open that account: nor does it give its children away."""
        self.add_error(
            None,
            gettext(
                "Cet autre compte demande un code en plus de son mot de passe. Connectez-vous à lui, et ajoutez-y"
                " les élèves de celui-ci."
            ),
        )

    def refuse_other_person(self) -> None:
        """Two guardians of one pupil are two people; another name is somebody else."""
        self.add_error(
            None,
            gettext(
                "Ce compte n’est pas au même nom que le vôtre, ou c’est celui de l’autre responsable d’un de vos"
                " enfants : on ne les regroupe pas. Si c’est une erreur de nom, l’établissement peut la corriger."
            ),
        )

    def refuse_frozen(self) -> None:
        """Held for 48 hours, or for the school."""
        self.add_error(
            None, gettext("Cette fiche ne peut pas être regroupée en ce moment. L’établissement vous dira pourquoi.")
        )
