"""The cast: each exists for a rule, says which, and is still true whatever the day."""

from collections import Counter
from datetime import date

import pytest

from preau.demo import rows
from preau.demo.cast import Cast, cast_on, demo_mobile

DAYS = [date(2026, 11, 23), date(2027, 2, 28), date(2027, 8, 15), date(2028, 9, 1)]


@pytest.fixture(params=DAYS, ids=str)
def cast(request: pytest.FixtureRequest) -> Cast:
    return cast_on(request.param)


def test_everybody_says_which_rule_they_exist_for(cast: Cast) -> None:
    rules = [rule for _name, rule in cast.everyone()]
    assert len(rules) >= 50
    assert all(rule.endswith(".") and len(rule) > 20 for rule in rules)
    assert len(set(rules)) == len(rules)


def test_keys_and_ine_are_nobody_elses(cast: Cast) -> None:
    for values in (
        [p.key for p in cast.pupils],
        [p.ine for p in cast.pupils if p.ine],
        [g.key for g in cast.guardians],
        [(s.key, s.source_type) for s in cast.staff_rows],
        [m.subject for m in cast.staff],
    ):
        assert len(set(values)) == len(values)


def test_every_link_leads_to_someone(cast: Cast) -> None:
    known = {guardian.key for guardian in cast.guardians}
    assert {link.guardian_key for pupil in cast.pupils for link in pupil.links} == known


def test_samira_has_two_children_and_karim_one(cast: Cast) -> None:
    def children(key: int) -> list[str]:
        return [p.first_name for p in cast.pupils for link in p.links if link.guardian_key == key]

    assert children(cast.samira.key) == ["Inès", "Hugo"]
    assert children(cast.karim.key) == ["Inès"]
    assert (cast.ines.division, cast.hugo.division) == ("5E B", "6E A")


def test_a_mobile_is_somebodys_own_but_where_a_rule_says_otherwise(cast: Cast) -> None:
    times = Counter(guardian.mobile for guardian in cast.guardians if guardian.mobile)
    assert {mobile for mobile, several in times.items() if several > 1} == {cast.aissata.mobile, cast.leila.mobile}


def test_some_share_a_mobile_and_some_an_address(cast: Cast) -> None:
    assert cast.aissata.mobile == cast.drissa.mobile
    assert cast.celine.email == cast.thomas.email
    assert not (cast.odette.mobile or cast.odette.email or cast.odette.home_phone)


def test_leavers_have_left_and_the_future_leaver_has_not(cast: Cast) -> None:
    assert not cast.theo.is_active_on(cast.on)
    assert not cast.anatole.is_active_on(cast.on)
    assert cast.anatole.exit_reason == rows.DECEASED
    assert cast.amira.left_on is not None
    assert cast.amira.is_active_on(cast.on)


def test_the_adult_pupil_is_adult_and_his_own_guardian(cast: Cast) -> None:
    assert cast.tidiane.birth_on is not None
    assert cast.tidiane.birth_on.replace(year=cast.tidiane.birth_on.year + 18) <= date(cast.year, 9, 1)
    assert [link.kinship for link in cast.tidiane.links] == [rows.ONESELF]


def test_no_telephone_and_no_address_is_anybodys(cast: Cast) -> None:
    for person in (*cast.pupils, *cast.guardians):
        assert not person.email or person.email.endswith("@example.org")
    fiction = [g.mobile for g in cast.guardians if g.mobile.startswith("+336")]
    assert fiction and all(number.startswith(demo_mobile(0)[:8]) for number in fiction)


def test_a_form_tutor_of_5e_b_holds_a_mandate_today(cast: Cast) -> None:
    assert cast.maiwenn.row is not None
    assert [m.division for m in cast.maiwenn.row.mandates if m.starts_on <= cast.on <= m.ends_on] == ["5E B"]


def test_an_ended_mandate_stays_in_the_file(cast: Cast) -> None:
    assert cast.etienne.row is not None
    held = [m.division for m in cast.etienne.row.mandates if m.starts_on <= cast.on <= m.ends_on]
    assert "3E C" in held and "5E B" not in held
    assert cast.etienne.row.mandates[0].ends_on < date(cast.year, 9, 1)
