"""What the holder of an account may change."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.design.forms import EmailField, Form, PasswordField
from preau.identity.accounts.models import Account
from preau.identity.signin.forms import NewPasswordForm
from preau.identity.signin.proof import OwnProof


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
    """The address to confirm."""

    email = EmailField()
