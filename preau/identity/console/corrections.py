"""Corrections and disputed links at the desk: what waits, what to report in the base, and the list that carries it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from preau import clock
from preau.design import text
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory import links
from preau.identity.directory.models import Closing, Correction, Datum, Guardianship, School
from preau.identity.distribution import rosters
from preau.identity.imports import settling
from preau.identity.staff.models import StaffMember

_REMEMBERED = timedelta(days=30)
_MOST = 200


@dataclass(frozen=True)
class Line:
    """A correction, told to the school that made it."""

    correction: Correction
    person: str
    author: str

    @property
    def value(self) -> str:
        """The new value, as people write it."""
        return written(self.correction)

    @property
    def ending(self) -> str:
        """How it ended; a family that refuses is not a school that thinks again."""
        if self.correction.closing == Closing.CANCELLED and not self.correction.closed_by.startswith("staff:"):
            return _("refusée par la famille")
        return str(Closing(self.correction.closing).label)


@dataclass(frozen=True)
class Board:
    """The page: what to settle, what will take effect, what to report, what the base should say soon, what ended."""

    disputed: list[Guardianship]
    waiting: list[Line]
    to_report: list[Line]
    reported: list[Line]
    ended: list[Line]

    heads = ("Personne", "Information", "Nouvelle valeur", "Depuis le", "Vérifié par")
    waiting_heads = ("Personne", "Information", "Nouvelle valeur", "Prend effet", "Vérifié par", "Action")
    link_heads = ("Responsable", "Élève", "Depuis le", "Action")


def look(school: School, *, at: datetime) -> Board:
    """The corrections and disputed links of a school."""
    rows = Correction.objects.of_school(school.uai).select_related("guardian", "enrolment__pupil")
    lines = _lines(rows.open().order_by("effective_at", "pk")[:_MOST])
    recent = rows.filter(closed_at__gt=at - _REMEMBERED).exclude(closing=Closing.REPLACED)
    applied = [line for line in lines if not line.correction.is_waiting()]
    return Board(
        disputed=list(disputed(school).order_by("disputed_at")[:_MOST]),
        waiting=[line for line in lines if line.correction.is_waiting()],
        to_report=[line for line in applied if line.correction.exported_at is None],
        reported=[line for line in applied if line.correction.exported_at is not None],
        ended=_lines(recent.order_by("-closed_at")[:_MOST]),
    )


def disputed(school: School) -> QuerySet[Guardianship]:
    """The links a guardian says are not theirs, to settle."""
    found = Guardianship.objects.disputed().filter(enrolment__school=school)
    return found.select_related("guardian__record__account", "enrolment__pupil__account", "enrolment__division")


def written(correction: Correction) -> str:
    """The new value, as the base's own screen takes it."""
    if correction.field == Datum.LINK:
        return _("à supprimer")
    if correction.field == Datum.MOBILE:
        return text.phone_in_pairs(correction.value).replace("\u00a0", " ")
    if correction.field == Datum.BIRTH_ON:
        return f"{date.fromisoformat(correction.value):%d/%m/%Y}"
    return text.displayable(correction.value)


@transaction.atomic
def listed(school: School, *, again: bool, by: str, at: datetime) -> bytes:
    """The list for the secretariat (CSV), its lines marked as given: what is in force and new, or with `again` all."""
    rows = Correction.objects.of_school(school.uai).open().filter(applied_at__isnull=False)
    wanted = rows if again else rows.filter(exported_at=None)
    chosen = list(wanted.select_related("guardian", "enrolment__pupil").order_by("effective_at", "pk"))
    Correction.objects.filter(pk__in=[one.pk for one in chosen]).update(exported_at=at)
    record(Events.CORRECTIONS_LISTED, by=by, on=school.key, at=at, uai=school.uai, lines=len(chosen))
    heading = [
        _("Identifiant dans la base"), _("Nom"), _("Prénom"), _("Information"), _("Nouvelle valeur"), _("Élève"),
        _("En vigueur depuis"), _("Vérifié par"), _("Preuve"),
    ]  # fmt: skip
    return rosters.as_csv([heading, *(_row(line) for line in _lines(chosen))])


@transaction.atomic
def settle(link: Guardianship, *, is_right: bool, by: str, at: datetime) -> bool:
    """The school's word on a disputed link; who found a right again may sign in at once. False when it is settled."""
    if not is_right:
        return links.refute(link, by=by, at=at)
    is_done = links.restore(link, by=by, at=at)
    settling.settle(link.enrolment.school_id, day=clock.today(at), by=by, at=at)
    return is_done


def _row(line: Line) -> list[str]:
    one = line.correction
    person = one.guardian or (one.enrolment.pupil if one.enrolment else None)
    key = one.guardian.source_key if one.guardian else (one.enrolment.source_key if one.enrolment else "")
    child = one.enrolment.pupil if one.enrolment and one.guardian else None
    return [
        key, text.displayable(person.surname.upper()) if person else "",
        text.displayable(person.first_name) if person else "", str(Datum(one.field).label), line.value,
        text.desk_name(child.surname, child.first_name) if child else "",
        f"{clock.today(one.applied_at):%d/%m/%Y}" if one.applied_at else "", line.author, one.get_proof_display(),
    ]  # fmt: skip


def _lines(rows: Iterable[Correction]) -> list[Line]:
    found = list(rows)
    authors = _authors(found)
    return [Line(one, _person(one), authors.get(one.by, _("le titulaire du compte"))) for one in found]


def _person(one: Correction) -> str:
    person = one.guardian or (one.enrolment.pupil if one.enrolment else None)
    return text.desk_name(person.surname, person.first_name) if person else ""


def _authors(rows: Sequence[Correction]) -> dict[str, str]:
    numbers = {int(one.by.partition(":")[2]) for one in rows if one.by.startswith("staff:")}
    return {member.key: member.name for member in StaffMember.objects.in_bulk(numbers).values()}
