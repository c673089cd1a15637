"""What one school's base holds, before any file format: plain rows, shared by the cast, the crowd and the file writers.

Dates are civil dates in France. Keys are the base's own numbers (ELEVE_ID, PERSONNE_ID, ADRESSE_ID): unique within one
school only, as in life (`specs`: formats, 1.3 and 1.4).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

UAI_KEYS = "ABCDEFGHJKLMNPRSTUVWXYZ"
INE_DIGITS = "ABCDEFGHJK"

# Kinship codes of SIECLE since 2018 (Nomenclature.xml, LIENS_PARENTE).
MOTHER, FATHER, ASCENDANT, OTHER_FAMILY = "10", "20", "38", "39"
FOSTER_CARER, TUTOR, CHILD_WELFARE, ONESELF, OTHER = "42", "50", "51", "70", "90"
# Levels of responsibility since 2018 (Nomenclature.xml, NIVEAUX_RESPONSABILITE).
LEGAL, CARER, CONTACT = 1, 2, 3
DECEASED = "43"


def uai_with_key(seven_digits: str) -> str:
    """The UAI whose seven digits are given: the letter is their remainder by 23. "0991234" → "0991234D"."""
    return seven_digits + UAI_KEYS[int(seven_digits) % 23]


def ine_rnie(number: int) -> str:
    """A fictional INE of the present kind: "99", seven digits of `number`, two key letters. Nobody's: no INE starts so.

    Raises ValueError beyond seven digits.
    """
    if not 0 <= number < 10_000_000:
        raise ValueError(f"An INE number has seven digits at most, not {number}.")
    digits = f"99{number:07d}"
    key = 97 - int(digits) % 97
    return digits + INE_DIGITS[key // 10] + INE_DIGITS[key % 10]


def ine_bea(number: int) -> str:
    """A fictional INE of the kind used before 2018: "99", eight digits of `number`, one key letter."""
    digits = f"99{number:08d}"
    return digits + UAI_KEYS[int(digits) % 23]


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """The school itself, as Communs.xml and STS say it. `kind` is SIECLE's code: CLG, LYC, LP."""

    uai: str
    name: str
    kind: str = "CLG"
    address: str = "1 RUE DE LA TRAVERSÉE"
    postcode: str = "99300"
    town: str = "LE PRÉ-SOUS-BOIS"
    phone: str = "0199001234"
    email: str = "ce.0991234d@example.org"
    academy_code: str = "099"
    academy_name: str = "FICTIVE"
    head_name: str = ""


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """A division: its code (eight characters at most), its label, its curricula (MEF)."""

    code: str
    label: str
    mefs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddressRow:
    """A postal address. Abroad there is no postcode: the town goes to `foreign_town`."""

    key: int
    lines: tuple[str, ...]
    postcode: str = "99300"
    town: str = "LE PRE-SOUS-BOIS"
    foreign_town: str = ""
    country_code: str = "100"
    country: str = "FRANCE"


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A pupil's link to a person of the base. `level` None: the tag is missing, which opens no right."""

    guardian_key: int
    level: int | None
    kinship: str
    lives_with: bool = True
    pays: bool = False


@dataclass(frozen=True, slots=True)
class PupilRow:
    """A pupil of the base, with their links. `rule` says, for the cast only, why this person exists."""

    key: int
    number: int
    birth_name: str
    first_name: str
    birth_on: date | None
    division: str = ""
    mef: str = ""
    ine: str = ""
    used_name: str = ""
    other_first_names: tuple[str, ...] = ()
    sex: str = ""
    entered_on: date | None = None
    left_on: date | None = None
    exit_reason: str = ""
    email: str = ""
    mobile: str = ""
    country: str = "100"
    foreign_birth_town: str = ""
    groups: tuple[str, ...] = ()
    links: tuple[LinkRow, ...] = ()
    rule: str = ""

    def is_active_on(self, day: date) -> bool:
        """Whether the pupil belongs to the school on `day`: a future exit counts from its own date."""
        return self.left_on is None or self.left_on > day


@dataclass(frozen=True, slots=True)
class GuardianRow:
    """A person of the base: guardian, carer, contact or body. `accepts_sms` None: the tag is missing."""

    key: int
    birth_name: str
    first_name: str
    title: str = ""
    used_name: str = ""
    home_phone: str = ""
    mobile: str = ""
    work_phone: str = ""
    email: str = ""
    accepts_sms: bool | None = None
    shares_address: bool = False
    address: AddressRow | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class MandateRow:
    """A form tutor's mandate on a division."""

    division: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member of staff, as STS says it. Its key is (key, source_type): the number alone collides."""

    key: int
    source_type: str
    birth_name: str
    used_name: str
    first_name: str
    function: str
    title: str = ""
    born_on: date | None = None
    rank: str = ""
    subject: tuple[str, str] = ("", "")
    mandates: tuple[MandateRow, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Pupils and the persons they are linked to, written together."""

    pupils: tuple[PupilRow, ...] = ()
    guardians: tuple[GuardianRow, ...] = ()


class Families(Iterable[Family], Protocol):
    """Families one can walk through several times, the same each time: files are written in several passes."""

    def __iter__(self) -> Iterator[Family]: ...


@dataclass(frozen=True)
class SchoolBase:
    """A school's whole base on one day: what `school_files` writes."""

    school: SchoolRow
    year: int
    on: date
    divisions: tuple[DivisionRow, ...]
    families: Families
    staff: tuple[StaffRow, ...]
