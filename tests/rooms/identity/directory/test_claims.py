"""Whose record somebody claims: rules alone, no database."""

from datetime import date

import pytest

from preau.identity.directory.claims import Agreement, Child, Named, Record, agreement, claimed, proven

INES, HUGO, LINA = date(2014, 3, 14), date(2015, 8, 27), date(2012, 1, 2)


def record(guardian: int = 1, **more: object) -> Record:
    facts: dict[str, object] = {
        "account": guardian, "guardian": guardian, "school": "0991234D", "birth_name": "BELKACEM", "used_name": "",
        "first_name": "Samira", "title": "MME", "children": frozenset({Child(1, INES, "10"), Child(2, HUGO, "10")}),
    }  # fmt: skip
    return Record(**{**facts, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("surname", "first_name", "expected"),
    [
        ("Belkacem", "Samira", Agreement.EXACT),
        (" belkacem ", "SAMIRA", Agreement.EXACT),
        ("Belkacem-Martin", "Samira", Agreement.CLOSE),
        ("Belkacem", "Samira Nour", Agreement.CLOSE),
        ("Samira", "Belkacem", Agreement.CLOSE),
        ("Belkacem", "Yanis", Agreement.NONE),
        ("Martin", "Samira", Agreement.NONE),
        ("Bel", "Samira", Agreement.NONE),
        ("", "Samira", Agreement.NONE),
        ("Belkacem", "", Agreement.NONE),
    ],
)
def test_a_name_agrees_as_people_write_names(surname: str, first_name: str, expected: Agreement) -> None:
    assert agreement(record(), Named.typed(surname, first_name)) is expected


def test_hyphens_apostrophes_and_spaces_do_not_count() -> None:
    whose = record(birth_name="LE GOFF-N'DIAYE", first_name="Jean-Paul")
    assert agreement(whose, Named.typed("Le Goff N’Diaye", "JeanPaul")) is Agreement.EXACT


def test_a_particle_alone_is_nobody() -> None:
    assert agreement(record(birth_name="LE GOFF"), Named.typed("Le", "Samira")) is Agreement.NONE


def test_birth_name_and_used_name_are_both_hers() -> None:
    whose = record(birth_name="HADDAD", used_name="BELKACEM")
    assert agreement(whose, Named.typed("Haddad", "Samira")) is Agreement.EXACT
    assert agreement(whose, Named.typed("Belkacem", "Samira")) is Agreement.EXACT


def test_a_civility_that_contradicts_the_record_is_somebody_else() -> None:
    who = Named(frozenset({"BELKACEM"}), frozenset({"SAMIRA"}), title="M.")
    assert agreement(record(), who) is Agreement.NONE
    assert agreement(record(title=""), who) is Agreement.EXACT


def test_of_two_guardians_with_one_number_the_name_chooses() -> None:
    mother, father = record(1), record(2, first_name="Karim", title="M.")
    assert claimed([mother, father], Named.typed("Belkacem", "Karim")) == (father,)


def test_a_close_name_never_outdoes_an_exact_one() -> None:
    daughter, mother = record(1, first_name="Marie"), record(2, first_name="Marie-Claire")
    assert claimed([mother, daughter], Named.typed("Belkacem", "Marie")) == (daughter,)


def test_where_one_person_alone_was_found_the_first_name_is_enough() -> None:
    # Her name at birth, which the base lacks; a double name of which the base has the other half.
    assert claimed([record()], Named.typed("Haddad", "Samira")) == (record(),)
    assert claimed([record(), record(2, school="0990002P")], Named.typed("Haddad", "Samira")) == (
        record(),
        record(2, school="0990002P"),
    )


def test_one_person_written_twice_under_two_surnames_is_one() -> None:
    again = record(2, birth_name="MARTIN", children=frozenset({Child(3, LINA, "10")}))
    assert claimed([record(), again], Named.typed("Belkacem", "Samira")) == (record(), again)
    assert claimed([record(), again], Named.typed("Haddad", "Samira")) == (record(), again)
    # Never two guardians of one pupil, nor another civility, nor another first name.
    for other in (
        record(2, birth_name="MARTIN"),
        record(2, birth_name="MARTIN", title="M.", children=frozenset({Child(3, LINA, "20")})),
        record(2, birth_name="MARTIN", first_name="Nadia", children=frozenset({Child(3, LINA, "10")})),
    ):
        assert claimed([record(), other], Named.typed("Belkacem", "Samira")) == (record(),)


def test_another_first_name_beside_or_another_civility_and_nobody_is_chosen() -> None:
    assert claimed([record()], Named.typed("Haddad", "Nadia")) == ()
    assert claimed([record()], Named.typed("Haddad", "Samira Nour")) == ()
    assert claimed([record(), record(2, first_name="Yanis", title="M.")], Named.typed("Haddad", "Samira")) == ()
    assert claimed([record(), record(2)], Named.typed("Haddad", "Samira")) == (), "two guardians of one child"
    contradicted = Named(frozenset({"HADDAD"}), frozenset({"SAMIRA"}), title="M.")
    assert claimed([record()], contradicted) == ()
    assert claimed([], Named.typed("Haddad", "Samira")) == ()


def test_two_homonyms_who_answer_for_the_same_child_are_two_people_and_nobody_is_chosen() -> None:
    father, son = (
        record(1, children=frozenset({Child(1, INES, "20")})),
        record(2, children=frozenset({Child(1, INES, "40")})),
    )
    assert claimed([father, son], Named.typed("Belkacem", "Samira")) == ()


def test_one_person_written_twice_in_one_school_for_two_siblings_may_be_one() -> None:
    for_ines, for_hugo = (
        record(1, children=frozenset({Child(1, INES)})),
        record(2, children=frozenset({Child(2, HUGO)})),
    )
    both = claimed([for_ines, for_hugo], Named.typed("Belkacem", "Samira"))
    assert proven(both, frozenset({INES, HUGO})) == {1, 2}
    assert proven(both, frozenset({INES})) == {1}
    assert proven(both, frozenset({INES, LINA})) == frozenset()


def test_a_transfer_brings_one_guardian_twice() -> None:
    here, there = record(1), record(2, school="0990002P")
    both = claimed([here, there], Named.typed("Belkacem", "Samira"))
    assert proven(both, frozenset({INES, HUGO})) == {1, 2}


def test_two_civilities_are_two_people() -> None:
    one, other = (
        record(1, children=frozenset({Child(1, INES)})),
        record(2, title="M.", school="0990002P", children=frozenset({Child(3, LINA)})),
    )
    assert claimed([one, other], Named.typed("Belkacem", "Samira")) == ()


@pytest.mark.parametrize("dates", [{INES}, {HUGO}, {INES, LINA}, {INES, HUGO, LINA}, set()])
def test_all_the_birth_dates_and_no_other(dates: set[date]) -> None:
    assert proven([record()], frozenset(dates)) == frozenset()


def test_a_child_without_a_birth_date_is_for_the_counter() -> None:
    lost = record(children=frozenset({Child(1, INES), Child(2, None)}))
    assert proven([lost], frozenset({INES})) == frozenset()


def test_who_has_no_child_left_proves_nothing() -> None:
    assert proven([record(children=frozenset())], frozenset({INES})) == frozenset()


def test_when_one_set_opens_two_accounts_nothing_opens() -> None:
    """Both accounts have the same dates and a third has others: it is not known which is meant."""
    one, two, three = (
        record(1, children=frozenset({Child(1, INES)})),
        record(2, school="0990002P", children=frozenset({Child(3, INES)})),
        record(3, school="0990003R", children=frozenset({Child(4, LINA)})),
    )
    assert proven([one, two, three], frozenset({INES})) == frozenset()
