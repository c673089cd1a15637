"""The team of a school: who asked for an access, who has one, which form tutors have none yet. Reads only."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from preau.identity.directory.models import School
from preau.identity.staff.models import Grant, StaffMember, StaffRecord, Tutorship

ACTIONS = {"label": "Actions", "is_hidden": True, "css": "cell-action"}


@dataclass(frozen=True)
class TutorLine:
    """A form tutor of the timetable base, with their divisions and their access if they have one."""

    record: StaffRecord
    divisions: list[str]
    grant: Grant | None


@dataclass(frozen=True)
class Team:
    """What the page shows."""

    waiting_heads = ("Qui", "Demande à être", "Depuis le", ACTIONS)
    grant_heads = ("Qui", "Rôle", "Donné par", "Jusqu’au", "Vu le", ACTIONS)
    tutor_heads = ("Professeur principal", "Classes", "Accès")

    waiting: list[Grant]
    grants: list[Grant]
    tutors: list[TutorLine]
    suspended: list[StaffMember]


def of_school(school: School, *, day: date) -> Team:
    """The team on `day`."""
    grants = Grant.objects.of_school(school.uai).select_related("member", "record").order_by("role", "member__surname")
    in_force = list(grants.in_force(day))
    members = {grant.member_id: grant.member for grant in grants.filter(revoked_at=None)}
    return Team(
        waiting=list(grants.waiting().order_by("asked_at")),
        grants=in_force,
        tutors=_tutors(school, day, {grant.record_id: grant for grant in in_force if grant.record_id}),
        suspended=[member for member in members.values() if member.suspended_at is not None],
    )


def choices(grant: Grant) -> QuerySet[StaffRecord]:
    """The lines of the timetable base a head may say are the asking person's: still there, and nobody else's."""
    taken = Grant.objects.of_school(grant.school_id or "").filter(revoked_at=None, record__isnull=False)
    others = taken.exclude(member=grant.member_id).values("record")
    here = StaffRecord.objects.filter(school=grant.school_id, gone_on=None)
    return here.exclude(pk__in=others).order_by("surname", "first_name")


def _tutors(school: School, day: date, by_record: dict[int | None, Grant]) -> list[TutorLine]:
    current = Q(starts_on=None) | Q(starts_on__lte=day), Q(ends_on=None) | Q(ends_on__gte=day)
    mandates = Tutorship.objects.filter(*current, record__school=school, record__gone_on=None)
    lines: dict[int, TutorLine] = {}
    for mandate in mandates.select_related("record", "division").order_by("record__surname", "record__first_name"):
        record = mandate.record
        line = lines.setdefault(record.pk, TutorLine(record, [], by_record.get(record.pk)))
        line.divisions.append(mandate.division.code)
    return list(lines.values())
