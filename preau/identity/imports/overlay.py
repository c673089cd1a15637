"""Corrections the base does not know yet, laid over what its files say. Pure.

An import never undoes what the school corrected (directory/corrections.py). Until the base says the same, the corrected
value stands; once it does, the correction is over; when the base says a third thing, the base wins and says so.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from preau.identity.directory import names
from preau.identity.imports.causes import Doubt
from preau.identity.imports.plan import OVERRULED, REPORTED, Settled
from preau.identity.imports.snapshot import Fix, GuardianFacts, LinkFacts, PupilFacts

_BIRTH_ON, _MOBILE, _EMAIL = "birth_on", "mobile", "email"


@dataclass(frozen=True, slots=True)
class Laid:
    """One correction met: does it stand over the base, does it end, what is said of it."""

    stands: bool = False
    settled: Settled | None = None
    doubt: Doubt | None = None


def meet(fix: Fix, said: str) -> Laid:
    """What becomes of `fix` when the base says `said`. Silence of the base erases nothing."""
    if _same(fix.field, said, fix.value):
        return Laid(settled=Settled(fix.correction, REPORTED))
    if said and not _same(fix.field, said, fix.before):
        return Laid(settled=Settled(fix.correction, OVERRULED), doubt=Doubt.CORRECTION_OVERRULED)
    return Laid(stands=True, doubt=Doubt.CORRECTION_KEPT) if fix.is_applied else Laid()


def on_guardian(facts: GuardianFacts, fix: Fix) -> tuple[GuardianFacts, Laid]:
    """A guardian's row under a correction."""
    laid = meet(fix, getattr(facts, fix.field))
    if not laid.stands:
        return facts, laid
    given = "" if fix.field == _MOBILE else facts.mobile_given
    columns: dict[str, Any] = {"mobile_given": given, fix.field: fix.value}
    return replace(facts, **columns), laid


def on_pupil(facts: PupilFacts, fix: Fix) -> tuple[PupilFacts, Laid]:
    """A pupil's row under a correction of the birth date."""
    laid = meet(fix, facts.birth_on.isoformat() if facts.birth_on else "")
    return (replace(facts, birth_on=date.fromisoformat(fix.value)) if laid.stands else facts), laid


def on_link(facts: LinkFacts | None, fix: Fix) -> tuple[LinkFacts | None, Laid]:
    """A link that the school found false: it opens nothing, until the base has dropped it."""
    if facts is None or not facts.is_legal:
        return facts, Laid(settled=Settled(fix.correction, REPORTED))
    return replace(facts, is_ended=True), Laid(stands=True, doubt=Doubt.LINK_REFUTED)


def _same(field: str, one: str, other: str) -> bool:
    if field == _EMAIL:
        return one.casefold() == other.casefold()
    return one == other if field in (_BIRTH_ON, _MOBILE) else names.fold(one) == names.fold(other)
