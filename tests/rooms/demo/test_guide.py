"""The list of people one can be: each journey has somebody who can walk it, with what they need in hand."""

from datetime import date

from preau.demo import guide
from preau.demo.cast import Cast, cast_on
from preau.demo.rows import GuardianRow, PupilRow
from tests.house.source import ROOT

ON = date(2026, 11, 24)


def row(cast: Cast, key: str) -> GuardianRow | PupilRow:
    found: GuardianRow | PupilRow = getattr(cast, key)
    return found


def test_each_journey_has_somebody_who_can_walk_it() -> None:
    drawn = {path.stem for path in (ROOT / "docs" / "journeys").glob("*.md")}
    assert set(guide.WALKERS) == drawn
    listed = (ROOT / "preau" / "demo" / "guide.py").read_text("utf-8")
    assert all(f'"{key}", kept' in listed for key in guide.WALKERS.values())


def test_who_walks_with_a_phone_or_dates_has_them() -> None:
    cast = cast_on(ON)
    for key in ("celia", "marc", "farid", "aissata", "julien", "leila", "elodie"):
        guardian = row(cast, key)
        assert isinstance(guardian, GuardianRow) and guardian.mobile, key
        assert guide.children_of(cast, guardian) and all(one.birth_on for one in guide.children_of(cast, guardian)), key


def test_the_one_who_is_stopped_lacks_a_date() -> None:
    cast = cast_on(ON)
    assert any(pupil.birth_on is None for pupil in guide.children_of(cast, cast.olena))


def test_who_comes_with_franceconnect_alone_has_two_children_of_two_dates() -> None:
    cast = cast_on(ON)
    assert len({pupil.birth_on for pupil in guide.children_of(cast, cast.samira)}) == 2


def test_two_accounts_of_one_person_and_an_adult_pupil_are_in_the_list() -> None:
    cast = cast_on(ON)
    listed = (ROOT / "preau" / "demo" / "guide.py").read_text("utf-8")
    assert all(f'"{key}", kept' in listed for key in ("solene", "solene_again", "maxence", "florence"))
    assert (cast.solene.first_name, cast.solene.birth_name) == (
        cast.solene_again.first_name, cast.solene_again.birth_name,
    )  # fmt: skip
    assert {pupil.key for pupil in guide.children_of(cast, cast.solene)} == {cast.mahe.key}
    assert {pupil.key for pupil in guide.children_of(cast, cast.solene_again)} == {cast.nino.key}
    assert guide.children_of(cast, cast.florence) == [cast.maxence]
    born_on = cast.maxence.birth_on
    assert born_on is not None and born_on.replace(year=born_on.year + 18) < ON
