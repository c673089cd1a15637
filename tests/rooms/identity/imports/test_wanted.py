"""What a base says under our rules: the acceptance cases that concern several rows."""

from dataclasses import replace
from datetime import date

import pytest

from preau.identity.imports.causes import Doubt
from preau.identity.imports.plan import Deed, Of, Plan
from preau.identity.imports.snapshot import Snapshot
from tests.rooms.identity.imports.build import link, mandate, person, staff
from tests.rooms.identity.imports.plans import NOTHING, SCHOOL, after, doubts, elsewhere, one, plan


# Pupils --------------------------------------------------------------------------------------------------------------
def test_a_pupil_without_ine_is_imported_and_reported():
    made = plan(SCHOOL.with_pupil(0, ID_NATIONAL=None))
    assert one(made, Of.PUPIL, "500101").after.ine is None
    assert doubts(made)[Doubt.NO_INE] == ["500101"]


def test_an_ine_once_known_is_not_forgotten_by_a_silent_base():
    assert plan(SCHOOL.with_pupil(0, ID_NATIONAL=None), after(SCHOOL)).of(Of.PUPIL) == []


def test_an_ine_with_a_wrong_key_is_only_a_warning():
    made = plan(SCHOOL.with_pupil(0, ID_NATIONAL="990000101AA"))
    assert one(made, Of.PUPIL, "500101").after.ine == "990000101AA"
    assert doubts(made)[Doubt.WRONG_INE] == ["500101"]


def test_what_is_no_ine_at_all_is_not_kept_as_one():
    made = plan(SCHOOL.with_pupil(0, ID_NATIONAL="9999999C"))
    assert one(made, Of.PUPIL, "500101").after.ine is None
    assert doubts(made)[Doubt.WRONG_INE] == ["500101"]


def test_a_pupil_without_birth_date_is_reported():
    assert doubts(plan(SCHOOL.with_pupil(0, DATE_NAISS=None)))[Doubt.NO_BIRTH_DATE] == ["500101"]


def test_a_lost_letter_is_reported_and_not_repaired():
    made = plan(SCHOOL.with_pupil(0, NOM_DE_FAMILLE="KOŞLU"))
    assert one(made, Of.PUPIL, "500101").after.birth_name == "KO?LU"
    assert doubts(made)[Doubt.LOST_LETTERS] == ["500101"]


def test_homonyms_are_reported_and_stay_two():
    made = plan(SCHOOL.with_pupil(1, PRENOM="INES", DATE_NAISS="03/02/2014"))
    assert doubts(made)[Doubt.HOMONYM_PUPILS] == ["500101", "500102"]
    assert len(made.of(Of.PUPIL, Deed.CREATE)) == 3


def test_an_active_pupil_without_division_is_kept_and_reported():
    made = plan(SCHOOL.but(placements=SCHOOL.placements[:2]))
    assert one(made, Of.PUPIL, "500103").after.division == ""
    assert doubts(made)[Doubt.NO_DIVISION] == ["500103"]


def test_a_division_the_structures_do_not_list_is_created_under_its_code():
    made = plan(SCHOOL.but(placements=[*SCHOOL.placements[:2], ("500103", [("5E C", "D")])]))
    assert one(made, Of.DIVISION, "5E C").after.label == "5E C"
    assert doubts(made)[Doubt.UNLISTED_DIVISION] == ["5E C"]


def test_several_divisions_the_first_code_wins():
    made = plan(SCHOOL.but(placements=[*SCHOOL.placements[:2], ("500103", [("6E A", "D"), ("5E B", "D")])]))
    assert one(made, Of.PUPIL, "500103").after.division == "5E B"
    assert doubts(made)[Doubt.SEVERAL_DIVISIONS] == ["500103"]


