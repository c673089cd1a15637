"""A family's ticket at the desk: who it may be, and what of it agrees with their record. Fields, never values."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from preau.design import text
from preau.identity.console import reading
from preau.identity.console.lists import GuardianList, Row
from preau.identity.directory.models import Guardian, Guardianship
from preau.identity.staff.entry import DeskRequest
from preau.identity.staff.models import Grant
from preau.identity.staff.permissions import Deed, may, reach
from preau.identity.support import agreement, tickets
from preau.identity.support.agreement import Field, Finding, Hint, Recorded, Sign
from preau.identity.support.models import Ticket

FIELDS = {
    Field.TITLE: "Civilité",
    Field.SURNAME: "Nom",
    Field.FIRST_NAME: "Prénom",
    Field.MOBILE: "Mobile",
    Field.EMAIL: "Courriel",
    Field.BIRTHS: "Dates de naissance",
    Field.CHILD: "Prénom de l’enfant",
    Field.BIRTH: "Date de naissance de l’élève",
}
SIGNS = {Sign.AGREES: "concorde", Sign.DIFFERS: "ne concorde pas", Sign.ABSENT: "inconnu de la base"}
# The shape of the tag beside the words (design/README.md).
SHAPES = {Sign.AGREES: "active", Sign.DIFFERS: "blocked", Sign.ABSENT: "unnotified"}
WHO_HEADS = ("Responsable", "Enfants", "Action")


@dataclass(frozen=True)
class Line:
    """A field of the comparison, in words."""

    label: str
    sign: str
    shape: str
    why: list[str]


@dataclass(frozen=True)
class Compared:
    """A ticket beside a record."""

    ticket: Ticket
    guardian: Guardian
    lines: list[Line]
    may_correct: bool
    children: list[Guardianship]

    heads = ("Champ", "Résultat", "Piste")

    @property
    def agrees(self) -> bool:
        """Nothing differs: what was typed had changed since, or another rule refuses."""
        return all(not line.why and line.sign == SIGNS[Sign.AGREES] for line in self.lines)


def who(request: DeskRequest, typed: str) -> list[Row]:
    """The guardians of that name, as the desk's list finds them; noted as a page that was read."""
    asked = QueryDict(mutable=True)
    asked["q"] = typed
    found = GuardianList(asked, grant=request.grant, day=request.day, at=request.at)
    rows: list[Row] = list(found.page.object_list)
    reading.page(request, of="tickets", lines=len(rows))
    return rows


def compare(request: DeskRequest, ticket: Ticket, typed: str, pk: int) -> Compared:
    """The ticket of that number beside the record `pk`, within the grant; noted and counted."""
    guardian = get_object_or_404(within(request.grant, Deed.SEE_TICKET, request), pk=pk)
    tickets.look(ticket, guardian, by=request.member.key, at=request.at)
    links = Guardianship.objects.legal().active_on(request.day).filter(guardian=guardian)
    children = list(links.select_related("enrolment__pupil__account").order_by("enrolment__pupil__birth_on", "pk"))
    stated = {field: len(value) if isinstance(value, list) else 1 for field, value in ticket.fields.items()}
    findings = agreement.compare(
        recorded(guardian, children), lambda field, value: tickets.says(ticket, typed, field, value), stated
    )
    return Compared(ticket, guardian, [_line(one) for one in findings], may(request.grant, Deed.CORRECT), children)


def within(grant: Grant, deed: Deed, request: DeskRequest) -> Any:
    """The guardians' records that the grant reaches for `deed`, in its own schools."""
    condition = reach(grant, deed, request.day, prefix="record__account__")
    here = Q(school=grant.school_id) if grant.school_id else Q(school__academy=grant.academy_id)
    found = Guardian.objects.select_related("record__account", "school")
    return found.none() if condition is None else found.filter(condition, here)


def recorded(guardian: Guardian, children: list[Guardianship]) -> Recorded:
    """A record as the comparison takes it."""
    pupils = [link.enrolment.pupil for link in children]
    return Recorded(
        birth_name=guardian.birth_name, used_name=guardian.used_name, first_name=guardian.first_name,
        title=guardian.title, mobile=guardian.mobile, mobile_given=guardian.mobile_given, phone=guardian.phone,
        email=guardian.email, children=tuple((pupil.first_name, pupil.birth_on) for pupil in pupils),
    )  # fmt: skip


def _line(one: Finding) -> Line:
    return Line(FIELDS[one.field], SIGNS[one.sign], SHAPES[one.sign], [_why(hint, name) for hint, name in one.hints])


def _why(hint: Hint, name: str) -> str:
    words = {
        Hint.SWAPPED_NAMES: _("Le nom et le prénom semblent inversés, dans la base ou dans la saisie."),
        Hint.FIRST_OF_SEVERAL: _("Le premier prénom concorde, pas les suivants."),
        Hint.NOT_A_MOBILE: _("La base a un téléphone fixe, et pas de mobile."),
        Hint.UNREADABLE: _("Le numéro de la base n’est pas un numéro valable."),
        Hint.ONE_DIGIT: _("Un chiffre diffère, ou deux chiffres sont inversés."),
        Hint.NEAR_DATE: _("%(child)s : une date proche a été tapée (un chiffre, ou jour et mois inversés)."),
        Hint.NOT_TYPED: _("%(child)s : la date de la base n’a pas été tapée."),
        Hint.TYPED_TOO_MANY: _("Une date de plus a été tapée : enfant parti, ou d’un autre établissement ?"),
        Hint.NO_BIRTH_DATE: _("%(child)s : la base n’a pas sa date de naissance."),
    }
    return words[hint] % {"child": text.displayable(name)}
