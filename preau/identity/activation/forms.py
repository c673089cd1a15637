"""What is asked to activate an account."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.design.forms import DateField, EmailField, Form, ManyChoices
from preau.identity.directory.models import Guardianship

# How many boxes the page opens with, whatever the family: their number tells nothing (design.md §5).
BOXES, MOST_BOXES = 3, 12


class EmailForm(Form):
    """The address the account will use."""

    email = EmailField(
        help_text=_("La vôtre, que vous lisez seul : un message y sera envoyé, et l’établissement n’y a pas accès.")
    )


class OptionalEmailForm(Form):
    """A pupil may have none."""

    email = EmailField(required=False, help_text=_("Pour retrouver ton mot de passe sans passer par l’établissement."))


class BirthDateForm(Form):
    """A pupil's own birth date."""

    born_on = DateField(label=_("Ta date de naissance"), is_own_birth=True, help_text=_("Par exemple : 14 3 2014"))


class BirthDatesForm(Form):
    """The birth dates of all the children, in any order. « Ajouter un enfant » opens one box more."""

    not_mine = forms.BooleanField(
        required=False,
        label=_("Je ne suis pas le représentant légal d’un élève rattaché à ce compte"),
        help_text=_("Donnez les dates de vos enfants seulement ; la page suivante demandera de qui il s’agit."),
    )
    mark_optional = False

    def __init__(self, data: Any = None, *, latest: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        asked = str((data or {}).get("boxes", ""))
        self.boxes = min(max(int(asked) if asked.isdecimal() else BOXES, BOXES), MOST_BOXES)
        self.wants_more = bool(data) and "more" in data
        self.boxes = min(self.boxes + self.wants_more, MOST_BOXES)
        for number in range(1, self.boxes + 1):
            label = _("Date de naissance d’un enfant") if number == 1 else _("Date de naissance d’un autre enfant")
            self.fields[f"date_{number}"] = DateField(
                label=label,
                required=number == 1,
                latest=latest,
                help_text=_("Par exemple : 27 8 2017") if number == 1 else "",
            )

    def full_clean(self) -> None:
        """One box more: nothing is judged yet."""
        if self.wants_more:
            self._errors, self.cleaned_data = ErrorDict(), {}
            return
        super().full_clean()

    def is_valid(self) -> bool:
        """Never when a box was asked for."""
        return not self.wants_more and super().is_valid()

    def dates(self) -> frozenset[date]:
        """What was typed; twins may be typed once or twice."""
        return frozenset(value for name, value in self.cleaned_data.items() if name.startswith("date_") and value)

    def date_questions(self) -> list[Any]:
        """The boxes, for the page."""
        return [self[f"date_{number}"] for number in range(1, self.boxes + 1)]

    def refuse(self, tries_left: int) -> None:
        """The one answer to any wrong set: which date, or how many are missing, is not said."""
        sentence = gettext(
            "Ce ne sont pas les dates que connaît l’établissement. Vérifiez-les, et qu’aucun enfant ne manque."
        )
        if tries_left == 1:
            sentence += gettext(" Il vous reste un essai.")
        elif tries_left:
            sentence += gettext(" Il vous reste %(count)s essais.") % {"count": tries_left}
        self.add_error(None, sentence)


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
        """Every child left must have been proven by its date, and one at least must be left."""
        chosen: list[int] = self.cleaned_data["children"]
        left = [link for link in self.links if link.pk not in chosen]
        if not left:
            raise ValidationError(
                gettext("Si aucun de ces enfants ne dépend de vous, n’activez pas ce compte : appelez l’établissement.")
            )
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
