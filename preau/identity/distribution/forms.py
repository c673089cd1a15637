"""Questions asked before anything leaves."""

import secrets
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from preau.design.forms import Choices, Form
from preau.identity.distribution.plan import Plan
from preau.identity.distribution.wishes import FOR_GUARDIANS, FOR_PUPILS, Layout, Wish

MOST_CHOSEN = 10_000


class SelectionForm(Form):
    """Who was ticked: `account` once per person, or `accounts`, their numbers parted by commas."""

    accounts = forms.CharField(required=False, max_length=12 * MOST_CHOSEN, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """`chosen`: the numbers, each once."""
        cleaned = super().clean() or {}
        ticked = [*cast(QueryDict, self.data).getlist("account"), *cleaned.get("accounts", "").split(",")]
        numbers = {int(one) for one in ticked if one.isascii() and one.isdigit() and len(one) < 12}
        return {**cleaned, "chosen": sorted(numbers)[:MOST_CHOSEN]}


class SendForm(Form):
    """How to send, and for many the number typed by a human."""

    wish = forms.ChoiceField(
        label=_("Que voulez-vous envoyer ?"),
        choices=Wish.choices,
        widget=Choices(
            hints={
                Wish.INVITE: _(
                    "Par courriel, ou sur papier pour qui n’a pas d’adresse. Aucun mot de passe ne circule. "
                    "À faire d’abord."
                ),
                Wish.CREDENTIALS: _(
                    "Par courriel à qui a une adresse à soi ; une lettre à imprimer pour les autres. "
                    "Pour qui n’est pas entré seul."
                ),
                Wish.LETTERS: _("Une page par personne, l’adresse à sa place pour une enveloppe à fenêtre."),
                Wish.SHEETS: _("Identifiant, mot de passe provisoire et carré à photographier."),
            }
        ),
    )
    layout = forms.ChoiceField(
        label=_("Mise en page des fiches"),
        choices=Layout.choices,
        initial=Layout.FOUR,
        required=False,
        widget=Choices(),
    )
    has_list = forms.BooleanField(
        label=_("Ajouter la liste de chaque classe, avec les mots de passe (PDF et tableur)"), required=False
    )
    number = forms.IntegerField(
        label=_("Combien de personnes vont recevoir quelque chose ?"),
        help_text=_("Recopiez le nombre affiché ci-dessus : c’est notre garde-fou contre les envois par erreur."),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    once = forms.CharField(widget=forms.HiddenInput, max_length=64)
    mark_optional = False  # each is asked only when it is needed

    def __init__(self, data: Any = None, *, has_guardians: bool, has_pupils: bool) -> None:
        super().__init__(data, initial={"once": secrets.token_hex(16)})
        wishes = [*(FOR_GUARDIANS if has_guardians else ()), *(FOR_PUPILS if has_pupils else ())]
        question: Any = self.fields["wish"]
        question.choices = [(wish.value, wish.label) for wish in wishes]
        question.initial = wishes[0] if wishes else None
        if not has_pupils:
            del self.fields["layout"], self.fields["has_list"]

    def agrees_with(self, plan: Plan) -> bool:
        """Whether, for many people, a human typed their number; says so under the question otherwise."""
        if not plan.is_many() or self.cleaned_data.get("number") == len(plan.served):
            return True
        self.add_error("number", _("Le nombre ne correspond pas : relisez le tableau, puis recopiez-le."))
        return False
