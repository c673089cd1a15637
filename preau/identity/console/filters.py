"""What one may search a list by. In the address, so that a list can be kept, sent and gone back to."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from preau.design.forms import Form, LongSelect
from preau.identity.accounts import origins
from preau.identity.accounts.standing import Standing
from preau.identity.directory.models import Division

ANY = ""


class Email:
    """What is known of an address: the values of the filter and of the column."""

    CONFIRMED, WAITING, KNOWN, SHARED, NONE = "confirme", "a-confirmer", "connu", "partage", "absent"
    LABELS = {
        CONFIRMED: "Confirmé",
        WAITING: "À confirmer",
        KNOWN: "Connu de l’école",
        SHARED: "Partagé",
        NONE: "Absent",
    }


class ListFilters(Form):
    """Search and filters of the two lists. Anything unknown in the address is taken as not asked."""

    q = forms.CharField(
        required=False,
        max_length=100,
        strip=True,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    division = forms.ChoiceField(label=_("Classe"), required=False, widget=LongSelect)
    etat = forms.ChoiceField(label=_("État"), required=False, widget=LongSelect)
    origine = forms.ChoiceField(label=_("Origine"), required=False, widget=LongSelect)
    courriel = forms.ChoiceField(label=_("Courriel"), required=False, widget=LongSelect)
    tri = forms.ChoiceField(required=False, widget=forms.HiddenInput)

    mark_optional = False
    question: Any = _("Nom d’un responsable ou d’un élève")
    orders = (
        "nom",
        "-nom",
        "division",
        "-division",
        "etat",
        "-etat",
        "notification",
        "-notification",
        "connexion",
        "-connexion",
    )

    def __init__(self, data: QueryDict, divisions: Iterable[Division]) -> None:
        super().__init__(data)
        self.query = data
        self.fields["q"].label = self.question
        choices: dict[str, Iterable[tuple[Any, Any]]] = {
            "division": [(ANY, _("Toutes")), *((str(division.pk), division.code) for division in divisions)],
            "etat": [(ANY, _("Tous")), *((one.value, one.label) for one in Standing)],
            "origine": [(ANY, _("Toutes")), *((one.value, label) for one, label in origins.LABELS.items())],
            "courriel": [(ANY, _("Indifférent")), *Email.LABELS.items()],
            "tri": [(one, one) for one in (ANY, *self.orders)],
        }
        for name, options in choices.items():
            self.fields[name].choices = list(options)  # type: ignore[attr-defined]
        self.is_valid()

    def asked(self, name: str) -> str:
        """What is asked of one filter; empty when nothing, or nothing known."""
        return str(self.cleaned_data.get(name) or ANY)

    @property
    def order(self) -> str:
        """How to sort: by name unless asked otherwise."""
        return self.asked("tri") or "nom"

    def chips(self) -> list[dict[str, str]]:
        """The filters in force, each with the address that takes it away."""
        found = []
        for name in ("q", "division", "etat", "origine", "courriel"):
            if value := self.asked(name):
                words = dict(getattr(self.fields[name], "choices", ())).get(value, value)
                found.append({"label": f"{self.fields[name].label}\u00a0: {words}", "url": f"?{self.without(name)}"})
        return found

    def without(self, name: str) -> str:
        """The address's query without one filter, and back on the first page."""
        kept = self.query.copy()
        kept.pop(name, None)
        kept.pop("page", None)
        return str(kept.urlencode())

    def sorted_by(self, column: str) -> dict[str, str]:
        """The link of a column's head, and the order in force on it."""
        order = {"": "", column: "ascending", f"-{column}": "descending"}.get(self.order, "")
        kept = self.query.copy()
        kept["tri"] = f"-{column}" if self.order == column else column
        kept.pop("page", None)
        return {"url": f"?{kept.urlencode()}", "order": order}


class GuardianFilters(ListFilters):
    """Of guardians."""


class PupilFilters(ListFilters):
    """Of pupils."""

    question = _("Nom d’un élève ou d’un responsable")
