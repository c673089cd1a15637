"""What is asked at the door."""

from itertools import combinations
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from preau.design.forms import (
    CodeField,
    EmailField,
    Form,
    NewPasswordField,
    PasswordField,
    Rule,
    TemporaryPasswordField,
    UsernameField,
)
from preau.identity.accounts import passwords, past_passwords
from preau.identity.accounts.models import Account
from preau.identity.signin import captcha, mistakes
from preau.identity.signin.authenticator import CodeProof
from preau.identity.signin.common_passwords import common, weakness
from preau.identity.signin.guessable import Weakness
from preau.identity.signin.mistakes import Mistake
from preau.identity.signin.proof import Found, OwnProof, Proof

_SMALL, _CAPITAL, _FIGURE, _SIGN = "(?=.*[a-zà-ÿ])", "(?=.*[A-ZÀ-Þ])", "(?=.*[0-9])", "(?=.*[^0-9A-Za-zÀ-ÿ])"
_THREE_KINDS = "|".join("".join(kinds) for kinds in combinations((_SMALL, _CAPITAL, _FIGURE, _SIGN), 3))
# Shown live by the page; accounts/passwords.py decides.
_PATTERNS = {
    "length": f"^.{{{passwords.SHORTEST},{passwords.LONGEST}}}$",
    "classes": f"^(?:.{{{passwords.PASSPHRASE},}}|(?:{_THREE_KINDS}).*)$",
}
RULES = tuple(Rule(rule.words, _PATTERNS.get(rule.key, "")) for rule in passwords.RULES)
_BROKEN = {
    "length": _("Il faut entre 12 et 128 caractères. Plusieurs mots à la suite font un bon mot de passe."),
    "classes": _("Il faut trois sortes de caractères (minuscules, majuscules, chiffres, signes), ou 16 caractères."),
    "own": _("Ce mot de passe contient un nom, l’identifiant ou une date de naissance. Il faut d’autres mots."),
    "common": _("Ce mot de passe figure dans les listes que les voleurs essaient. Il en faut un autre."),
}
_WEAK = {
    Weakness.COMMON: _BROKEN["common"],
    Weakness.DERIVED: _(
        "Ce mot de passe est un mot très courant, à peine déguisé : les voleurs essaient aussi ces déguisements."
        " Plusieurs mots sans rapport entre eux résistent mieux."
    ),
    Weakness.WALK: _(
        "Ce mot de passe suit l’ordre des touches, des lettres ou des chiffres : c’est ce que les voleurs essaient"
        " d’abord. Plusieurs mots sans rapport entre eux résistent mieux."
    ),
    Weakness.SCHOOL: _(
        "Ce mot de passe n’est fait que de mots de l’école ou du compte, que tout le monde essaie."
        " Il faut d’autres mots."
    ),
}


_MISTAKES = {
    Mistake.SAME: _("Les deux cases contiennent la même chose : le mot de passe est différent de l’identifiant."),
    Mistake.DATE: _("Ce qui est tapé a la forme d’une date : ici, une date de naissance n’est jamais un mot de passe."),
    Mistake.CONFUSED: _(
        "Les mots de passe provisoires ne contiennent ni O, ni 0, ni I, ni 1, ni L, ni U : relisez la lettre"
        " ou la fiche."
    ),
    Mistake.CAPITALS: _("Tout est en majuscules : la touche de verrouillage est peut-être enfoncée."),
    Mistake.BLANKS: _("Il y a une espace avant ou après le mot de passe, venue peut-être d’un copier-coller."),
    Mistake.NAME: _("L’identifiant n’est ni le nom entier ni le téléphone : l’initiale du prénom, un point, le nom."),
}


class SigninForm(Form):
    """Username and password. Mistakes seen by their shape are said at once, without looking for anybody."""

    username = UsernameField(help_text=_("Par exemple : s.belkacem3. Ce n’est pas votre adresse électronique."))
    password = PasswordField(
        help_text=_("Ou le mot de passe provisoire de votre lettre : les espaces ne comptent pas.")
    )

    # Asked after failures (signin/captcha.py).
    effort: captcha.Effort | None = None
    is_pupil = False

    def clean_username(self) -> str:
        """People type their address, or the temporary password, in the wrong box (specs/educonnect.md §2.5)."""
        typed: str = self.cleaned_data["username"]
        if "@" in typed:
            raise ValidationError(
                gettext(
                    "C’est une adresse électronique. L’identifiant, écrit sur la lettre ou la fiche, est plutôt :"
                    " l’initiale du prénom, un point, le nom."
                )
            )
        if passwords.looks_temporary(typed):
            raise ValidationError(
                gettext("C’est le mot de passe provisoire. Il va dans la case du dessous ; ici, l’identifiant.")
            )
        return typed

    def refuse(self, proof: Proof) -> None:
        """The one answer to a wrong username and to a wrong password; or nothing was compared, for want of effort."""
        if proof.found is Found.EFFORT:
            assert proof.effort is not None
            self.add_error(None, captcha.sentence(proof.effort, is_early=proof.is_early, is_pupil=self.is_pupil))
            return
        if proof.tries_left:
            count = self.left(proof.tries_left)
        else:
            count = gettext("C’était le dernier essai : il faut attendre un quart d’heure avant le prochain.")
        mistake = mistakes.seen(username=self.cleaned_data["username"], password=self.cleaned_data["password"])
        hint = f" {_MISTAKES[mistake]}" if mistake else ""
        self.add_error(None, gettext("L’identifiant ou le mot de passe n’est pas le bon. ") + count + hint)

    def left(self, tries: int) -> str:
        """How many tries this device has."""
        return ngettext("Il vous reste %(n)s essai.", "Il vous reste %(n)s essais.", tries) % {"n": tries}


