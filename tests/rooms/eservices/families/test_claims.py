"""What the claims tell, and what they must not be made to tell."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.eservices.families.claims import Kind, School, Unreadable, read
from tests.rooms.eservices.small_provider import ADAMA, SAMIRA


def test_a_guardian_comes_with_all_her_children() -> None:
    holder = read(SAMIRA)
    assert (holder.kind, holder.given_name, holder.is_email_confirmed) == (Kind.GUARDIAN, "Samira", True)
    assert [(child.given_name, child.family_name, child.division) for child in holder.children] == [
        ("Inès", "Belkacem", "5E B"),
        ("Hugo", "Faure", "6E A"),
    ]
    assert holder.children[0].birth_on == date(2014, 3, 14)


def test_a_pupil_comes_with_a_school_and_no_children() -> None:
    holder = read(ADAMA | {"children": SAMIRA["children"]})
    assert (holder.division, holder.school) == ("5E B", School("0991234D", "Collège Élise-Deroche"))
    assert holder.children == ()


def test_some_people_have_one_name_only() -> None:
    assert read(SAMIRA | {"given_name": ""}).family_name == "Belkacem"


def test_no_child_is_told_from_no_list_of_children() -> None:
    assert read(SAMIRA | {"children": []}).children == ()
    without = {name: value for name, value in SAMIRA.items() if name != "children"}
    with pytest.raises(Unreadable, match="children"):
        read(without)


def test_a_child_may_lack_birth_date_division_and_school() -> None:
    claims = deepcopy(SAMIRA)
    claims["children"] = [{"sub": "x", "given_name": "Oleksiy", "family_name": "Kovalenko", "birthdate": None}]
    (child,) = read(claims).children
    assert (child.birth_on, child.division, child.school) == (None, "", None)


def test_an_email_is_confirmed_only_by_a_true_true() -> None:
    for value in ("true", 1, None, "yes"):
        assert not read(SAMIRA | {"email_verified": value}).is_email_confirmed


@pytest.mark.parametrize(
    ("over", "why"),
    [
        ({"kind": "staff"}, "kind"),
        ({"kind": None}, "kind"),
        ({"given_name": "  ", "family_name": None}, "given_name"),
        ({"family_name": 3}, "family_name"),
        ({"sub": ""}, "sub"),
        ({"children": {"0": {}}}, "children"),
        ({"children": ["Inès"]}, "children"),
        ({"children": [SAMIRA["children"][0]] * 51}, "children"),
        ({"children": [SAMIRA["children"][0] | {"birthdate": "14/03/2014"}]}, "birthdate"),
        ({"children": [SAMIRA["children"][0] | {"school": "Collège"}]}, "school"),
        ({"children": [SAMIRA["children"][0] | {"school": {"uai": "0991234D"}}]}, "name"),
    ],
)
def test_what_would_mislead_is_not_read(over: dict[str, Any], why: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(SAMIRA | over)
    assert refusal.value.reference == why


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*SAMIRA, *ADAMA, *SAMIRA["children"][0]])


@given(st.dictionaries(NAMES, ANYTHING), st.sampled_from([SAMIRA, ADAMA]))
def test_whatever_comes_is_read_or_refused(over: dict[str, Any], person: dict[str, Any]) -> None:
    try:
        read(person | over)
    except Unreadable as refusal:
        assert refusal.reference