def test_placements_twice_or_of_nobody_are_reported():
    made = plan(SCHOOL.but(placements=[*SCHOOL.placements, SCHOOL.placements[0], ("999999", [("5E B", "D")])]))
    assert doubts(made)[Doubt.PLACED_TWICE] == ["500101"]
    assert doubts(made)[Doubt.PLACEMENT_OF_UNKNOWN] == ["999999"]


def test_a_division_that_structures_no_longer_list_is_removed():
    made = plan(SCHOOL.but(divisions=SCHOOL.divisions[:1], placements=SCHOOL.placements[::2]), after(SCHOOL))
    assert [change.key for change in made.of(Of.DIVISION, Deed.REMOVE)] == [("6E A",)]


def test_a_known_number_that_names_somebody_else_is_left_aside():
    stranger = {"ID_NATIONAL": "990000104DF", "NOM_DE_FAMILLE": "AUTRE", "PRENOM": "Paul", "DATE_NAISS": "01/01/2013"}
    made = plan(SCHOOL.with_pupil(0, **stranger), after(SCHOOL))
    assert made.of(Of.PUPIL) == []
    assert doubts(made)[Doubt.OTHER_PUPIL_UNDER_KEY] == ["500101"]


# Two schools ---------------------------------------------------------------------------------------------------------
def test_a_pupil_of_another_school_is_the_same_pupil():
    made = plan(SCHOOL, elsewhere())
    assert one(made, Of.PUPIL, "500101").pupil == 77
    assert doubts(made)[Doubt.IN_TWO_SCHOOLS] == ["500101"]


def test_while_the_old_school_has_not_released_the_pupil_it_keeps_the_last_word():
    made = plan(SCHOOL.with_pupil(0, PRENOM="Inès-Zoé"), elsewhere())
    assert one(made, Of.PUPIL, "500101").after.first_name == "Inès"


@pytest.mark.parametrize("change", [{"birth_on": date(2014, 2, 4)}, {"birth_name": "AUTRE"}, {"first_name": "Paul"}])
def test_an_ine_held_by_somebody_else_is_not_taken(change):
    made = plan(SCHOOL, elsewhere(**change))
    arrived = one(made, Of.PUPIL, "500101")
    assert (arrived.pupil, arrived.after.ine) == (0, None)
    assert doubts(made)[Doubt.INE_OF_ANOTHER] == ["500101"]


# Guardians and links -------------------------------------------------------------------------------------------------
def test_links_to_unknown_pupils_and_persons_are_refused_and_listed():
    made = plan(SCHOOL.but(links=[*SCHOOL.links, link("999999", "700201"), link("500101", "799999")]))
    assert doubts(made)[Doubt.LINK_TO_UNKNOWN_PUPIL] == ["700201>999999"]
    assert doubts(made)[Doubt.LINK_TO_UNKNOWN_PERSON] == ["799999>500101"]
    assert len(made.of(Of.LINK)) == 4


def test_a_guardians_file_alone_gives_no_right_on_pupils_nobody_knows():
    made = plan(SCHOOL, files=[("r", SCHOOL.responsables())])
    assert len(doubts(made)[Doubt.LINK_TO_UNKNOWN_PUPIL]) == 4
    assert (made.of(Of.LINK), made.counts["legal_guardians"]) == ([], 0)


def test_a_person_linked_to_nobody_is_reported():
    made = plan(SCHOOL.but(persons=[*SCHOOL.persons, person("700299", "ORPHELIN", "Lien", "+33639980099")]))
    assert doubts(made)[Doubt.PERSON_WITHOUT_PUPIL] == ["700299"]


def test_three_legal_guardians_are_imported_and_reported():
    third = SCHOOL.but(
        persons=[*SCHOOL.persons, person("700204", "TROIS", "Ana", "+33639980024")],
        links=[*SCHOOL.links, link("500103", "700204", kinship="50")],
    )
    made = plan(third)
    assert made.counts["legal_guardians"] == 4
    assert doubts(made)[Doubt.MANY_GUARDIANS] == ["500103"]


