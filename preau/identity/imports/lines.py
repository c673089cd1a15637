"""The preview, line by line: who is created, changed, leaving, and which column changes from what to what.

Lines show people: they live with the import's files and go with them.
"""

from typing import Any

from preau.identity.imports import sentences
from preau.identity.imports.plan import Change, Deed, Of, Plan
from preau.identity.imports.snapshot import Snapshot

Line = dict[str, Any]
# Columns nobody needs to read twice: they follow from others.
_QUIET = frozenset(("last_export_at", "school_year"))


class Names:
    """What to call the rows of an import: as its plan names them, else as the directory does."""

    def __init__(self, plan: Plan, known: Snapshot) -> None:
        self.pupils = {key: _name(facts) for key, facts in known.pupils.items()}
        self.guardians = {key: _name(facts) for key, facts in known.guardians.items()}
        self.staff = {key: f"{facts.surname} {facts.first_name}" for key, facts in known.staff.items()}
        for change in plan.changes:
            if change.after is None:
                continue
            if change.of is Of.PUPIL:
                self.pupils[change.key[0]] = _name(change.after)
            elif change.of is Of.GUARDIAN:
                self.guardians[change.key[0]] = _name(change.after)
            elif change.of is Of.STAFF:
                self.staff[change.key[0], change.key[1]] = f"{change.after.surname} {change.after.first_name}"

    def of(self, change: Change) -> str:
        """Who, or what, a change is about."""
        key = change.key
        match change.of:
            case Of.PUPIL:
                return self.pupils.get(key[0], key[0])
            case Of.GUARDIAN:
                return self.guardians.get(key[0], key[0])
            case Of.LINK:
                return f"{self.guardians.get(key[0], key[0])} → {self.pupils.get(key[1], key[1])}"
            case Of.STAFF:
                return self.staff.get((key[0], key[1]), key[1])
            case Of.TUTOR:
                return f"{self.staff.get((key[0], key[1]), key[1])} → {key[2]}"
            case _:
                return key[0]

    def of_row(self, of: str, key: str) -> str:
        """Who a remark is about."""
        person, _, pupil = key.partition(">")
        if of == "link":
            return f"{self.guardians.get(person, person)} → {self.pupils.get(pupil, pupil)}"
        if of == "staff":
            kind, _, number = key.partition(":")
            return self.staff.get((kind, number), key)
        return {"pupil": self.pupils, "guardian": self.guardians}.get(of, {}).get(key, key)


def lines(plan: Plan, known: Snapshot) -> list[Line]:
    """What the preview shows, in the order of the plan; watched changes and doubts come with their names."""
    named = Names(plan, known)
    shown: list[Line] = [_line(change, named) for change in plan.changes if change.of is not Of.SCHOOL]
    shown += [
        {
            "section": "watched",
            "name": named.guardians.get(one.guardian, one.guardian),
            "about": named.pupils.get(one.pupil, "") if one.pupil else "",
            "why": one.why.value,
            "channels": list(one.channels),
        }
        for one in plan.watched
    ]
    shown += [
        {"section": f"doubt-{one.doubt}", "name": named.of_row(one.of, one.key), "facts": dict(one.facts)}
        for one in plan.remarks
    ]
    return shown


def _line(change: Change, named: Names) -> Line:
    line: Line = {"section": f"{change.of}-{change.deed}", "name": named.of(change)}
    if change.deed is Deed.CREATE:
        line["about"] = getattr(change.after, "division", "") or ""
    elif change.deed is not Deed.REMOVE and change.after is not None:
        line["columns"] = [
            [name, sentences.value(name, before), sentences.value(name, after)]
            for name, before, after in change.changed()
            if name not in _QUIET
        ]
    return line


def _name(facts: Any) -> str:
    return f"{facts.used_name or facts.birth_name} {facts.first_name}".strip()
