"""The neutral rows every format is read into, as the base writes them: nothing is decided here. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from preau.identity.imports.causes import Doubt


class Kind(StrEnum):
    """What a file brings."""

    PUPILS = "pupils"
    GUARDIANS = "guardians"
    STRUCTURES = "structures"
    NOMENCLATURE = "nomenclature"
    SCHOOL = "school"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file says of itself. `exported_at` is aware; None where the file is silent."""

    kind: Kind
    name: str
    uai: str
    year: int
    exported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to look at: about whom (kind of row and its key in the base) and why. Never a name in a log."""

    doubt: Doubt
    of: str
    key: str
    facts: tuple[tuple[str, str], ...] = ()

    @classmethod
    def about(cls, doubt: Doubt, of: str, key: str, **facts: str) -> "Remark":
        """The readable way to make one."""
        return cls(doubt, of, key, tuple(sorted(facts.items())))


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """What a file says of the school."""

    name: str = ""
    kind: str = ""
    academy: str = ""
    academy_name: str = ""
    address: str = ""
    postcode: str = ""
    town: str = ""
    phone: str = ""
    email: str = ""
    source: Kind = Kind.SCHOOL


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """A class: its code keeps its inner spaces. `mefs`: curricula taught in it."""

    code: str
    label: str = ""
    mefs: tuple[str, ...] = ()
    source: Kind = Kind.STRUCTURES


@dataclass(frozen=True, slots=True)
class PupilRow:
    """A pupil of the base. `left_on` set: left from that day on."""

    key: str
    birth_name: str
    first_name: str
    used_name: str = ""
    ine: str = ""
    birth_on: date | None = None
    sex: str = ""
    email: str = ""
    mobiles: tuple[str, ...] = ()
    entered_on: date | None = None
    left_on: date | None = None
    exit_reason: str = ""
    has_unreadable_exit: bool = False


@dataclass(frozen=True, slots=True)
class PlacementRow:
    """The divisions a pupil is in: none or one as a rule."""

    pupil: str
    divisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of the base's list of guardians. `phones` as written: mobile first, then home, then work."""

    key: str
    birth_name: str
    first_name: str
    used_name: str = ""
    title: str = ""
    phones: tuple[str, ...] = ()
    email: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class AddressRow:
    """A postal address: the lines of the envelope."""

    key: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A person's link to a pupil, with what the format's rules make of it: `level` 1 legal, 2 in charge, 3 contact, 0
    unknown; `kinship` in today's two digits."""

    pupil: str
    person: str
    level: int
    is_legal: bool
    kinship: str = ""


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member of staff. The key is (kind, key): a key alone collides."""

    kind: str
    key: str
    birth_name: str
    first_name: str
    used_name: str = ""
    title: str = ""
    function: str = ""


@dataclass(frozen=True, slots=True)
class TutorRow:
    """Who is form tutor of which division, from when to when (inclusive)."""

    kind: str
    key: str
    division: str
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(slots=True)
class Export:
    """Everything the files of one import hold. The order of the files and of their blocks does not count."""

    files: list[FileFacts] = field(default_factory=list)
    schools: list[SchoolRow] = field(default_factory=list)
    divisions: list[DivisionRow] = field(default_factory=list)
    grades: dict[str, str] = field(default_factory=dict)
    pupils: list[PupilRow] = field(default_factory=list)
    placements: list[PlacementRow] = field(default_factory=list)
    persons: list[PersonRow] = field(default_factory=list)
    addresses: list[AddressRow] = field(default_factory=list)
    links: list[LinkRow] = field(default_factory=list)
    staff: list[StaffRow] = field(default_factory=list)
    tutors: list[TutorRow] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def has(self, kind: Kind) -> bool:
        """Whether a file of this kind is among them."""
        return any(file.kind is kind for file in self.files)

    def dated(self) -> Iterator[datetime]:
        """The instants of export the files give."""
        return (file.exported_at for file in self.files if file.exported_at)