def test_a_pupil_without_legal_guardian_is_reported():
    assert doubts(plan(SCHOOL.with_link(0, NIVEAU_RESPONSABILITE="3")))[Doubt.NO_GUARDIAN] == ["500101"]


def test_a_guardian_whose_only_pupils_left_has_no_account():
    assert plan(SCHOOL.with_pupil(2, DATE_SORTIE="05/07/2026")).counts["guardians_with_account"] == 1


def test_contradictory_levels_open_no_right():
    made = plan(SCHOOL.with_link(2, RESP_LEGAL="0"))
    assert not one(made, Of.LINK, "700202", "500103").after.is_legal
    assert doubts(made)[Doubt.LEVELS_DISAGREE] == ["700202>500103"]


def test_a_link_written_twice_keeps_the_least_favourable():
    for pair in (
        [link("500101", "700201"), link("500101", "700201", "3")],
        [link("500101", "700201", "3"), link("500101", "700201")],
    ):
        made = plan(SCHOOL.but(links=pair))
        assert not one(made, Of.LINK, "700201", "500101").after.is_legal
        assert doubts(made)[Doubt.LINK_TWICE] == ["700201>500101"]


def test_a_body_is_marked_and_has_no_account():
    made = plan(SCHOOL.with_link(2, CODE_PARENTE="51"))
    assert one(made, Of.GUARDIAN, "700202").after.is_body
    assert doubts(made)[Doubt.BODY] == ["700202"]
    assert (made.counts["legal_guardians"], made.counts["guardians_with_account"]) == (3, 2)


def self_guardian(born: str, first_name: str = "Adama") -> Plan:
    own = person("700204", "COULIBALY", first_name, "+33639980024")
    return plan(
        SCHOOL.with_pupil(2, DATE_NAISS=born).but(
            persons=[*SCHOOL.persons, own], links=[*SCHOOL.links, link("500103", "700204", kinship="70")]
        )
    )


def test_an_adult_pupil_answers_for_themselves_under_one_single_sign_in():
    made = self_guardian("01/11/2008")
    assert one(made, Of.LINK, "700204", "500103").after.is_legal
    assert (made.counts["legal_guardians"], made.counts["guardians_with_account"]) == (4, 3)


def test_a_minor_never_answers_for_themselves():
    made = self_guardian("25/11/2008")
    assert not one(made, Of.LINK, "700204", "500103").after.is_legal
    assert doubts(made)[Doubt.SELF_GUARDIAN_MINOR] == ["700204>500103"]


def test_nobody_else_is_the_pupil():
    made = self_guardian("01/11/2008", first_name="Moussa")
    assert not one(made, Of.LINK, "700204", "500103").after.is_legal
    assert doubts(made)[Doubt.SELF_GUARDIAN_OTHER_NAME] == ["700204>500103"]


def test_shared_mobiles_mails_and_names_are_reported_never_merged():
    shared = SCHOOL.with_person(
        1, TEL_PORTABLE="0639980021", MEL="Samira.Belkacem@example.org", NOM_DE_FAMILLE="Belkacem", PRENOM="SAMIRA"
    )
    made = plan(shared)
    for doubt in (Doubt.SHARED_MOBILE, Doubt.SHARED_EMAIL, Doubt.HOMONYM_GUARDIANS):
        assert doubts(made)[doubt] == ["700201", "700202"]
    assert len(made.of(Of.GUARDIAN, Deed.CREATE)) == 3


def test_unusable_phones_and_mails_are_reported():
    made = plan(SCHOOL.with_person(0, TEL_PORTABLE="99 99 99 99 99", MEL="samira(at)example"))
    facts = one(made, Of.GUARDIAN, "700201").after
    assert (facts.mobile, facts.mobile_given, facts.email) == ("", "99 99 99 99 99", "")
    assert doubts(made)[Doubt.UNREADABLE_MOBILE] == doubts(made)[Doubt.UNREADABLE_EMAIL] == ["700201"]


