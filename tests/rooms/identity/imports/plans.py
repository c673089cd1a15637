"""Plans without any database: a school's files against what the directory would know."""

from dataclasses import replace
from datetime import date

import pytest

from preau.identity.imports import formats
from preau.identity.imports.causes import Refused
from preau.identity.imports.plan import Of, Plan
from preau.identity.imports.reconcile import reconcile
from preau.identity.imports.snapshot import Elsewhere, Known, Snapshot
from tests.rooms.identity.imports.build import OTHER_UAI, UAI, SchoolFiles, link, person, pupil

DAY = date(2026, 11, 24)
SCHOOL = SchoolFiles()
NOTHING = Snapshot(UAI)


def plan(school: SchoolFiles, known: Snapshot = NOTHING, *, day: date = DAY, year: int = 2026, files=None) -> Plan:
    export = formats.read(files or school.all())
    return reconcile(export, known, year=year, day=day, demo_numbers=True)


def after(school: SchoolFiles, *, day: date = DAY, active: tuple[str, ...] = ()) -> Snapshot:
    """The directory once a school's files are applied; `active`: guardians who have an active account."""
    made = plan(school, Snapshot(UAI), day=day)
    known = Snapshot(UAI, school=made.of(Of.SCHOOL)[0].after)
    for change in made.changes:
        match change.of:
            case Of.DIVISION:
                known.divisions[change.key[0]] = change.after
            case Of.PUPIL:
                known.pupils[change.key[0]] = change.after
                known.known_pupils[change.key[0]] = Known(pupil=int(change.key[0]), enrolment=int(change.key[0]))
            case Of.GUARDIAN:
                key = change.key[0]
                known.guardians[key] = change.after
                known.known_guardians[key] = Known(guardian=int(key), account=int(key), is_active=key in active)
            case Of.LINK:
                known.links[change.key] = change.after
            case Of.STAFF:
                known.staff[change.key] = change.after
            case Of.TUTOR:
                known.tutors[change.key] = change.after
    return known


def refused(school: SchoolFiles, known: Snapshot = NOTHING, **more) -> Refused:
    with pytest.raises(Refused) as caught:
        plan(school, known, **more)
    return caught.value


def doubts(made: Plan) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for remark in made.remarks:
        found.setdefault(remark.doubt, []).append(remark.key)
    return found


def one(made: Plan, of: Of, *key: str):
    (found,) = [change for change in made.of(of) if change.key == key]
    return found


def crowd(size: int) -> SchoolFiles:
    pupils = [pupil(str(500000 + n), f"NOM{n}", "Zoé", "03/02/2014") for n in range(size)]
    persons = [person(str(700000 + n), f"PERE{n}", "Léo") for n in range(size)]
    links = [link(str(500000 + n), str(700000 + n)) for n in range(size)]
    placements = [(str(500000 + n), [("5E B", "D")]) for n in range(size)]
    return SCHOOL.but(pupils=pupils, persons=persons, links=links, placements=placements)


def elsewhere(**changes) -> Snapshot:
    facts = replace(one(plan(SCHOOL), Of.PUPIL, "500101").after, **changes)
    return Snapshot(UAI, elsewhere={"990000101DJ": Elsewhere(77, facts, (OTHER_UAI,), (5,))})
