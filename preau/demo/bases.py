"""A school's base made of the cast and the crowd: what `preau demo write-files` writes and the demo town imports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from preau.demo.cast import DIVISIONS, SCHOOL, Cast, cast_on
from preau.demo.crowd import Crowd
from preau.demo.rows import Family, SchoolBase, SchoolRow


@dataclass(frozen=True)
class CastAndCrowd:
    """The families of both, the cast first."""

    cast: Cast | None
    crowd: Crowd

    def __iter__(self) -> Iterator[Family]:
        if self.cast is not None:
            yield self.cast.family
        yield from self.crowd


def base(
    *, pupils: int, seed: int, on: date, year: int, school: SchoolRow = SCHOOL, with_cast: bool = True
) -> SchoolBase:
    """A school of `pupils` active pupils on `on`, the cast among them. The same arguments give the same base."""
    cast = cast_on(on, year) if with_cast else None
    on_stage = sum(pupil.is_active_on(on) for pupil in cast.pupils) if cast else 0
    crowd = Crowd(max(0, pupils - on_stage), seed, year, on, school.uai)
    divisions = {row.code: row for row in DIVISIONS if cast} | {row.code: row for row in crowd.divisions}
    staff = cast.staff_rows if cast else ()
    tutored = {m.division for member in staff for m in member.mandates if m.starts_on <= on <= m.ends_on}
    return SchoolBase(
        school=school,
        year=year,
        on=on,
        divisions=tuple(divisions[code] for code in sorted(divisions)),
        families=CastAndCrowd(cast, crowd),
        staff=(*staff, *crowd.staff(sorted(tutored))),
    )