class PupilSigninForm(SigninForm):
    """The same, in words for a pupil."""

    is_pupil = True
    username = UsernameField(help_text=_("Par exemple : i.belkacem. Il est écrit sur ta fiche."))
    password = PasswordField(help_text=_("Ou le mot de passe provisoire de ta fiche : les espaces ne comptent pas."))

    def left(self, tries: int) -> str:
        """How many tries this device has."""
        return ngettext("Il te reste %(n)s essai.", "Il te reste %(n)s essais.", tries) % {"n": tries}


class NewPasswordForm(Form):
    """A password being chosen. `account`, when its holder is proved, is refused its present and its last passwords."""

    password = NewPasswordField(rules=RULES, label=_("Mot de passe"))

    def __init__(
        self, *args: Any, own_words: tuple[str, ...] = (), account: Account | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.own_words, self.account = own_words, account

    def clean_password(self) -> str:
        """Every rule that is broken, each in its sentence."""
        typed: str = self.cleaned_data["password"]
        broken = passwords.broken_rules(typed, own_words=self.own_words, common=common())
        if broken:
            raise ValidationError([ValidationError(_BROKEN[key], code=key) for key in broken])
        if weak := weakness(typed):
            raise ValidationError(_WEAK[weak], code=weak)
        if self.account is not None:
            self.check_is_new(self.account, typed)
        return typed

    def check_is_new(self, account: Account, typed: str) -> None:
        """Not one of the last. Asked only of a holder who is proved, and of a password good otherwise: it is slow."""
        if past_passwords.was_used(account, typed):
            sentence = gettext(
                "C’est le mot de passe actuel, ou l’un des cinq derniers de ce compte. Il en faut un nouveau."
            )
            raise ValidationError(sentence, code="same")


class ConfirmForm(Form):
    """The password once more, before a sensitive deed."""

    password = PasswordField()

    def refuse(self, proof: OwnProof) -> None:
        """Not the right one, or too many were tried."""
        if proof.until_at is None:
            sentence = gettext("Ce n’est pas le mot de passe de ce compte.")
        else:
            hour = date_format(timezone.localtime(proof.until_at), "G\u00a0\\h\u00a0i")
            sentence = gettext("Trop d’essais sur cet appareil. On pourra recommencer à %(hour)s.") % {"hour": hour}
        self.add_error("password", sentence)


class CodeForm(Form):
    """The six digits that the authenticator shows."""

    code = CodeField(
        label=_("Code à six chiffres"), help_text=_("L’application en affiche un nouveau toutes les 30 secondes.")
    )

    def refuse(self, proof: CodeProof) -> None:
        """Not the right one, or too many were tried."""
        (name,) = self.fields
        if proof.until_at is None:
            sentence = gettext("Ce code n’est pas le bon, ou il a déjà servi.")
        else:
            hour = date_format(timezone.localtime(proof.until_at), "G\u00a0\\h\u00a0i")
            sentence = gettext("Trop d’essais sur cet appareil. On pourra recommencer à %(hour)s.") % {"hour": hour}
        self.add_error(name, sentence)


class RecoveryCodeForm(CodeForm):
    """One of the codes on paper."""

    code = None  # type: ignore[assignment]  # Django's way to leave a question out
    recovery = TemporaryPasswordField(
        label=_("Code de secours"),
        help_text=_("Douze lettres et chiffres, de la feuille gardée en lieu sûr. Chacun ne sert qu’une fois."),
    )


class ConfirmEmailForm(Form):
    """The address to which the message goes, or « plus tard »."""

    email = EmailField(required=False)
    later = forms.BooleanField(required=False, widget=forms.HiddenInput)
    mark_optional = False

    def clean(self) -> dict[str, Any]:
        """An address is needed unless one passes over."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("later"):
            self.errors.pop("email", None)
            cleaned.setdefault("email", "")
        elif not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", gettext("Écrivez l’adresse à laquelle envoyer le message."))
        return cleaned
