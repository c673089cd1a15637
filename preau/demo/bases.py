"""A school's base made of the cast and the crowd: what `preau demo write-files` writes and the demo town imports."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from preau.demo.cast import DIVISIONS, SCHOOL, Cast, cast_on
from preau.demo.crowd import Crowd
from preau.demo.rows import Family, SchoolBase, SchoolRow


@dataclass(frozen=True)
class CastAndCrowd:
    """The families of both, the cast first."""

    cast: Cast | None
    crowd: Crowd
    is_later: bool = False

    def __iter__(self) -> Iterator[Family]:
        if self.cast is not None:
            yield self._later(self.cast) if self.is_later else self.cast.family
        yield from self.crowd

    @staticmethod
    def _later(cast: Cast) -> Family:
        """The cast some days later: Basile has a division, Odette has an address at last."""
        family, basile, odette = cast.family, cast.basile, cast.odette
        return Family(
            tuple(replace(row, division="5E B") if row is basile else row for row in family.pupils),
            tuple(
                replace(row, email="odette.legoff@example.org") if row is odette else row for row in family.guardians
            ),
        )


NEWCOMERS = 4


def base(
    *,
    pupils: int,
    seed: int,
    on: date,
    year: int,
    school: SchoolRow = SCHOOL,
    with_cast: bool = True,
    is_later: bool = False,
) -> SchoolBase:
    """A school of `pupils` active pupils on `on`, the cast among them. The same arguments give the same base.

    `is_later`: the same school some days later, for a second import: four newcomers, two of the cast changed.
    """
    cast = cast_on(on, year) if with_cast else None
    on_stage = sum(pupil.is_active_on(on) for pupil in cast.pupils) if cast else 0
    crowd = Crowd(max(0, pupils - on_stage) + NEWCOMERS * is_later, seed, year, on, school.uai)
    divisions = {row.code: row for row in DIVISIONS if cast} | {row.code: row for row in crowd.divisions}
    staff = cast.staff_rows if cast else ()
    tutored = {m.division for member in staff for m in member.mandates if m.starts_on <= on <= m.ends_on}
    return SchoolBase(
        school=school,
        year=year,
        on=on,
        divisions=tuple(divisions[code] for code in sorted(divisions)),
        families=CastAndCrowd(cast, crowd, is_later),
        staff=(*staff, *crowd.staff(sorted(tutored))),
    )
