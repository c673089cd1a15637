"""The numbers by which academies' directories (AAF) know people, given by the operator: read whole, then loaded."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from preau.identity.accounts.models import Kind
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory import identifiers
from preau.identity.directory.models import Enrolment, Guardian, School
from preau.identity.federation.models import JoinKey

_PROFILES = {"eleve": Kind.PUPIL, "élève": Kind.PUPIL, "responsable": Kind.GUARDIAN}
_LONGEST = 20
_BATCH = 500
_MOST_SENTENCES = 20
_COLUMNS = 4


class WrongFile(Exception):
    """Nothing of the file is taken; one sentence per wrong line."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Line:
    """A person of a school's base, and their number in the directory."""

    uai: str
    kind: Kind
    source_key: str
    number: str


@dataclass
class Outcome:
    """What loading did, or would do. `unmatched`: nobody of the base has that number yet; kept for when they arrive."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    unmatched: int = 0
    unknown_schools: list[str] = field(default_factory=list)


def read(raw: bytes) -> list[Line]:
    """The lines of a file ``uai;profil;numéro dans la base;numéro AAF``. Raises `WrongFile`."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongFile(["Le fichier n’est pas en UTF-8. Enregistrez-le ainsi, puis recommencez."]) from None
    found: dict[tuple[str, Kind, str], Line] = {}
    sentences: list[str] = []
    for place, cells in enumerate(csv.reader(io.StringIO(text), delimiter=";"), 1):
        if not any(map(str.strip, cells)) or (place == 1 and cells[0].strip().lower() == "uai"):
            continue
        try:
            line = _line(cells)
        except ValueError as trouble:
            sentences.append(f"Ligne {place} : {trouble}")
            continue
        key = (line.uai, line.kind, line.source_key)
        if found.setdefault(key, line).number != line.number:
            sentences.append(f"Ligne {place} : cette personne a déjà un autre numéro plus haut dans le fichier.")
    if sentences:
        raise WrongFile(sentences[:_MOST_SENTENCES])
    return list(found.values())


def _line(cells: list[str]) -> Line:
    if len(cells) != _COLUMNS:
        raise ValueError(f"{len(cells)} colonnes au lieu de quatre (uai;profil;numéro dans la base;numéro AAF).")
    uai, profile, source_key, number = (cell.strip() for cell in cells)
    try:
        uai = identifiers.uai(uai)
    except identifiers.NotAUai:
        raise ValueError(f"« {uai} » n’est pas un code d’établissement.") from None
    kind = _PROFILES.get(profile.lower())
    if kind is None:
        raise ValueError(f"profil « {profile} » ; il faut eleve ou responsable.")
    for value in (source_key, number):
        # A separator in a number would forge another part of FrEduCtRefId.
        if not value.isascii() or not value.isalnum() or len(value) > _LONGEST:
            raise ValueError(f"« {value} » n’est pas un numéro.")
    return Line(uai, kind, source_key, number)


@transaction.atomic
def load(lines: Iterable[Line], *, by: str, at: datetime, is_trial: bool) -> Outcome:
    """Add and change what the lines say; what they do not name stays. `is_trial`: only say what it would do."""
    outcome, by_school = Outcome(), _by_school(lines)
    known = School.objects.in_bulk(list(by_school))
    outcome.unknown_schools = sorted(set(by_school) - set(known))
    for uai, school in known.items():
        before = outcome.added + outcome.changed
        _load_school(school, by_school[uai], outcome, is_trial=is_trial)
        if not is_trial and (count := outcome.added + outcome.changed - before):
            record(Events.JOIN_KEYS_LOADED, by=by, on=school.key, at=at, uai=uai, lines=count)
    return outcome


def _by_school(lines: Iterable[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.uai, []).append(line)
    return found


def _load_school(school: School, lines: list[Line], outcome: Outcome, *, is_trial: bool) -> None:
    rows = {(row.kind, row.source_key): row for row in JoinKey.objects.filter(school=school)}
    pupils = set(Enrolment.objects.filter(school=school).values_list("source_key", flat=True))
    guardians = set(Guardian.objects.filter(school=school).values_list("source_key", flat=True))
    new, changed = [], []
    for line in lines:
        row = rows.get((line.kind, line.source_key))
        outcome.unmatched += line.source_key not in (pupils if line.kind == Kind.PUPIL else guardians)
        if row is None:
            new.append(JoinKey(school=school, kind=line.kind, source_key=line.source_key, number=line.number))
        elif row.number != line.number:
            row.number = line.number
            changed.append(row)
        else:
            outcome.unchanged += 1
    outcome.added += len(new)
    outcome.changed += len(changed)
    if not is_trial:
        JoinKey.objects.bulk_create(new, batch_size=_BATCH)
        for part in _parts(changed):
            JoinKey.objects.bulk_update(part, ["number"])


def _parts(rows: list[JoinKey]) -> Iterator[list[JoinKey]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))
