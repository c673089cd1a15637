"""What a school's base says, under our rules, before it is compared: pupils, divisions, guardians, staff. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from preau.identity.directory import identifiers, names
from preau.identity.imports import contacts, overlay
from preau.identity.imports.causes import Doubt
from preau.identity.imports.overlay import Laid
from preau.identity.imports.plan import Settled
from preau.identity.imports.records import Export, Kind, PersonRow, PupilRow, Remark
from preau.identity.imports.snapshot import (
    IDENTITY,
    DivisionFacts,
    Elsewhere,
    GuardianFacts,
    LinkFacts,
    LinkKey,
    PupilFacts,
    SchoolFacts,
    Snapshot,
    StaffFacts,
    StaffKey,
    TutorFacts,
    TutorKey,
)

DEATH = "43"
BODY = "51"
SELF = "70"
_ADDRESS_LENGTH = 300
# Common curricula, for bases that come without their nomenclature (data formats §1.8).
_GRADES = {"1001": "2111", "1011": "2112", "1021": "2115", "1031": "2116", "2001": "2211", "2011": "2212"}


@dataclass(slots=True)
class Wanted:
    """The school as its files want it. Rows no file speaks of stay None: nothing is concluded from silence."""

    school: SchoolFacts
    divisions: dict[str, DivisionFacts] = field(default_factory=dict)
    pupils: dict[str, PupilFacts] | None = None
    transfers: dict[str, int] = field(default_factory=dict)
    guardians: dict[str, GuardianFacts] | None = None
    links: dict[LinkKey, LinkFacts] | None = None
    staff: dict[StaffKey, StaffFacts] | None = None
    tutors: dict[TutorKey, TutorFacts] | None = None
    remarks: list[Remark] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)

    def doubt(self, doubt: Doubt, of: str, key: str, **facts: str) -> None:
        """Report something that is done, or left aside, all the same."""
        self.remarks.append(Remark.about(doubt, of, key, **facts))

    def lay(self, laid: Laid, of: str, key: str) -> None:
        """Report what became of a correction."""
        if laid.settled:
            self.settled.append(laid.settled)
        if laid.doubt:
            self.doubt(laid.doubt, of, key)


def wanted(export: Export, known: Snapshot, *, day: date, left_on: date, demo_numbers: bool) -> Wanted:
    """Apply our rules to what the files say. `left_on`: the day of the export, when those who vanished left."""
    department = identifiers.department(known.uai)
    want = Wanted(_school(export, known), remarks=list(export.remarks))
    if export.has(Kind.PUPILS):
        reader = _Pupils(export, known, want, day=day, left_on=left_on)
        want.pupils = reader.read(department=department, demo_numbers=demo_numbers)
    _divisions(export, known, want)
    if export.has(Kind.GUARDIANS):
        want.guardians = _guardians(export, known, want, department=department, demo_numbers=demo_numbers)
        want.links = _links(export, known, want, day=day)
    if export.has(Kind.STAFF):
        want.staff = _staff(export, want)
        want.tutors = _tutors(export, known, want, day=day)
    return want


def _school(export: Export, known: Snapshot) -> SchoolFacts:
    """Only what is still empty is filled: an operator's correction is never undone by an import."""
    filled = known.school
    for row in sorted(export.schools, key=lambda row: row.source != Kind.SCHOOL):
        filled = replace(
            filled,
            name=row.name if filled.name in ("", known.uai) and row.name else filled.name,
            kind=row.kind if known.school.school_year is None and row.kind else filled.kind,
            academy=filled.academy or row.academy,
            address=filled.address or row.address,
            postcode=filled.postcode or row.postcode,
            town=filled.town or row.town,
            phone=filled.phone or row.phone,
            email=filled.email or row.email,
        )
    instants = [instant for instant in (known.school.last_export_at, *export.dated()) if instant]
    return replace(filled, school_year=export.files[0].year, last_export_at=max(instants, default=None))