def test_a_mobile_in_the_home_box_is_a_mobile():
    made = plan(SCHOOL.with_person(0, TEL_PORTABLE="01 99 00 00 21", TEL_PERSONNEL="06 39 98 00 21"))
    facts = one(made, Of.GUARDIAN, "700201").after
    assert (facts.mobile, facts.phone) == ("+33639980021", "+33199000021")


def test_an_empty_value_never_erases_what_the_holder_proved():
    known = after(SCHOOL)
    known.known_guardians["700201"] = replace(
        known.known_guardians["700201"], proven=frozenset({"samira.belkacem@example.org"})
    )
    made = plan(SCHOOL.with_person(0, MEL="", TEL_PORTABLE=""), known)
    facts = one(made, Of.GUARDIAN, "700201").after
    assert (facts.email, facts.mobile) == ("samira.belkacem@example.org", "")
    assert doubts(made)[Doubt.CONTACT_KEPT] == ["700201"]


def test_a_link_that_vanished_from_a_complete_file_ends_and_may_come_back():
    known = after(SCHOOL)
    made = plan(SCHOOL.but(links=SCHOOL.links[:3]), known)
    (change,) = made.of(Of.LINK)
    assert (change.deed, change.after.is_ended, change.after.opens_a_right) == (Deed.LEAVE, True, False)
    known.links[change.key] = change.after
    assert [one.deed for one in plan(SCHOOL, known).of(Of.LINK)] == [Deed.RETURN]


# Staff ---------------------------------------------------------------------------------------------------------------
def tutors(*blocks, known: Snapshot = NOTHING) -> Plan:
    return plan(SCHOOL.but(people=[staff("9301", "epp", "KERVELLA", "Maïwenn", tutor_of=list(blocks))]), known)


def test_an_ended_mandate_gives_nothing():
    made = tutors(mandate("5E B", end="2026-11-23"))
    assert made.of(Of.TUTOR) == []
    assert doubts(made)[Doubt.ENDED_MANDATE] == ["epp:9301"]


def test_a_mandate_is_in_force_until_its_last_day_included():
    assert tutors(mandate("5E B", end="2026-11-24")).counts["form_tutors"] == 1


def test_a_mandate_to_come_is_kept_and_not_counted():
    made = tutors(mandate("5E B", start="2027-01-04"))
    assert (len(made.of(Of.TUTOR)), made.counts["form_tutors"]) == (1, 0)


def test_the_tutor_of_an_unknown_division_is_reported():
    made = tutors(mandate("3E Z"))
    assert made.of(Of.TUTOR) == []
    assert doubts(made)[Doubt.UNKNOWN_DIVISION_OF_TUTOR] == ["epp:9301"]


def test_who_no_longer_stands_in_the_file_is_gone_and_their_mandate_with_them():
    made = plan(SCHOOL.but(people=SCHOOL.people[1:]), after(SCHOOL))
    assert [(change.key, change.deed) for change in made.of(Of.STAFF)] == [(("epp", "9301"), Deed.LEAVE)]
    assert [(change.key, change.deed) for change in made.of(Of.TUTOR)] == [(("epp", "9301", "5E B"), Deed.REMOVE)]


def test_a_person_without_function_has_no_right_and_is_reported():
    assert doubts(plan(SCHOOL.but(people=[staff("1", "epp", "A", "B", None)])))[Doubt.NO_FUNCTION] == ["epp:1"]


def test_the_same_staff_key_twice_keeps_the_first():
    made = plan(SCHOOL.but(people=[staff("1", "epp", "A", "B"), staff("1", "epp", "C", "D")]))
    assert one(made, Of.STAFF, "epp", "1").after.surname == "A"
    assert doubts(made)[Doubt.SAME_STAFF_KEY] == ["epp:1"]
