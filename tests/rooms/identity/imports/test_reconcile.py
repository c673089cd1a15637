"""Records against the directory: what arrives, changes, leaves, comes back."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preau.identity.imports.causes import Doubt, Refused
from preau.identity.imports.plan import Deed, Of
from preau.identity.imports.snapshot import PupilFacts, Snapshot
from tests.rooms.identity.imports.build import UAI
from tests.rooms.identity.imports.plans import DAY, NOTHING, SCHOOL, after, crowd, doubts, one, plan


# A first import ------------------------------------------------------------------------------------------------------
def test_a_clean_school_arrives_whole_and_nothing_is_doubtful_but_the_missing_channel():
    made = plan(SCHOOL)
    assert made.totals() == {
        "division": {"create": 2}, "guardian": {"create": 3}, "link": {"create": 4}, "pupil": {"create": 3},
        "school": {"change": 1}, "staff": {"create": 3}, "tutor": {"create": 1},
    }  # fmt: skip
    assert doubts(made) == {Doubt.NO_CHANNEL: ["700203"]}
    assert made.watched == []


def test_divisions_take_the_label_of_structures_and_their_grade():
    facts = one(plan(SCHOOL), Of.DIVISION, "5E B").after
    assert (facts.label, facts.grade) == ("CINQUIEME B", "2112")


def test_the_school_is_filled_where_it_was_empty_and_never_corrected():
    known = Snapshot(UAI, school=replace(NOTHING.school, name="Collège Élise-Deroche", phone="0199009999"))
    facts = one(plan(SCHOOL, known), Of.SCHOOL, UAI).after
    assert (facts.name, facts.phone, facts.town) == ("Collège Élise-Deroche", "0199009999", "LE PRÉ-SOUS-BOIS")
    assert (facts.school_year, facts.academy, facts.kind) == (2026, "099", "lower_secondary")


# The same again ------------------------------------------------------------------------------------------------------
def test_the_same_files_twice_change_nothing():
    assert plan(SCHOOL, after(SCHOOL)).is_empty


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_files_and_rows_changes_nothing(seed):
    shuffled, dice = SCHOOL.but(), random.Random(seed)
    for rows in (shuffled.pupils, shuffled.placements, shuffled.persons, shuffled.links, shuffled.divisions):
        dice.shuffle(rows)
    files = shuffled.all()
    dice.shuffle(files)
    assert plan(shuffled, files=files).digest == plan(SCHOOL).digest


def test_a_changed_field_is_named_with_both_its_values():
    made = plan(SCHOOL.with_pupil(0, PRENOM="Inès-Marie"), after(SCHOOL))
    (change,) = made.changes
    assert (change.deed, list(change.changed())) == (Deed.CHANGE, [("first_name", "Inès", "Inès-Marie")])


def test_two_different_plans_never_share_a_digest():
    assert plan(SCHOOL).digest != plan(SCHOOL.with_pupil(0, PRENOM="Ines")).digest


# Leaving and coming back ---------------------------------------------------------------------------------------------
def test_a_pupil_who_vanished_from_a_complete_export_leaves_on_the_day_of_the_export():
    later = SCHOOL.but(pupils=SCHOOL.pupils[:2], placements=SCHOOL.placements[:2], exported="30/11/2026 10:00:00")
    change = one(plan(later, after(SCHOOL), day=date(2026, 12, 1)), Of.PUPIL, "500103")
    assert (change.deed, change.after.left_on, change.after.division) == (Deed.LEAVE, date(2026, 11, 30), "")


def test_nobody_leaves_when_the_pupils_file_is_not_given():
    assert plan(SCHOOL, after(SCHOOL), files=[("r", SCHOOL.responsables())]).is_empty


def test_a_past_exit_date_makes_a_leaver_without_division():
    made = plan(SCHOOL.with_pupil(2, DATE_SORTIE="05/07/2026", CODE_MOTIF_SORTIE="10"))
    facts = one(made, Of.PUPIL, "500103").after
    assert not facts.is_active_on(DAY)
    assert facts.division == ""
    assert doubts(made)[Doubt.LEAVER_WITH_DIVISION] == ["500103"]


def test_a_pupil_leaves_on_the_very_day_of_the_exit_date():
    facts = one(plan(SCHOOL.with_pupil(2, DATE_SORTIE="24/11/2026")), Of.PUPIL, "500103").after
    assert not facts.is_active_on(DAY)
    assert facts.is_active_on(DAY - timedelta(days=1))


def test_a_future_exit_date_is_kept_and_applied_that_day():
    made = plan(SCHOOL.with_pupil(2, DATE_SORTIE="20/12/2026"))
    facts = one(made, Of.PUPIL, "500103").after
    assert (facts.is_active_on(DAY), facts.is_active_on(date(2026, 12, 20)), facts.division) == (True, False, "5E B")
    assert doubts(made)[Doubt.FUTURE_EXIT] == ["500103"]


def test_an_exit_date_nobody_can_read_means_gone():
    facts = one(plan(SCHOOL.with_pupil(2, DATE_SORTIE="bientôt")), Of.PUPIL, "500103").after
    assert facts.left_on == DAY


def test_a_leaver_who_is_listed_again_comes_back():
    gone = after(SCHOOL.with_pupil(2, DATE_SORTIE="05/10/2026"))
    change = one(plan(SCHOOL, gone), Of.PUPIL, "500103")
    assert (change.deed, change.after.left_on, change.after.division) == (Deed.RETURN, None, "5E B")


def test_exit_reason_43_is_a_death():
    tags = {"DATE_SORTIE": "05/10/2026", "CODE_MOTIF_SORTIE": "43"}
    assert one(plan(SCHOOL.with_pupil(2, **tags)), Of.PUPIL, "500103").after.deceased
    assert not one(plan(SCHOOL.with_pupil(2, **tags | {"CODE_MOTIF_SORTIE": "10"})), Of.PUPIL, "500103").after.deceased


def test_a_base_that_loses_more_than_a_fifth_asks_for_a_confirmation():
    known = after(crowd(50))
    assert plan(crowd(39), known).shrinking == {"pupils": (50, 39), "guardians": (50, 39)}
    assert plan(crowd(40), known).shrinking == {}


def test_a_filtered_file_of_guardians_asks_for_a_confirmation_too():
    whole = crowd(50)
    filtered = whole.but(persons=whole.persons[:30], links=whole.links[:30])
    assert plan(filtered, after(whole)).shrinking == {"guardians": (50, 30)}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_a_base_writes_the_plan_is_made_or_refused(data):
    rubbish = st.one_of(
        st.none(), st.text(max_size=12), st.sampled_from(["1", "0", "70", "51", "43", "24/11/2026", "500101"])
    )
    school = SCHOOL
    for _ in range(data.draw(st.integers(1, 5))):
        rows = data.draw(st.sampled_from(["pupils", "persons", "links"]))
        changed = [dict(row) for row in getattr(school, rows)]
        row = data.draw(st.sampled_from(changed))
        row[data.draw(st.sampled_from([tag for tag in row if tag != "@"]))] = data.draw(rubbish)
        school = school.but(**{rows: changed})
    try:
        made = plan(school, data.draw(st.sampled_from([NOTHING, after(SCHOOL)])))
    except Refused:
        return
    for change in made.of(Of.LINK):
        assert change.after.level == 1 or not change.after.is_legal
    assert all(isinstance(facts, PupilFacts) for facts in (change.after for change in made.of(Of.PUPIL)))