# Pupils ---------------------------------------------------------------------------------------------------------------
class _Pupils:
    """Reads the pupils of a base, with what the directory knows of each."""

    def __init__(self, export: Export, known: Snapshot, want: Wanted, *, day: date, left_on: date) -> None:
        self.export, self.known, self.want, self.day, self.left_on = export, known, want, day, left_on

    def read(self, *, department: str, demo_numbers: bool) -> dict[str, PupilFacts]:
        """All pupils of the base; those the directory knows and the base no longer lists leave on the export day."""
        placed = self._placements()
        pupils = {}
        for row in self.export.pupils:
            reach = contacts.of(row.mobiles, row.email, department=department, demo_numbers=demo_numbers)
            facts = self._facts(row, reach, placed)
            before = self.known.pupils.get(row.key)
            if before and _is_another_human(before, facts):
                self.want.doubt(Doubt.OTHER_PUPIL_UNDER_KEY, "pupil", row.key)
                pupils[row.key] = before
                continue
            pupils[row.key] = self._identified(row.key, facts)
            self._report(row, pupils[row.key])
        for key, before in self.known.pupils.items():
            if key not in pupils:
                is_leaving = before.left_on is None or before.left_on > self.left_on
                pupils[key] = replace(before, left_on=self.left_on, division="") if is_leaving else before
        self._homonyms(pupils)
        return pupils

    def _facts(self, row: PupilRow, reach: contacts.Contacts, placed: dict[str, str]) -> PupilFacts:
        left_on = self.left_on if row.has_unreadable_exit else row.left_on
        has_left = left_on is not None and left_on <= self.day
        before = self.known.pupils.get(row.key)
        division = placed.get(row.key, "") if self.export.placements else (before.division if before else "")
        if has_left and division:
            self.want.doubt(Doubt.LEAVER_WITH_DIVISION, "pupil", row.key)
        facts = PupilFacts(
            ine=row.ine if identifiers.ine_kind(row.ine) else None,
            birth_name=row.birth_name,
            used_name=row.used_name,
            first_name=row.first_name,
            birth_on=row.birth_on,
            sex=row.sex,
            deceased=has_left and row.exit_reason == DEATH,
            division="" if has_left else division,
            entered_on=row.entered_on,
            left_on=left_on,
            exit_reason=row.exit_reason if left_on else "",
            email=reach.email,
            mobile=reach.mobile,
        )
        for fix in self.known.pupil_fixes.get(row.key, ()):
            facts, laid = overlay.on_pupil(facts, fix)
            self.want.lay(laid, "pupil", row.key)
        return facts

    def _identified(self, key: str, facts: PupilFacts) -> PupilFacts:
        """Who the pupil is. An INE held by somebody else is not taken; an older school keeps the last word on names."""
        before, known = self.known.pupils.get(key), self.known.known_pupils.get(key)
        if before and known and known.is_shared:
            return replace(facts, **{name: getattr(before, name) for name in IDENTITY})
        if before and before.ine and not facts.ine:
            facts = replace(facts, ine=before.ine)  # an INE once known is not forgotten by a silent base
        holder = self.known.elsewhere.get(facts.ine) if facts.ine else None
        if holder is None:
            return facts
        if before is None and _is_same_human(holder, facts):
            self.want.transfers[key] = holder.pupil
            if holder.schools:
                self.want.doubt(Doubt.IN_TWO_SCHOOLS, "pupil", key, schools=", ".join(holder.schools))
                return replace(facts, **{name: getattr(holder.facts, name) for name in IDENTITY})
            return facts
        self.want.doubt(Doubt.INE_OF_ANOTHER, "pupil", key)
        return replace(facts, ine=before.ine if before else None)

    def _placements(self) -> dict[str, str]:
        keys = {row.key for row in self.export.pupils}
        placed: dict[str, str] = {}
        for placement in self.export.placements:
            if placement.pupil not in keys:
                self.want.doubt(Doubt.PLACEMENT_OF_UNKNOWN, "pupil", placement.pupil)
            elif placement.pupil in placed:
                self.want.doubt(Doubt.PLACED_TWICE, "pupil", placement.pupil)
            else:
                placed[placement.pupil] = placement.divisions[0] if placement.divisions else ""
                if len(placement.divisions) > 1:
                    codes = ", ".join(placement.divisions)
                    self.want.doubt(Doubt.SEVERAL_DIVISIONS, "pupil", placement.pupil, divisions=codes)
        return placed

    def _report(self, row: PupilRow, facts: PupilFacts) -> None:
        doubts = []
        if not facts.birth_name or not facts.first_name:
            doubts.append(Doubt.NO_NAME)
        if any(map(names.has_lost_letters, (facts.birth_name, facts.used_name, facts.first_name))):
            doubts.append(Doubt.LOST_LETTERS)
        if row.ine and identifiers.has_ine_key(row.ine) is False:
            doubts.append(Doubt.WRONG_INE)
        if facts.is_active_on(self.day):
            doubts += [Doubt.NO_INE] * (facts.ine is None and not row.ine)
            doubts += [Doubt.NO_BIRTH_DATE] * (facts.birth_on is None)
            doubts += [Doubt.NO_DIVISION] * (not facts.division)
            doubts += [Doubt.FUTURE_EXIT] * (facts.left_on is not None)
        for doubt in doubts:
            self.want.doubt(doubt, "pupil", row.key)

    def _homonyms(self, pupils: dict[str, PupilFacts]) -> None:
        active = {key: facts for key, facts in pupils.items() if facts.is_active_on(self.day)}
        for keys in sharing((key, who(facts)) for key, facts in active.items()):
            for key in keys:
                self.want.doubt(Doubt.HOMONYM_PUPILS, "pupil", key, others=", ".join(keys))


