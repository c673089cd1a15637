"""The first page: how many are where, per division, and the one thing to do now. Reads only."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from preau.design.frame import address
from preau.design.templatetags.design import division
from preau.identity.accounts import alone, standing
from preau.identity.accounts.models import Account, AloneOpening
from preau.identity.accounts.standing import Standing
from preau.identity.accounts.states import State
from preau.identity.directory.models import Correction, Guardianship, School
from preau.identity.imports.models import ImportRun
from preau.identity.staff.models import Grant
from preau.identity.staff.permissions import Deed, within

# A share over so few families would name somebody.
FEWEST_FAMILIES = 10
LOW = 60
MOST_BARS, FEW_BARS = 24, 12


@dataclass(frozen=True)
class Share:
    """How many guardians of a division are in."""

    label: str
    families: int
    active: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 % means everybody."""
        return 100 * self.active // self.families

    @property
    def is_low(self) -> bool:
        """Under the mark that asks for a look."""
        return self.percent < LOW


@dataclass(frozen=True)
class Task:
    """Something to do: its words, and where. `kind` names its sentence in the template."""

    kind: str
    count: int
    url: str
    detail: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Cockpit:
    """What the page shows."""

    guardians: dict[Standing, int]
    pupils: dict[Standing, int]
    divisions: list[Share]
    now: Task
    then: list[Task]

    @property
    def guardians_in_all(self) -> int:
        """Everybody who may sign in, or could."""
        return _open(self.guardians)

    @property
    def pupils_in_all(self) -> int:
        """The same, of pupils."""
        return _open(self.pupils)

    @property
    def guardians_active(self) -> int:
        """Who activated."""
        return _active(self.guardians)

    @property
    def pupils_active(self) -> int:
        """The same, of pupils."""
        return _active(self.pupils)

    @property
    def expired(self) -> int:
        """Letters, sheets and messages that open nothing any more."""
        return self.guardians[Standing.EXPIRED] + self.pupils[Standing.EXPIRED]

    @property
    def bars(self) -> list[dict[str, Any]]:
        """The divisions, drawn; of a large school, those furthest behind."""
        shown = self.divisions if not self.is_long else sorted(self.divisions, key=lambda one: one.percent)[:FEW_BARS]
        return [{"label": division(one.label), "percent": one.percent, "is_low": one.is_low} for one in shown]

    @property
    def is_long(self) -> bool:
        """So many divisions that a drawing of all says nothing."""
        return len(self.divisions) > MOST_BARS

    @property
    def lines(self) -> list[dict[str, Any]]:
        """How many are where, the standings nobody is in left out."""
        found = ({"standing": one, "guardians": self.guardians[one], "pupils": self.pupils[one]} for one in Standing)
        return [line for line in found if line["guardians"] or line["pupils"]]

    heads = (
        "Classe",
        {"label": "Responsables", "css": "end"},
        {"label": "Activés", "css": "end"},
        {"label": "Part", "css": "end"},
    )
    state_heads = ("État", {"label": "Responsables", "css": "end"}, {"label": "Élèves", "css": "end"})

    @property
    def to_confirm(self) -> int:
        """Addresses that wait for their holder's click."""
        return self.guardians[Standing.CONFIRM] + self.pupils[Standing.CONFIRM]


def _open(counts: dict[Standing, int]) -> int:
    return sum(count for one, count in counts.items() if one not in (Standing.DISABLED, Standing.CLOSED))


def _active(counts: dict[Standing, int]) -> int:
    return counts[Standing.ACTIVE] + counts[Standing.TEMPORARY]


def look(grant: Grant, *, day: date, at: datetime) -> Cockpit:
    """The cockpit of the grant's school at `at`."""
    assert grant.school is not None
    guardians = within(Account.objects.guardians(), grant, Deed.SEE_GUARDIANS, day)
    pupils = within(Account.objects.pupils().with_rights_on(day, grant.school.uai), grant, Deed.SEE_PUPILS, day)
    counted = _standings(guardians, at=at), _standings(pupils, at=at)
    unnotified = within(Account.objects.guardians().unnotified(), grant, Deed.SEE_GUARDIANS, day)
    unwritten = unnotified.filter(records__guardian__school=grant.school)
    emails = unwritten.exclude(records__guardian__email="").count()
    tasks = _tasks(grant.school, *counted, emails=emails, at=at)
    return Cockpit(*counted, _divisions(grant.school, day), tasks[0], tasks[1:])


def _standings(accounts: QuerySet[Account], *, at: datetime) -> dict[Standing, int]:
    counts = {one.value: Count("pk", filter=standing.where(one, at=at)) for one in Standing}
    found = accounts.aggregate(**counts)
    return {one: found[one.value] for one in Standing}


def _divisions(school: School, day: date) -> list[Share]:
    links = Guardianship.objects.legal().active_on(day).filter(enrolment__school=school, guardian__is_body=False)
    active = Count("guardian", distinct=True, filter=Q(guardian__record__account__state=State.ACTIVE))
    counted = (
        links.exclude(enrolment__division=None)
        .values_list("enrolment__division__code")
        .annotate(families=Count("guardian", distinct=True), active=active)
        .order_by("enrolment__division__grade", "enrolment__division__code")
    )
    shares = [Share(label, families, active) for label, families, active in counted]
    return [share for share in shares if share.families >= FEWEST_FAMILIES]


def _tasks(
    school: School, guardians: dict[Standing, int], pupils: dict[Standing, int], *, emails: int, at: datetime
) -> list[Task]:
    """Everything to do, the most pressing first; never empty."""
    run = ImportRun.objects.of_school(school.uai).applied().first()
    doubts = sum(run.doubts.values()) if run else 0
    disputed = Guardianship.objects.disputed().filter(enrolment__school=school).count()
    to_report = Correction.objects.of_school(school.uai).unexported().count()
    waiting = Grant.objects.waiting().of_school(school.uai).count()
    alone_now = alone.undoable_in(school.uai, at=at)
    unnotified = guardians[Standing.UNNOTIFIED]
    ways = {"emails": emails, "papers": max(0, unnotified - emails)}
    tasks = [
        Task("import", 0 if run or school.last_export_at else 1, address("imports:home")),
        Task("alone", len(alone_now), _page_of(alone_now)),
        Task("unnotified_guardians", unnotified, _list("console:guardians", Standing.UNNOTIFIED), ways),
        Task("unnotified_pupils", pupils[Standing.UNNOTIFIED], _list("console:pupils", Standing.UNNOTIFIED)),
        Task("access", waiting, reverse("console:team")),
        Task("disputed", disputed, reverse("console:corrections")),
        Task("to_report", to_report, reverse("console:corrections")),
        Task("expired_guardians", guardians[Standing.EXPIRED], _list("console:guardians", Standing.EXPIRED)),
        Task("expired_pupils", pupils[Standing.EXPIRED], _list("console:pupils", Standing.EXPIRED)),
        Task("to_confirm", guardians[Standing.CONFIRM], _list("console:guardians", Standing.CONFIRM)),
        Task("doubts", doubts, address("imports:home")),
    ]
    return [task for task in tasks if task.count] or [Task("nothing", 0, reverse("console:guardians"))]


def _page_of(openings: list[AloneOpening]) -> str:
    """The oldest first: its 72 hours pass before the others'."""
    return reverse("console:guardian", args=[openings[0].account_id]) if openings else ""


def _list(name: str, asked: Standing) -> str:
    return f"{reverse(name)}?{urlencode({'etat': asked.value})}"
