"""The families of a deployment: deterministic, as dirty as their rates say, and nobody real among them."""

from datetime import date
from functools import cache

import pytest

from preau.demo import crowd
from preau.demo.deploy import families, strict
from preau.demo.deploy.families import Household, TooManyFamilies, Town
from preau.demo.deploy.rates import GUESSES, Level
from preau.demo.rows import LEGAL, GuardianRow
from preau.identity.directory import names

ON = date(2026, 11, 23)
VOLUME = 3_000


def town(level: Level, volume: int = VOLUME, seed: int = 7) -> Town:
    return families.town(families=volume, seed=seed, level=level, on=ON, year=2026)


@cache
def drawn(level: Level) -> Town:
    """The families of a level, drawn once for all the tests that count them."""
    return town(level)


@pytest.fixture(scope="module")
def middle() -> Town:
    return drawn(Level.MIDDLE)


def share(part: int, whole: int, *, around: float, within: float = 0.35) -> None:
    """The share is the rate, give or take `within` of it."""
    assert abs(part / whole - around) <= around * within, f"{part}/{whole} is not around {around}"


def legal(made: Town) -> list[GuardianRow]:
    """The rows of the legal guardians of today's pupils, in every base."""
    found = []
    for base in made.bases:
        for family in base.families:
            keys = {x.guardian_key for p in family.pupils if p.is_active_on(ON) for x in p.links if x.level == LEGAL}
            found += [row for row in family.guardians if row.key in keys]
    return found


def usual(made: Town) -> list[Household]:
    """Families one base knows once, with a mobile of their own there."""
    return [
        one
        for one in made.households
        if len(one.records) == 1 and one.records[0].mobile and not one.records[0].is_mobile_shared
    ]


def test_the_same_seed_gives_the_same_families(middle: Town) -> None:
    again, other = town(Level.MIDDLE, 200), town(Level.MIDDLE, 200)
    assert again.households == other.households
    assert again.households != town(Level.MIDDLE, 200, seed=8).households
    assert len(middle.households) == VOLUME
    assert [one.number for one in middle.households] == list(range(VOLUME))


def test_measured_rates_are_those_of_the_crowd(middle: Town) -> None:
    rows = legal(middle)
    share(sum(not families._known(row).mobile for row in rows), len(rows), around=crowd.WITHOUT_MOBILE, within=0.5)
    share(sum(not row.email for row in rows), len(rows), around=crowd.WITHOUT_EMAIL)
    births = [born for one in middle.households for record in one.records for born in record.births]
    share(births.count(None), len(births), around=crowd.WITHOUT_BIRTH_DATE, within=1.0)


@pytest.mark.parametrize("level", list(Level), ids=[level.value for level in Level])
def test_guessed_rates_are_played_at_their_level(level: Level) -> None:
    made = drawn(level)
    known = [one for one in usual(made) if one.mobile.startswith("+33")]
    old = sum(one.records[0].mobile != one.mobile for one in known)
    share(old, len(known), around=GUESSES.old_mobile.at(level))
    without = sum(not one.has_franceconnect for one in made.households)
    share(without, VOLUME, around=GUESSES.without_franceconnect.at(level), within=0.2)
    foreign = sum(one.mobile.startswith("+1") for one in made.households)
    share(foreign, VOLUME, around=GUESSES.foreign_mobile.at(level), within=0.5)
    wrong = [
        born
        for one in made.households
        for record in one.records
        for born, true in zip(record.births, record.true_births, strict=True)
        if born not in (None, true)
    ]
    share(
        len(wrong), sum(len(one.children) for one in made.households), around=GUESSES.wrong_birth.at(level), within=0.8
    )


def test_what_nobody_measured_is_always_harder_from_level_to_level() -> None:
    for guess in GUESSES:
        assert guess.low < guess.middle < guess.high, guess.words
    stuck = [sum(not strict.ways_in(one) for one in drawn(level).households) for level in Level]
    assert stuck == sorted(stuck) and stuck[0] < stuck[-1]


def test_names_differ_only_as_often_as_the_rates_say(middle: Town) -> None:
    close = [
        one
        for one in middle.households
        if any(names.fold(one.first_name) != names.fold(record.first_name) for record in one.records)
    ]
    assert 0.02 < len(close) / VOLUME < 0.08


def test_some_have_two_schools_and_both_know_them(middle: Town) -> None:
    both = [one for one in middle.households if len({record.school for record in one.records}) == 2]
    assert both
    for one in both:
        assert len(one.children) >= 2
        assert {child.school for child in one.children} == {record.school for record in one.records}


def test_separated_parents_are_two_families_and_never_one_number_twice(middle: Town) -> None:
    by_child: dict[tuple[str, int], int] = {}
    for one in middle.households:
        for child in {(child.school, child.key) for child in one.children}:
            by_child[child] = by_child.get(child, 0) + 1
    assert set(by_child.values()) == {1, 2}


def test_every_number_and_address_is_one_of_fiction(middle: Town) -> None:
    for one in middle.households:
        assert not one.mobile or (one.mobile.startswith(("+3363998", "+1")) and len(one.mobile) == 12)
        assert not one.mobile.startswith("+1") or one.mobile[5:10] == "55501"
        assert not one.email or one.email.endswith("@example.org")


def test_more_families_than_fiction_has_mobiles_are_refused() -> None:
    with pytest.raises(TooManyFamilies):
        town(Level.MIDDLE, 7_000)


def test_a_letter_the_files_cannot_write_is_lost_in_the_base_not_in_the_family(middle: Town) -> None:
    lost = [one for one in middle.households if any("?" in record.birth_name for record in one.records)]
    assert lost and not any("?" in one.birth_name for one in lost)
    assert families.as_filed("Wiśniewski") == "Wi?niewski" and families.as_filed("Lefèvre") == "Lefèvre"


def test_nobody_bears_a_number_but_its_owner_and_who_shares_it(middle: Town) -> None:
    holders: dict[str, set[str]] = {}
    for base in middle.bases:
        for family in base.families:
            for one in (*family.guardians, *family.pupils):
                for written in (one.mobile, getattr(one, "home_phone", ""), getattr(one, "work_phone", "")):
                    if number := families._as_fiction(written):
                        holders.setdefault(number, set()).add(family.pupils[0].birth_name)
    assert all(len(names) == 1 for names in holders.values())
