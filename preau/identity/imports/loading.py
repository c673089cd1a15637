"""The directory's rows of one school, as the snapshot an import is compared with. Reads only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TypeVar

from django.db.models import Exists, OuterRef

from preau.identity.accounts.states import State
from preau.identity.directory.models import Correction, Division, Enrolment, Guardian, Guardianship, Pupil, School
from preau.identity.imports.models import last_exports
from preau.identity.imports.records import Export
from preau.identity.imports.snapshot import (
    IDENTITY,
    DivisionFacts,
    Elsewhere,
    Fix,
    GuardianFacts,
    Known,
    LinkFacts,
    PupilFacts,
    SchoolFacts,
    Snapshot,
    StaffFacts,
    TutorFacts,
)
from preau.identity.staff.models import StaffRecord, Tutorship

T = TypeVar("T")
_ENROLMENT = ("division__code", "entered_on", "left_on", "exit_reason", "email", "mobile")
_GUARDIAN = (
    "title", "birth_name", "used_name", "first_name", "email", "mobile", "mobile_given", "phone", "address", "is_body",
)  # fmt: skip
# SQLite takes 32,766 parameters in a statement.
_AT_ONCE = 10_000


def load(school: School, export: Export, *, day: date) -> Snapshot:
    """What is known of `school`, and elsewhere of the pupils whose INE stands in `export`."""
    known = Snapshot(
        uai=school.uai,
        school=SchoolFacts(
            school.name, school.kind, school.academy_id or "", school.address, school.postcode, school.town,
            school.phone, school.email, school.school_year, school.last_export_at,
        ),
        exported=last_exports(school.uai),
    )  # fmt: skip
    for code, *facts in Division.objects.filter(school=school).values_list("code", "label", "grade"):
        known.divisions[code] = DivisionFacts(*facts)
    _pupils(known, day)
    _guardians(known)
    _links(known)
    _staff(known)
    _fixes(known)
    _elsewhere(known, {row.ine: row.key for row in export.pupils if row.ine}, day)
    return known


def _pupils(known: Snapshot, day: date) -> None:
    older = Enrolment.objects.active_on(day).filter(pupil=OuterRef("pupil"), pk__lt=OuterRef("pk"))
    rows = (
        Enrolment.objects.of_school(known.uai)
        .annotate(is_shared=Exists(older.exclude(school=known.uai)))
        .values_list("source_key", "pk", "pupil_id", "is_shared", *(f"pupil__{name}" for name in IDENTITY), *_ENROLMENT)
    )
    for key, enrolment, pupil, is_shared, *facts in rows.iterator(2000):
        facts[len(IDENTITY)] = facts[len(IDENTITY)] or ""
        known.pupils[key] = PupilFacts(*facts)
        known.known_pupils[key] = Known(pupil=pupil, enrolment=enrolment, is_shared=is_shared)
    # The accounts that answer for these pupils through another school's records.
    others = (
        Guardianship.objects.legal()
        .filter(enrolment__pupil__enrolments__school=known.uai, guardian__record__account__state=State.ACTIVE)
        .exclude(guardian__school=known.uai)
        .values_list("enrolment__pupil_id", "guardian__record__account_id")
    )
    accounts: dict[int, set[int]] = defaultdict(set)
    for pupil, account in others:
        accounts[pupil].add(account)
    for key, behind in known.known_pupils.items():
        if behind.pupil in accounts:
            known.active_elsewhere[key] = tuple(sorted(accounts[behind.pupil]))


def _guardians(known: Snapshot) -> None:
    rows = Guardian.objects.filter(school=known.uai).values_list(
        "source_key", "pk", "record__account", "record__account__state", "record__account__email",
        "record__account__email_confirmed_at", *_GUARDIAN,
    )  # fmt: skip
    for key, pk, holder, state, email, confirmed_at, *facts in rows.iterator(2000):
        known.guardians[key] = GuardianFacts(*facts)
        known.known_guardians[key] = Known(
            guardian=pk,
            account=holder or 0,
            is_active=state == State.ACTIVE,
            proven=frozenset([email.lower()]) if confirmed_at else frozenset(),
        )


def _links(known: Snapshot) -> None:
    rows = Guardianship.objects.filter(guardian__school=known.uai).values_list(
        "guardian__source_key", "enrolment__source_key", "level", "is_legal", "kinship", "ended_at"
    )
    for person, pupil, level, is_legal, kinship, ended_at in rows.iterator(2000):
        known.links[person, pupil] = LinkFacts(level, is_legal, kinship, ended_at is not None)


def _staff(known: Snapshot) -> None:
    people = StaffRecord.objects.filter(school=known.uai)
    for kind, key, surname, first_name, title, function, gone_on in people.values_list(
        "source_type", "source_key", "surname", "first_name", "title", "function", "gone_on"
    ):
        known.staff[kind, key] = StaffFacts(surname, first_name, title, function, gone_on is not None)
    mandates = Tutorship.objects.filter(record__school=known.uai)
    for kind, key, division, *dates in mandates.values_list(
        "record__source_type", "record__source_key", "division__code", "starts_on", "ends_on"
    ):
        known.tutors[kind, key, division] = TutorFacts(*dates)


def _fixes(known: Snapshot) -> None:
    """The corrections the base does not know yet."""
    rows = Correction.objects.of_school(known.uai).open().order_by("pk")
    for correction in rows.select_related("guardian", "enrolment"):
        fix = Fix(
            correction.pk, correction.field, correction.before, correction.value, correction.applied_at is not None
        )
        person = correction.guardian.source_key if correction.guardian else ""
        pupil = correction.enrolment.source_key if correction.enrolment else ""
        if person and pupil:
            known.link_fixes[person, pupil] = fix
        elif person:
            known.guardian_fixes.setdefault(person, []).append(fix)
        else:
            known.pupil_fixes.setdefault(pupil, []).append(fix)


def _elsewhere(known: Snapshot, key_of: dict[str, str], day: date) -> None:
    """Pupils who hold an INE of the export (`key_of` each) and are not known here under the same key."""
    strange = {ine for ine, key in key_of.items() if key not in known.pupils or known.pupils[key].ine != ine}
    found: dict[int, PupilFacts] = {}
    for some in _in_batches(strange):
        rows = Pupil.objects.filter(ine__in=some).values_list("pk", *IDENTITY)
        found.update({pk: PupilFacts(*facts) for pk, *facts in rows})
    schools: dict[int, list[str]] = defaultdict(list)
    accounts: dict[int, set[int]] = defaultdict(set)
    for pks in _in_batches(found):
        enrolments = Enrolment.objects.active_on(day).filter(pupil__in=pks).exclude(school=known.uai)
        for pk, uai in enrolments.order_by("school").values_list("pupil_id", "school_id"):
            schools[pk].append(uai)
        links = Guardianship.objects.legal().filter(enrolment__pupil__in=pks)
        active = links.filter(guardian__record__account__state=State.ACTIVE)
        for pk, account in active.values_list("enrolment__pupil_id", "guardian__record__account_id"):
            accounts[pk].add(account)
    for pk, facts in found.items():
        known.elsewhere[facts.ine or ""] = Elsewhere(pk, facts, tuple(schools[pk]), tuple(sorted(accounts[pk])))


def _in_batches(values: Iterable[T]) -> Iterator[list[T]]:
    ordered = list(values)
    return (ordered[start : start + _AT_ONCE] for start in range(0, len(ordered), _AT_ONCE))
