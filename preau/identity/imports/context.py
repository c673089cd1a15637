"""Before anything is compared: is it this school, this year, newer than what was applied, and is it coherent? Pure."""

from collections import Counter
from collections.abc import Iterable

from preau.identity.imports.causes import Cause, Refused
from preau.identity.imports.records import Export, Kind
from preau.identity.imports.snapshot import Snapshot


def school_of(export: Export) -> str:
    """The UAI all files name. Raises `Refused` when they name several."""
    codes = sorted({file.uai for file in export.files})
    if len(codes) > 1:
        raise Refused(Cause.SEVERAL_SCHOOLS, schools=", ".join(codes))
    return codes[0]


def check(export: Export, known: Snapshot, *, year: int) -> None:
    """Raises `Refused` when these files may not be applied to this school, this year, now."""
    if (uai := school_of(export)) != known.uai:
        raise Refused(Cause.OTHER_SCHOOL, given=uai, expected=known.uai)
    years = sorted({file.year for file in export.files})
    if len(years) > 1:
        raise Refused(Cause.SEVERAL_YEARS, years=", ".join(map(str, years)))
    if years[0] != year:
        raise Refused(Cause.OTHER_YEAR, given=years[0], expected=year)
    for file in export.files:
        last = known.exported.get(file.kind)
        if file.exported_at and last and file.exported_at < last:
            raise Refused(Cause.OLDER_EXPORT, file=file.name, given=file.exported_at, last=last)
    if export.has(Kind.PUPILS) and not export.pupils:
        raise Refused(Cause.NO_PUPIL)
    _once(Cause.SAME_PUPIL_KEY, (pupil.key for pupil in export.pupils))
    _once(Cause.SAME_PERSON_KEY, (person.key for person in export.persons))
    # An INE names one human being: two pupils under one are a mistake of the base (PIX: INE_UNIQUE).
    shared = Counter(pupil.ine for pupil in export.pupils if pupil.ine)
    twice = sorted(pupil.key for pupil in export.pupils if shared.get(pupil.ine, 0) > 1)
    if twice:
        raise Refused(Cause.SAME_INE, keys=_some(twice))


def _once(cause: Cause, keys: Iterable[str]) -> None:
    twice = sorted(key for key, number in Counter(keys).items() if number > 1)
    if twice:
        raise Refused(cause, keys=_some(twice))


def _some(keys: list[str]) -> str:
    return ", ".join(keys[:5]) + ("…" if len(keys) > 5 else "")
