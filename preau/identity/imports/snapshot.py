"""What the directory knows of one school, as plain facts: what a base is compared with. Pure; loading.py fills it.

The same classes say what is known and what is wanted, so that a difference is a comparison field by field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from preau.identity.imports.records import Kind

LinkKey = tuple[str, str]  # person, pupil
StaffKey = tuple[str, str]  # TYPE, ID
TutorKey = tuple[str, str, str]  # TYPE, ID, division


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """The school's own line. An import only fills what is empty."""

    name: str = ""
    kind: str = ""
    academy: str = ""
    address: str = ""
    postcode: str = ""
    town: str = ""
    phone: str = ""
    email: str = ""
    school_year: int | None = None
    last_export_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DivisionFacts:
    """A class."""

    label: str = ""
    grade: str = ""


@dataclass(frozen=True, slots=True)
class PupilFacts:
    """A pupil and the enrolment. The first seven fields belong to the pupil, the others to the enrolment."""

    ine: str | None
    birth_name: str
    used_name: str
    first_name: str
    birth_on: date | None
    sex: str
    deceased: bool
    division: str = ""
    entered_on: date | None = None
    left_on: date | None = None
    exit_reason: str = ""
    email: str = ""
    mobile: str = ""

    def is_active_on(self, day: date) -> bool:
        """Neither left on `day` nor before."""
        return self.left_on is None or self.left_on > day


IDENTITY = ("ine", "birth_name", "used_name", "first_name", "birth_on", "sex", "deceased")


@dataclass(frozen=True, slots=True)
class GuardianFacts:
    """A person of the base's list of guardians."""

    title: str
    birth_name: str
    used_name: str
    first_name: str
    email: str = ""
    mobile: str = ""
    mobile_given: str = ""
    phone: str = ""
    address: str = ""
    is_body: bool = False


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """A link between a person and a pupil."""

    level: int
    is_legal: bool
    kinship: str = ""
    is_ended: bool = False

    @property
    def opens_a_right(self) -> bool:
        """Legal and running."""
        return self.is_legal and not self.is_ended


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """A member of staff."""

    surname: str
    first_name: str
    title: str = ""
    function: str = ""
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class TutorFacts:
    """A form tutor's mandate, both days included."""

    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Numbers of the rows that stand behind a known pupil or guardian, and what its account forbids or asks.

    `pupil`/`enrolment`: of a pupil; `guardian`: of a guardian. `account`: its account when there is one. `proven`:
    e-mails and mobiles the holder proved. `is_shared`: an older, running enrolment elsewhere says who the pupil is.
    """

    pupil: int = 0
    enrolment: int = 0
    guardian: int = 0
    account: int = 0
    is_active: bool = False
    proven: frozenset[str] = frozenset()
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A pupil known by an INE of the export, who is not under the same key in this school."""

    pupil: int
    facts: PupilFacts
    schools: tuple[str, ...] = ()
    active_accounts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """An open correction: of which column, what the base said and what it should say. `correction`: its row."""

    correction: int
    field: str
    before: str = ""
    value: str = ""
    is_applied: bool = True


@dataclass(slots=True)
class Snapshot:
    """One school as the directory knows it."""

    uai: str
    school: SchoolFacts = field(default_factory=SchoolFacts)
    exported: Mapping[Kind, datetime] = field(default_factory=dict)
    divisions: dict[str, DivisionFacts] = field(default_factory=dict)
    pupils: dict[str, PupilFacts] = field(default_factory=dict)
    guardians: dict[str, GuardianFacts] = field(default_factory=dict)
    links: dict[LinkKey, LinkFacts] = field(default_factory=dict)
    staff: dict[StaffKey, StaffFacts] = field(default_factory=dict)
    tutors: dict[TutorKey, TutorFacts] = field(default_factory=dict)
    known_pupils: dict[str, Known] = field(default_factory=dict)
    known_guardians: dict[str, Known] = field(default_factory=dict)
    # By INE, other than under the same key here; and accounts active for a pupil through other schools' records.
    elsewhere: dict[str, Elsewhere] = field(default_factory=dict)
    active_elsewhere: dict[str, tuple[int, ...]] = field(default_factory=dict)
    # Corrections the base does not know yet.
    pupil_fixes: dict[str, list[Fix]] = field(default_factory=dict)
    guardian_fixes: dict[str, list[Fix]] = field(default_factory=dict)
    link_fixes: dict[LinkKey, Fix] = field(default_factory=dict)
