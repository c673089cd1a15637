"""Gathering one person's records between two schools (design §5)."""

from dataclasses import replace

import pytest

from preau.identity.directory.matching import Face, gatherings

HERE = Face(
    record=1, school="0999901Z", birth_name="BELKACEM", used_name="", first_name="Samira",
    email="samira@example.org", mobile="+33639980021", title="MME", kin=frozenset({(10, "10")}),
)  # fmt: skip
THERE = replace(HERE, record=2, school="0999902A", kin=frozenset({(20, "10")}))
ELSEWHERE = replace(HERE, record=3, school="0999903B", kin=frozenset({(30, "10")}))


def records(faces):
    return [tuple(face.record for face in group) for group in gatherings(faces)]


def test_one_person_known_by_two_schools_is_gathered():
    assert records([THERE, HERE]) == [(1, 2)]


def test_one_person_known_by_three_schools_is_gathered():
    assert records([HERE, THERE, ELSEWHERE]) == [(1, 2, 3)]


@pytest.mark.parametrize(
    "change",
    [{"birth_name": "BENALI"}, {"first_name": "Samia"}, {"email": "s@example.org"}, {"mobile": "+33639980022"}],
)
def test_nobody_is_gathered_when_one_of_the_four_differs(change):
    assert records([HERE, replace(THERE, **change)]) == []


@pytest.mark.parametrize("missing", ["birth_name", "first_name", "email", "mobile"])
def test_nobody_is_gathered_on_what_both_schools_ignore(missing):
    assert records([replace(HERE, **{missing: ""}), replace(THERE, **{missing: ""})]) == []


def test_spelling_does_not_separate_one_person():
    assert records([HERE, replace(THERE, birth_name="Belkacem", first_name="SAMIRA", email="Samira@Example.org")]) == [
        (1, 2)
    ]


def test_a_used_name_known_by_one_school_only_does_not_separate_one_person():
    assert records([HERE, replace(THERE, used_name="DURAND")]) == [(1, 2)]


def test_two_records_of_one_base_are_never_gathered():
    assert records([HERE, replace(THERE, school=HERE.school)]) == []


@pytest.mark.parametrize("shared", [{"mobile": "+33639980099"}, {"email": "other@example.org"}])
def test_an_address_or_a_mobile_that_a_third_person_holds_forbids(shared):
    third = replace(ELSEWHERE, first_name="Karim", title="M.", **shared)
    assert records([HERE, THERE, third]) == []


def test_the_mother_and_the_father_of_one_pupil_are_never_gathered():
    mother = replace(HERE, title="", kin=frozenset({(10, "10")}))
    father = replace(THERE, title="", kin=frozenset({(10, "20")}))
    assert records([mother, father]) == []


def test_a_pupil_who_changes_school_brings_the_same_guardian():
    assert records([HERE, replace(THERE, kin=HERE.kin)]) == [(1, 2)]


def test_a_civility_that_disagrees_forbids():
    assert records([HERE, replace(THERE, title="M.")]) == []


def test_a_body_is_never_gathered():
    assert records([replace(HERE, is_body=True), replace(THERE, is_body=True)]) == []


def test_the_order_of_the_records_changes_nothing():
    assert records([ELSEWHERE, THERE, HERE]) == records([HERE, THERE, ELSEWHERE])