def _is_same_human(holder: Elsewhere, facts: PupilFacts) -> bool:
    """A transfer: same INE, birth date and name (design §5)."""
    same_name = names.surnames(holder.facts.birth_name, holder.facts.used_name) & names.surnames(
        facts.birth_name, facts.used_name
    )
    same_first = names.first_given(holder.facts.first_name) == names.first_given(facts.first_name)
    return holder.facts.birth_on == facts.birth_on and facts.birth_on is not None and bool(same_name) and same_first


def _is_another_human(before: PupilFacts, after: PupilFacts) -> bool:
    """The base gave a known key to somebody else (INE, birth date and name all differ): the account must not follow."""
    both = bool(before.ine and after.ine and before.ine != after.ine)
    return both and before.birth_on != after.birth_on and who(before) != who(after)


def who(facts: PupilFacts | GuardianFacts) -> str:
    surname = names.fold(facts.used_name) or names.fold(facts.birth_name)
    return f"{surname} {names.fold(facts.first_name)}".strip()


def sharing(held: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The keys that hold one same thing, for each thing held more than once."""
    holders: dict[str, list[str]] = defaultdict(list)
    for key, thing in held:
        if thing:
            holders[thing].append(key)
    return [sorted(keys) for keys in holders.values() if len(keys) > 1]


# Divisions ------------------------------------------------------------------------------------------------------------
def _divisions(export: Export, known: Snapshot, want: Wanted) -> None:
    """Listed divisions, those pupils are in, and those known before unless the structures no longer list them."""
    listed = {}
    for row in sorted(export.divisions, key=lambda row: (row.code, row.source != Kind.STRUCTURES)):
        if row.code not in listed:
            before = known.divisions.get(row.code, DivisionFacts())
            grade = next(filter(None, (export.grades.get(mef) or _GRADES.get(mef[:4], "") for mef in row.mefs)), "")
            listed[row.code] = DivisionFacts(row.label or before.label or row.code, grade or before.grade)
    used = {facts.division for facts in (want.pupils or known.pupils).values() if facts.division}
    for code in sorted(used - listed.keys()):
        if export.has(Kind.STRUCTURES) and want.pupils is not None:
            want.doubt(Doubt.UNLISTED_DIVISION, "division", code)
        listed[code] = known.divisions.get(code, DivisionFacts(code))
    if not export.has(Kind.STRUCTURES):
        listed = {**known.divisions, **listed}
    want.divisions = listed


# Guardians and links --------------------------------------------------------------------------------------------------
def _guardians(
    export: Export, known: Snapshot, want: Wanted, *, department: str, demo_numbers: bool
) -> dict[str, GuardianFacts]:
    addresses = {row.key: "\n".join(row.lines)[:_ADDRESS_LENGTH] for row in export.addresses}
    bodies = {link.person for link in export.links if link.kinship == BODY}
    linked = {link.person for link in export.links}
    guardians = {}
    for row in export.persons:
        reach = contacts.of(row.phones, row.email, department=department, demo_numbers=demo_numbers)
        facts = GuardianFacts(
            title=row.title,
            birth_name=row.birth_name,
            used_name=row.used_name,
            first_name=row.first_name,
            email=reach.email,
            mobile=reach.mobile,
            mobile_given=reach.unreadable_phone,
            phone=reach.phone,
            address=addresses.get(row.address, ""),
            is_body=row.key in bodies,
        )
        for fix in known.guardian_fixes.get(row.key, ()):
            facts, laid = overlay.on_guardian(facts, fix)
            want.lay(laid, "guardian", row.key)
        guardians[row.key] = _with_proven_kept(row.key, facts, known, want)
        _report_guardian(row, facts, reach, want, is_linked=row.key in linked)
    return guardians


def _with_proven_kept(key: str, facts: GuardianFacts, known: Snapshot, want: Wanted) -> GuardianFacts:
    """An empty value never erases what the holder proved (data formats §10.8)."""
    before, behind = known.guardians.get(key), known.known_guardians.get(key)
    if before and behind:
        for channel in ("email", "mobile"):
            if not getattr(facts, channel) and (kept := getattr(before, channel)) and kept in behind.proven:
                want.doubt(Doubt.CONTACT_KEPT, "guardian", key)
                facts = replace(facts, **{channel: kept})
    return facts


def _report_guardian(
    row: PersonRow, facts: GuardianFacts, reach: contacts.Contacts, want: Wanted, *, is_linked: bool
) -> None:
    doubts = []
    if not is_linked:
        doubts.append(Doubt.PERSON_WITHOUT_PUPIL)
    if facts.is_body:
        doubts.append(Doubt.BODY)
    elif not row.birth_name or not row.first_name:
        doubts.append(Doubt.NO_NAME)
    if any(map(names.has_lost_letters, (row.birth_name, row.used_name, row.first_name))):
        doubts.append(Doubt.LOST_LETTERS)
    if reach.unreadable_phone:
        doubts.append(Doubt.UNREADABLE_MOBILE)
    if reach.unreadable_email:
        doubts.append(Doubt.UNREADABLE_EMAIL)
    for doubt in doubts:
        want.doubt(doubt, "guardian", row.key)


def _links(export: Export, known: Snapshot, want: Wanted, *, day: date) -> dict[LinkKey, LinkFacts]:
    """The links of the base. Those the directory knows and a complete base no longer lists are ended."""
    pupils = want.pupils if want.pupils is not None else known.pupils
    people = want.guardians or {}
    links: dict[LinkKey, LinkFacts] = {}
    for row in export.links:
        key, text = (row.person, row.pupil), f"{row.person}>{row.pupil}"
        if row.pupil not in pupils:
            want.doubt(Doubt.LINK_TO_UNKNOWN_PUPIL, "link", text)
        elif row.person not in people:
            want.doubt(Doubt.LINK_TO_UNKNOWN_PERSON, "link", text)
        else:
            facts = LinkFacts(row.level, row.is_legal, row.kinship)
            if row.kinship == SELF and row.is_legal:
                facts = _self_guardian(facts, text, pupils[row.pupil], people[row.person], want, day=day)
            if key in links:
                want.doubt(Doubt.LINK_TWICE, "link", text)
                facts = min(facts, links[key], key=lambda one: (one.is_legal, -one.level))
            links[key] = facts
    for key, fix in known.link_fixes.items():
        found, laid = overlay.on_link(links.get(key), fix)
        want.lay(laid, "link", f"{key[0]}>{key[1]}")
        if found:
            links[key] = found
    for key, before in known.links.items():
        if key not in links:
            links[key] = replace(before, is_ended=True)
    return links


def _self_guardian(
    facts: LinkFacts, text: str, pupil: PupilFacts, person: GuardianFacts, want: Wanted, *, day: date
) -> LinkFacts:
    """Kinship 70: an adult pupil answers for themselves. A minor, or another name, is a mistake: no right."""
    surnames = names.surnames(pupil.birth_name, pupil.used_name) & names.surnames(person.birth_name, person.used_name)
    if not surnames or names.first_given(pupil.first_name) != names.first_given(person.first_name):
        want.doubt(Doubt.SELF_GUARDIAN_OTHER_NAME, "link", text)
        return replace(facts, is_legal=False)
    if not _is_adult(pupil.birth_on, day):
        want.doubt(Doubt.SELF_GUARDIAN_MINOR, "link", text)
        return replace(facts, is_legal=False)
    return facts


def _is_adult(born: date | None, day: date) -> bool:
    return born is not None and day.year - born.year - ((day.month, day.day) < (born.month, born.day)) >= 18


# Staff ----------------------------------------------------------------------------------------------------------------
def _staff(export: Export, want: Wanted) -> dict[StaffKey, StaffFacts]:
    staff: dict[StaffKey, StaffFacts] = {}
    for row in export.staff:
        if (row.kind, row.key) in staff:
            want.doubt(Doubt.SAME_STAFF_KEY, "staff", f"{row.kind}:{row.key}")
            continue
        if not row.function:
            want.doubt(Doubt.NO_FUNCTION, "staff", f"{row.kind}:{row.key}")
        surname = row.used_name or row.birth_name
        staff[row.kind, row.key] = StaffFacts(surname, row.first_name, row.title, row.function)
    return staff


def _tutors(export: Export, known: Snapshot, want: Wanted, *, day: date) -> dict[TutorKey, TutorFacts]:
    """Mandates in force or to come: ended ones stay in the file for years."""
    tutors: dict[TutorKey, TutorFacts] = {}
    for row in export.tutors:
        key, text = (row.kind, row.key, row.division), f"{row.kind}:{row.key}"
        if row.ends_on and row.ends_on < day:
            want.doubt(Doubt.ENDED_MANDATE, "staff", text, division=row.division)
        elif row.division not in want.divisions:
            want.doubt(Doubt.UNKNOWN_DIVISION_OF_TUTOR, "staff", text, division=row.division)
        else:
            facts = TutorFacts(row.starts_on, row.ends_on)
            tutors[key] = max(facts, tutors.get(key, facts), key=lambda one: one.ends_on or date.max)
    return tutors
