"""All the children's birth dates: what proves a guardian, whatever the way in. Three wrong sets, then a pause.

The pause is for the browser and for what was proved before (a letter, a mobile): who did not prove it never gets here,
so that a stranger cannot block a family. The same wrong set clicked twice counts once.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.design.forms import DateField, Form
from preau.identity import keys
from preau.identity.signin import counters, device, lockout, network
from preau.identity.signin.lockout import Door, Verdict
from preau.journeys.drafts import Trail

# How many boxes the page opens with, whatever the family: their number tells nothing (design.md §5).
BOXES, MOST_BOXES = 3, 12


class BirthDatesForm(Form):
    """The birth dates of all the children, in any order. « Ajouter un enfant » opens one box more."""

    not_mine = forms.BooleanField(
        required=False,
        label=_("Je ne suis pas le représentant légal d’un élève rattaché à ce compte"),
        help_text=_(
            "Donnez les dates de vos enfants seulement ; la page suivante demandera de qui il s’agit. "
            "Aucun n’est le vôtre ? Laissez toutes les cases vides : l’établissement corrigera."
        ),
    )
    mark_optional = False

    def __init__(self, data: Any = None, *, latest: date, asks_all: bool = False, **kwargs: Any) -> None:
        """`asks_all`: also the date of a child who is not theirs."""
        super().__init__(data, **kwargs)
        if asks_all:
            self.fields["not_mine"].help_text = gettext(
                "Donnez quand même toutes les dates, la sienne aussi : la page suivante demandera de qui il s’agit. "
                "Vous ne la connaissez pas ? Laissez toutes les cases vides : la page suivante dira quoi faire."
            )
        asked = str((data or {}).get("boxes", ""))
        self.boxes = min(max(int(asked) if asked.isdecimal() else BOXES, BOXES), MOST_BOXES)
        self.wants_more = bool(data) and "more" in data
        self.boxes = min(self.boxes + self.wants_more, MOST_BOXES)
        for number in range(1, self.boxes + 1):
            label = _("Date de naissance d’un enfant") if number == 1 else _("Date de naissance d’un autre enfant")
            self.fields[f"date_{number}"] = DateField(
                label=label,
                required=False,
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

    def clean(self) -> dict[str, Any]:
        """One date at least, unless a child is not theirs."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.dates() and not cleaned.get("not_mine"):
            self.add_error("date_1", gettext("Il manque une date de naissance."))
        return cleaned

    @property
    def leaves_to_the_school(self) -> bool:
        """« Un de ces enfants n’est pas le mien », and no date at all."""
        return bool(self.cleaned_data.get("not_mine")) and not self.dates()

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


@dataclass(frozen=True)
class Trial:
    """Where tries are counted: this browser with what was proved before, and what was proved before."""

    door: Door
    own: str
    theirs: str

    @classmethod
    def of(cls, request: HttpRequest, *, door: Door, record: str) -> "Trial":
        """`record` names what was proved: an account, a mobile. Only its keyed digest is kept."""
        browser = device.of(request).number or f"network {network.of(request)}"
        return cls(door, counters.key(door, "device", browser, record), counters.key(door, "record", record))

    def so_far(self, *, at: datetime) -> lockout.Tries:
        """The wrong sets until now."""
        stand = counters.read(self.own, self.theirs, at=at)
        return lockout.Tries(device=stand[self.own].count, record=stand[self.theirs].count)

    def is_paused(self, *, at: datetime) -> bool:
        """One more would not be looked at."""
        before = self.so_far(at=at)
        one_more = lockout.Tries(device=before.device + 1, record=before.record + 1)
        return lockout.verdict(self.door, one_more) is not Verdict.LOOK

    def judge(self, typed: frozenset[date], *, is_right: bool, trail: Trail, at: datetime) -> int | None:
        """Count a try. None when it counts as right, otherwise how many this browser has left."""
        mark = keys.digest("activation/refused-dates", *sorted(day.isoformat() for day in typed))
        refused: list[str] = trail.facts.setdefault("refused", [])
        if mark in refused:
            return lockout.left(self.door, self.so_far(at=at))
        # Counted before the answer is given: tries made at the same instant are all seen.
        windows = {self.own: lockout.DEVICE[self.door].window, self.theirs: lockout.RECORD[self.door].window}
        counted = counters.add(windows, at=at)
        tries = lockout.Tries(device=counted[self.own], record=counted[self.theirs])
        if is_right and lockout.verdict(self.door, tries) is Verdict.LOOK:
            counters.take_back(self.own, self.theirs)
            return None
        refused.append(mark)
        return lockout.left(self.door, tries)
