"""What an import will do: the difference, the doubts, the counts. The preview shows it, apply.py does it. Pure."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from preau.identity.imports.records import FileFacts, Remark

# design §6.5: above this many watched changes, a second person looks before anything is written.
WATCHED_AT_MOST = 25
# Data formats §10.3: a base that shrinks by more than a fifth is more often a wrong file than a quiet September.
SHRINKING = 0.2
SHRINKING_FROM = 5


class Deed(StrEnum):
    """What happens to one row."""

    CREATE = "create"
    CHANGE = "change"
    LEAVE = "leave"
    RETURN = "return"
    REMOVE = "remove"


class Of(StrEnum):
    """What kind of row."""

    SCHOOL = "school"
    DIVISION = "division"
    PUPIL = "pupil"
    GUARDIAN = "guardian"
    LINK = "link"
    STAFF = "staff"
    TUTOR = "tutor"


@dataclass(frozen=True, slots=True)
class Change:
    """One row, before and after. `key` is the base's own; `pupil` an existing pupil to enrol (a transfer)."""

    of: Of
    key: tuple[str, ...]
    deed: Deed
    before: Any
    after: Any
    pupil: int = 0

    def changed(self) -> Iterator[tuple[str, Any, Any]]:
        """Field by field: name, value before, value after. Of a creation: what it begins with."""
        for one in fields(self.after if self.after is not None else self.before):
            before = getattr(self.before, one.name) if self.before is not None else None
            after = getattr(self.after, one.name) if self.after is not None else None
            if before != after:
                yield one.name, before, after


class Watch(StrEnum):
    """Why a change is watched (design §6.5)."""

    GUARDIAN_ADDED = "guardian_added"
    GUARDIAN_CHANGED = "guardian_changed"
    CONTACT_CHANGED = "contact_changed"


@dataclass(frozen=True, slots=True)
class Watched:
    """A change that could smuggle somebody in: who is told (accounts), about which guardian and pupil."""

    why: Watch
    guardian: str
    pupil: str = ""
    told: tuple[int, ...] = ()
    channels: tuple[str, ...] = ()


REPORTED, OVERRULED = "reported", "overruled"


@dataclass(frozen=True, slots=True)
class Settled:
    """A correction that this import ends: the base says the same (REPORTED), or a third thing (OVERRULED)."""

    correction: int
    closing: str


@dataclass(slots=True)
class Plan:
    """The whole of an import. `day`: the date the active rule used."""

    uai: str
    year: int
    day: date
    exported_at: datetime | None
    files: tuple[FileFacts, ...]
    changes: list[Change] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    shrinking: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """The directory already says what the files say."""
        return not self.changes and not self.settled

    @property
    def needs_second_person(self) -> bool:
        """Too many watched changes for one pair of eyes."""
        return len(self.watched) > WATCHED_AT_MOST

    @property
    def digest(self) -> str:
        """Names this plan among all: apply refuses to do another one than the one that was shown."""
        shown = hashlib.sha256(f"{self.uai} {self.year} {self.day}".encode())
        for one in (*self.changes, *self.watched, *self.settled):
            shown.update(repr(one).encode())
        return shown.hexdigest()

    def of(self, of: Of, *deeds: Deed) -> list[Change]:
        """The changes of one kind of row."""
        return [change for change in self.changes if change.of is of and (not deeds or change.deed in deeds)]

    def totals(self) -> dict[str, dict[str, int]]:
        """How many rows of each kind are created, changed…"""
        totals: dict[str, dict[str, int]] = {}
        for (of, deed), number in sorted(Counter((change.of, change.deed) for change in self.changes).items()):
            totals.setdefault(of, {})[deed] = number
        return totals

    def doubts(self) -> dict[str, int]:
        """How many remarks of each sort."""
        return dict(sorted(Counter(remark.doubt.value for remark in self.remarks).items()))
