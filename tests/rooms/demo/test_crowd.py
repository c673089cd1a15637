"""The crowd: deterministic, of any volume, and as dirty as measured."""

from collections import Counter
from datetime import date
from itertools import islice

import pytest

from preau.demo import crowd as rates
from preau.demo import names
from preau.demo.crowd import Crowd
from preau.demo.rows import LEGAL, GuardianRow, PupilRow

ON = date(2026, 11, 23)
VOLUME = 4_000


@pytest.fixture(scope="module")
def many() -> Crowd:
    return Crowd(VOLUME, 7, 2026, ON)


@pytest.fixture(scope="module")
def pupils(many: Crowd) -> list[PupilRow]:
    return [pupil for family in many for pupil in family.pupils]


@pytest.fixture(scope="module")
def legal(many: Crowd) -> list[GuardianRow]:
    """Legal guardians of active pupils: those the measured rates speak of."""
    found = {}
    for family in many:
        keys = {x.guardian_key for p in family.pupils if p.is_active_on(ON) for x in p.links if x.level == LEGAL}
        found |= {g.key: g for g in family.guardians if g.key in keys}
    return list(found.values())


def share(part: int, whole: int, *, around: float, within: float = 0.35) -> None:
    """The share is the measured one, give or take `within` of it."""
    assert abs(part / whole - around) <= around * within, f"{part}/{whole} is not around {around}"


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    assert list(Crowd(60, 7, 2026, ON)) == list(Crowd(60, 7, 2026, ON))
    assert list(Crowd(60, 7, 2026, ON)) != list(Crowd(60, 8, 2026, ON))


def test_a_small_crowd_is_the_beginning_of_a_large_one() -> None:
    small, large = Crowd(50, 7, 2026, ON), Crowd(5_000, 7, 2026, ON)
    assert [f.guardians for f in islice(small, 20)] == [f.guardians for f in islice(large, 20)]


def test_there_are_exactly_as_many_active_pupils_as_asked(pupils: list[PupilRow]) -> None:
    assert sum(pupil.is_active_on(ON) for pupil in pupils) == VOLUME
    assert sum(p.is_active_on(ON) for f in Crowd(1, 3, 2026, ON) for p in f.pupils) == 1


def test_a_large_crowd_starts_at_once() -> None:
    assert len(list(islice(Crowd(10_000_000, 7, 2026, ON), 5))) == 5


def test_keys_are_unique_in_the_base(many: Crowd, pupils: list[PupilRow]) -> None:
    for values in (
        [pupil.key for pupil in pupils],
        [pupil.ine for pupil in pupils if pupil.ine],
        [guardian.key for family in many for guardian in family.guardians],
    ):
        assert len(set(values)) == len(values)


def test_two_schools_do_not_share_ine(pupils: list[PupilRow]) -> None:
    elsewhere = {p.ine for f in Crowd(VOLUME, 7, 2026, ON, uai="0990002P") for p in f.pupils if p.ine}
    assert elsewhere.isdisjoint({pupil.ine for pupil in pupils})


def test_pupils_are_as_incomplete_as_in_real_bases(pupils: list[PupilRow]) -> None:
    leavers = [pupil for pupil in pupils if not pupil.is_active_on(ON)]
    active = [pupil for pupil in pupils if pupil.is_active_on(ON)]
    share(len(leavers), len(pupils), around=rates.LEAVERS, within=0.1)
    share(sum(bool(p.left_on) for p in active), len(active), around=rates.FUTURE_EXIT, within=0.6)
    share(sum(bool(p.division) for p in leavers), len(leavers), around=rates.LEAVER_KEEPS_DIVISION)
    share(sum(not p.ine for p in pupils), len(pupils), around=rates.WITHOUT_INE)
    share(sum(p.birth_on is None for p in pupils), len(pupils), around=rates.WITHOUT_BIRTH_DATE, within=0.8)
    share(sum(not p.division for p in active), len(active), around=rates.WITHOUT_DIVISION, within=0.6)
    assert all(not p.mef for p in leavers)


def test_guardians_are_as_hard_to_reach_as_in_real_bases(legal: list[GuardianRow]) -> None:
    total = len(legal)
    share(sum(not g.email for g in legal), total, around=rates.WITHOUT_EMAIL, within=0.25)
    share(sum(not (g.mobile or g.email) for g in legal), total, around=rates.WITHOUT_BOTH, within=0.5)
    # No mobile in its own field: none at all, or typed elsewhere.
    share(sum(not g.mobile for g in legal), total, around=rates.WITHOUT_MOBILE + rates.MOBILE_ELSEWHERE)
    share(sum(g.mobile in rates.JUNK_PHONES for g in legal), total, around=rates.JUNK_PHONE, within=0.6)
    share(sum(not g.title for g in legal), total, around=rates.WITHOUT_TITLE, within=0.6)
    share(sum(bool(g.used_name) for g in legal), total, around=rates.USED_NAME, within=0.5)
    # 307 addresses and 50 mobiles held by several among 2 025 legal guardians (AGG-L).
    shared_emails = sum(n > 1 for n in Counter(g.email for g in legal if g.email).values())
    share(shared_emails, total, around=307 / 2_025)


def test_families_have_siblings_and_one_or_two_legal_guardians(many: Crowd, pupils: list[PupilRow]) -> None:
    sizes = Counter(len(family.pupils) for family in many)
    share(sizes[2], sizes.total(), around=0.125, within=0.2)
    active = [pupil for pupil in pupils if pupil.is_active_on(ON)]
    guardians = Counter(sum(link.level == LEGAL for link in pupil.links) for pupil in active)
    share(guardians[1], len(active), around=rates.ONE_GUARDIAN, within=0.3)
    assert guardians[0] and guardians[3] and set(guardians) == {0, 1, 2, 3}
    twins = [f for f in many if len(f.pupils) > 1 and f.pupils[0].birth_on == f.pupils[1].birth_on]
    assert twins


def test_a_school_of_two_thousand_shares_mobiles_only_as_households_do() -> None:
    holders: dict[str, set[int]] = {}
    for number, family in enumerate(Crowd(2_000, 7, 2026, ON)):
        for guardian in family.guardians:
            if guardian.mobile.startswith("+336"):
                holders.setdefault(guardian.mobile, set()).add(number)
    assert all(len(families) == 1 for families in holders.values())


def test_names_are_many_and_diverse(pupils: list[PupilRow]) -> None:
    families = {name for pool in names.POOLS for name in pool.families}
    given = {name for pool in names.POOLS for name in pool.girls + pool.boys + pool.women + pool.men}
    assert len(families) >= 300
    assert len(given) >= 300
    assert sum(pool.weight for pool in names.POOLS) == 1_000
    assert len({pupil.birth_name for pupil in pupils}) >= 300


def test_every_division_but_a_few_has_a_form_tutor_in_force(many: Crowd) -> None:
    staff = many.staff(already_tutored=["5E B"])
    held = [m.division for member in staff for m in member.mandates if m.starts_on <= ON <= m.ends_on]
    codes = {division.code for division in many.divisions}
    assert set(held) < codes and "5E B" not in held
    assert len(held) >= len(codes) * 0.8
    assert any(m.ends_on < ON for member in staff for m in member.mandates), "ended mandates stay in real files"
    assert len({(member.key, member.source_type) for member in staff}) == len(staff)
