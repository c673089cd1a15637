"""What of a ticket agrees with a record."""

from dataclasses import replace
from datetime import date

import pytest

from preau.identity.support.agreement import Field, Finding, Hint, Recorded, Sign, compare

SAMIRA = Recorded(
    birth_name="BELKACEM", first_name="Samira Leïla", title="MME", mobile="+33639981717", email="samira@example.org",
    children=(("Inès", date(2014, 3, 4)), ("Hugo", date(2015, 8, 27))),
)  # fmt: skip
TYPED: dict[str, set[str]] = {
    "surname": {"BELKACEM"}, "first_name": {"SAMIRA LEILA"}, "first_given": {"SAMIRA"}, "title": {"MME"},
    "mobile": {"+33639981717"}, "email": {"samira@example.org"}, "births": {"2014-03-04", "2015-08-27"},
}  # fmt: skip


def found(recorded: Recorded = SAMIRA, **typed: set[str]) -> dict[Field, Finding]:
    held = {**TYPED, **typed}
    lines = compare(recorded, lambda name, value: value in held[name], {name: len(one) for name, one in held.items()})
    return {line.field: line for line in lines}


def test_when_all_agrees_no_line_says_more() -> None:
    assert all(line.sign is Sign.AGREES and not line.hints for line in found().values())


def test_a_field_that_was_not_typed_has_no_line() -> None:
    assert Field.EMAIL not in found(email=set()) and Field.CHILD not in found()


@pytest.mark.parametrize("name", ["BELKACEM", "MARTIN"])
def test_birth_name_or_used_name_agrees(name: str) -> None:
    assert found(replace(SAMIRA, used_name="Martin"), surname={name})[Field.SURNAME].sign is Sign.AGREES


def test_names_typed_in_each_other_s_box_are_recognised() -> None:
    lines = found(surname={"SAMIRA LEILA"}, first_name={"BELKACEM"}, first_given={"BELKACEM"})
    assert lines[Field.SURNAME].hints == lines[Field.FIRST_NAME].hints == ((Hint.SWAPPED_NAMES, ""),)


def test_the_first_of_several_given_names_is_recognised() -> None:
    assert found(first_name={"SAMIRA"})[Field.FIRST_NAME].hints == ((Hint.FIRST_OF_SEVERAL, ""),)


@pytest.mark.parametrize("near", ["+33639981718", "+33639987117", "+33739981717"])
def test_a_mobile_with_a_digit_wrong_or_two_exchanged_is_near(near: str) -> None:
    assert found(mobile={near})[Field.MOBILE].hints == ((Hint.ONE_DIGIT, ""),)


@pytest.mark.parametrize(
    ("recorded", "hint"),
    [
        (replace(SAMIRA, mobile="", phone="+33199001234"), Hint.NOT_A_MOBILE),
        (replace(SAMIRA, mobile="", mobile_given="06 39 98"), Hint.UNREADABLE),
    ],
)
def test_a_base_without_a_mobile_says_what_it_holds_instead(recorded: Recorded, hint: Hint) -> None:
    assert found(recorded)[Field.MOBILE] == Finding(Field.MOBILE, Sign.ABSENT, ((hint, ""),))


def test_another_mobile_has_no_hint() -> None:
    assert found(mobile={"+33612345678"})[Field.MOBILE] == Finding(Field.MOBILE, Sign.DIFFERS)


@pytest.mark.parametrize(
    ("typed", "hints"),
    [
        ({"2014-03-04"}, ((Hint.NOT_TYPED, "Hugo"),)),
        ({"2014-04-03", "2015-08-27"}, ((Hint.NEAR_DATE, "Inès"),)),
        ({"2014-03-04", "2015-08-26"}, ((Hint.NEAR_DATE, "Hugo"),)),
        ({"2014-03-04", "2015-08-27", "2019-01-01"}, ((Hint.TYPED_TOO_MANY, ""),)),
        ({"2001-01-01"}, ((Hint.NOT_TYPED, "Inès"), (Hint.NOT_TYPED, "Hugo"))),
    ],
)
def test_of_birth_dates_the_children_concerned_are_named(typed: set[str], hints: tuple[tuple[Hint, str], ...]) -> None:
    assert found(births=typed)[Field.BIRTHS] == Finding(Field.BIRTHS, Sign.DIFFERS, hints)


def test_twins_typed_once_agree() -> None:
    twins = replace(SAMIRA, children=(("Inès", date(2014, 3, 4)), ("Noé", date(2014, 3, 4))))
    assert found(twins, births={"2014-03-04"})[Field.BIRTHS].sign is Sign.AGREES


def test_a_child_without_a_birth_date_in_the_base_is_named() -> None:
    lines = found(replace(SAMIRA, children=(("Inès", date(2014, 3, 4)), ("Hugo", None))), births={"2014-03-04"})
    assert lines[Field.BIRTHS].hints == ((Hint.NO_BIRTH_DATE, "Hugo"),)


def test_a_child_named_by_the_family_is_looked_for_among_the_children() -> None:
    assert found(child={"INES"})[Field.CHILD].sign is Sign.AGREES
    assert found(child={"ZOE"})[Field.CHILD].sign is Sign.DIFFERS


PUPIL: dict[str, set[str]] = {**{name: set() for name in TYPED}, "child": {"INES"}}


@pytest.mark.parametrize(
    ("typed", "sign", "hints"),
    [
        ("2014-03-04", Sign.AGREES, ()),
        ("2014-04-03", Sign.DIFFERS, ((Hint.NEAR_DATE, "Inès"),)),
        ("2015-08-27", Sign.DIFFERS, ((Hint.NOT_TYPED, "Inès"),)),
    ],
    ids=["right", "day for month", "a brother's"],
)
def test_a_pupil_s_own_date_is_compared_with_theirs_only(
    typed: str, sign: Sign, hints: tuple[tuple[Hint, str], ...]
) -> None:
    lines = found(**{**PUPIL, "birth": {typed}})
    assert set(lines) == {Field.CHILD, Field.BIRTH}
    assert lines[Field.BIRTH] == Finding(Field.BIRTH, sign, hints)


def test_a_date_the_base_does_not_know_is_said_even_when_nothing_was_typed() -> None:
    lame = replace(SAMIRA, children=(("Inès", date(2014, 3, 4)), ("Hugo", None)))
    assert found(lame, births=set())[Field.BIRTHS] == Finding(
        Field.BIRTHS, Sign.ABSENT, ((Hint.NO_BIRTH_DATE, "Hugo"),)
    )
    own = replace(SAMIRA, children=(("Inès", None),))
    assert found(own, **PUPIL, birth={"2014-03-04"})[Field.BIRTH].hints == ((Hint.NO_BIRTH_DATE, "Inès"),)
