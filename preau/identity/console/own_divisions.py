"""The form tutor's screen: the pupils of their own divisions, and never an address. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max

from preau.design import text
from preau.design.templatetags.design import division
from preau.identity.accounts import standing
from preau.identity.accounts.models import Account
from preau.identity.accounts.standing import Standing
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory import names
from preau.identity.directory.models import Division, Enrolment, Pupil
from preau.identity.staff.models import Grant
from preau.identity.staff.permissions import Deed, within


@dataclass(frozen=True)
class PupilLine:
    """One pupil of the division."""

    account: Account
    pupil: Pupil
    standing: Standing
    has_email: bool
    reset_at: datetime | None
    is_ours: bool

    @property
    def is_open(self) -> bool:
        """A password can be given again; a blocked account, or a pupil another school holds, asks somebody else."""
        return self.is_ours and self.account.is_open()

    @property
    def what(self) -> str:
        """What the button is about, for a screen reader."""
        return f"le mot de passe de {text.desk_name(self.pupil.surname, self.pupil.first_name)}"


@dataclass(frozen=True)
class DivisionPage:
    """A division, its pupils, how many are in."""

    heads = ("Élève", "État", "Courriel", "Réinitialisé", {"label": "Action", "is_hidden": True, "css": "cell-action"})

    division: Division | None
    divisions: list[Division]
    lines: list[PupilLine]
    in_all: int
    active: int

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """One tab per division, for who has several."""
        return [
            {"label": division(one.code), "url": f"?division={one.pk}", "is_current": one == self.division}
            for one in self.divisions
        ]


def look(grant: Grant, *, asked: str, search: str, day: date, at: datetime) -> DivisionPage:
    """One of the tutor's divisions on `day`: the one whose number is `asked`, else the first."""
    divisions = list(Division.objects.filter(pk__in=grant.divisions_on(day)))
    shown_one = next((one for one in divisions if str(one.pk) == asked), divisions[0] if divisions else None)
    if shown_one is None:
        return DivisionPage(None, [], [], 0, 0)
    accounts = within(Account.objects.pupils(), grant, Deed.SEE_PUPILS, day)
    enrolments = Enrolment.objects.active_on(day).filter(division=shown_one, pupil__account__in=accounts)
    everybody = list(enrolments.select_related("pupil__account__temporary_password").order_by("pupil__search", "pk"))
    words = names.fold(search).split()
    shown = [one for one in everybody if all(word in one.pupil.search for word in words)]
    active = sum(one.pupil.account.state == State.ACTIVE for one in everybody)
    ours = set(within(Account.objects.pupils(), grant, Deed.RESET_PUPIL, day).values_list("pk", flat=True))
    return DivisionPage(shown_one, divisions, _lines(shown, ours, at=at), len(everybody), active)


def _lines(enrolments: list[Enrolment], ours: set[int], *, at: datetime) -> list[PupilLine]:
    of_these = [enrolment.pupil.account.key for enrolment in enrolments]
    resets = Event.objects.filter(name=Events.PASSWORD_RESET, on__in=of_these).order_by()
    last = dict(resets.values_list("on").annotate(Max("at")))
    return [
        PupilLine(
            account=enrolment.pupil.account,
            pupil=enrolment.pupil,
            standing=standing.of(enrolment.pupil.account, at=at),
            has_email=enrolment.pupil.account.has_confirmed_email(),
            reset_at=last.get(enrolment.pupil.account.key),
            is_ours=enrolment.pupil.account.pk in ours,
        )
        for enrolment in enrolments
    ]
