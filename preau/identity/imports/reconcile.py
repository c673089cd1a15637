"""Records × what the directory knows → the plan of the import. Pure: the diff is the preview, apply.py does it.

The order of the files, and of their rows, changes nothing.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from preau import clock
from preau.identity.imports import context, vigilance
from preau.identity.imports.causes import Doubt
from preau.identity.imports.plan import REPORTED, SHRINKING, SHRINKING_FROM, Change, Deed, Of, Plan
from preau.identity.imports.records import Export, Kind, Remark
from preau.identity.imports.snapshot import GuardianFacts, LinkFacts, LinkKey, PupilFacts, Snapshot
from preau.identity.imports.wanted import SELF, Wanted, sharing, wanted, who


def reconcile(export: Export, known: Snapshot, *, year: int, day: date, demo_numbers: bool = False) -> Plan:
    """What applying `export` to the school `known` would do. Raises `Refused` when it may not be applied at all.

    `year`: the school year the files must be of. `day`: the date that says who is active.
    """
    context.check(export, known, year=year)
    exported_at = max(export.dated(), default=None)
    # A clock that runs ahead where the file was made does not keep anybody a day longer.
    left_on = min(clock.today(exported_at), day) if exported_at else day
    want = wanted(export, known, day=day, left_on=left_on, demo_numbers=demo_numbers)
    plan = Plan(known.uai, year, day, exported_at, tuple(sorted(export.files, key=lambda file: file.kind)))
    if want.school != known.school:
        plan.changes.append(Change(Of.SCHOOL, (known.uai,), Deed.CHANGE, known.school, want.school))
    divisions = _compared(Of.DIVISION, _keyed(known.divisions), _keyed(want.divisions), removes=True)
    plan.changes += divisions
    plan.changes += _pupils(known, want, day=day)
    plan.changes += _compared(Of.GUARDIAN, _keyed(known.guardians), _keyed(want.guardians or {}))
    plan.changes += _links(known, want)
    plan.changes += _staff(known, want)
    state = _State(known, want, day)
    _report(state, export, want)
    plan.watched = vigilance.watched(plan, known, state.pupils, state.links, day=day)
    plan.remarks = sorted(
        set(want.remarks), key=lambda remark: (remark.doubt, remark.of, _natural(remark.key), remark.facts)
    )
    plan.settled = sorted(set(want.settled), key=lambda one: one.correction)
    plan.counts = _counts(export, known, want, state)
    if reported := sum(1 for one in plan.settled if one.closing == REPORTED):
        plan.counts["corrections_reported"] = reported
    plan.shrinking = _shrinking(known, state, day=day)
    return plan


# Differences ----------------------------------------------------------------------------------------------------------
def _keyed(rows: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    return {(key,): facts for key, facts in rows.items()}


def _compared(of: Of, before: Mapping[Any, Any], after: Mapping[Any, Any], *, removes: bool = False) -> list[Change]:
    changes = [
        Change(of, key, Deed.CHANGE if key in before else Deed.CREATE, before.get(key), facts)
        for key, facts in after.items()
        if before.get(key) != facts
    ]
    if removes:
        changes += [Change(of, key, Deed.REMOVE, facts, None) for key, facts in before.items() if key not in after]
    return sorted(changes, key=_order)


def _pupils(known: Snapshot, want: Wanted, *, day: date) -> list[Change]:
    changes = []
    for key, after in (want.pupils or {}).items():
        before = known.pupils.get(key)
        if before == after:
            continue
        if before is None:
            deed = Deed.CREATE
        elif before.is_active_on(day) == after.is_active_on(day):
            deed = Deed.CHANGE
        else:
            deed = Deed.RETURN if after.is_active_on(day) else Deed.LEAVE
        changes.append(Change(Of.PUPIL, (key,), deed, before, after, want.transfers.get(key, 0)))
    return sorted(changes, key=_order)


def _links(known: Snapshot, want: Wanted) -> list[Change]:
    changes = []
    for key, after in (want.links or {}).items():
        before = known.links.get(key)
        if before == after:
            continue
        deed = Deed.CREATE if before is None else Deed.CHANGE
        if before is not None and before.is_ended != after.is_ended:
            deed = Deed.LEAVE if after.is_ended else Deed.RETURN
        changes.append(Change(Of.LINK, key, deed, before, after))
    return sorted(changes, key=_order)


def _staff(known: Snapshot, want: Wanted) -> list[Change]:
    if want.staff is None or want.tutors is None:
        return []
    changes = []
    for key, after in want.staff.items():
        before = known.staff.get(key)
        if before is None:
            changes.append(Change(Of.STAFF, key, Deed.CREATE, None, after))
        elif before != after:
            changes.append(Change(Of.STAFF, key, Deed.RETURN if before.is_gone else Deed.CHANGE, before, after))
    gone = {key: facts for key, facts in known.staff.items() if key not in want.staff and not facts.is_gone}
    changes += [Change(Of.STAFF, key, Deed.LEAVE, facts, None) for key, facts in gone.items()]
    return sorted(changes, key=_order) + _compared(Of.TUTOR, known.tutors, want.tutors, removes=True)


def _order(change: Change) -> tuple[Any, ...]:
    return tuple(_natural(part) for part in change.key)


def _natural(key: str) -> tuple[int, str]:
    """Numbers in their order, without trusting that keys are numbers."""
    return len(key), key


# The school after the import ------------------------------------------------------------------------------------------
class _State:
    """Pupils, guardians and links as they will stand once the plan is applied."""

    def __init__(self, known: Snapshot, want: Wanted, day: date) -> None:
        self.day = day
        self.pupils: dict[str, PupilFacts] = want.pupils if want.pupils is not None else known.pupils
        self.guardians: dict[str, GuardianFacts] = {**known.guardians, **(want.guardians or {})}
        self.links: dict[LinkKey, LinkFacts] = want.links if want.links is not None else known.links
        self.active = {key for key, facts in self.pupils.items() if facts.is_active_on(day)}
        self.legal: dict[str, list[str]] = defaultdict(list)
        for (person, pupil), facts in self.links.items():
            if facts.opens_a_right and pupil in self.active:
                self.legal[person].append(pupil)

    def with_account(self) -> set[str]:
        """Legal guardians of an active pupil who sign in as such: no body; nobody who only answers for themselves."""
        return {
            person
            for person, pupils in self.legal.items()
            if not self.guardians[person].is_body and any(self.links[person, pupil].kinship != SELF for pupil in pupils)
        }


def _report(state: _State, export: Export, want: Wanted) -> None:
    """What can only be seen on the whole: guardians of each pupil, channels and names that several people share."""
    if not export.has(Kind.GUARDIANS):
        return
    guardians_of: dict[str, list[str]] = defaultdict(list)
    for person, pupils in state.legal.items():
        for pupil in pupils:
            guardians_of[pupil].append(person)
    for pupil in state.active:
        found = sorted(guardians_of[pupil])
        if not found:
            want.doubt(Doubt.NO_GUARDIAN, "pupil", pupil)
        elif len(found) > 2:
            want.doubt(Doubt.MANY_GUARDIANS, "pupil", pupil, number=str(len(found)))
    people = {person: state.guardians[person] for person in state.with_account()}
    shared = {
        Doubt.SHARED_MOBILE: ((person, facts.mobile) for person, facts in people.items()),
        Doubt.SHARED_EMAIL: ((person, facts.email.casefold()) for person, facts in people.items()),
        Doubt.HOMONYM_GUARDIANS: ((person, who(facts)) for person, facts in people.items()),
    }
    for doubt, held in shared.items():
        for persons in sharing(held):
            want.remarks += [Remark.about(doubt, "guardian", key, others=", ".join(persons)) for key in persons]
    for person, facts in people.items():
        if not facts.mobile and not facts.email:
            want.doubt(Doubt.NO_CHANNEL, "guardian", person)


def _counts(export: Export, known: Snapshot, want: Wanted, state: _State) -> dict[str, int]:
    """The counts people check against their own: data formats §9.1."""
    day = state.day
    in_force = [one for one in (want.tutors if want.tutors is not None else known.tutors).values()
                if not one.starts_on or one.starts_on <= day]  # fmt: skip
    return {
        "pupils_in_file": len(export.pupils),
        "pupils_with_ine": sum(1 for row in export.pupils if row.ine),
        "pupils_without_birth_date": sum(1 for row in export.pupils if row.birth_on is None),
        "pupils_with_exit_date": sum(1 for row in export.pupils if row.left_on or row.has_unreadable_exit),
        "pupils_active": len(state.active),
        "divisions": len(want.divisions),
        "persons_in_file": len(export.persons),
        "persons_linked": len({link.person for link in export.links} & {row.key for row in export.persons}),
        "links_in_file": len(export.links),
        "legal_guardians": len(state.legal),
        "guardians_with_account": len(state.with_account()),
        "staff_in_file": len(export.staff),
        "form_tutors": len(in_force),
    }


def _shrinking(known: Snapshot, state: _State, *, day: date) -> dict[str, tuple[int, int]]:
    """What loses more than a fifth: before and after, of pupils and of legal guardians."""
    pupils = sum(1 for facts in known.pupils.values() if facts.is_active_on(day))
    active = {key for key, facts in known.pupils.items() if facts.is_active_on(day)}
    guardians = {person for (person, pupil), facts in known.links.items() if facts.opens_a_right and pupil in active}
    sizes = {"pupils": (pupils, len(state.active)), "guardians": (len(guardians), len(state.legal))}
    return {
        what: (before, after)
        for what, (before, after) in sizes.items()
        if before - after >= SHRINKING_FROM and before - after > SHRINKING * before
    }
