"""Records against the directory: the plan, without any database. The acceptance cases that concern several rows."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preau.clock import PARIS
from preau.identity.imports import formats
from preau.identity.imports.causes import Cause, Doubt, Refused
from preau.identity.imports.plan import WATCHED_AT_MOST, Deed, Of, Plan, Watch
from preau.identity.imports.reconcile import reconcile
from preau.identity.imports.records import Kind
from preau.identity.imports.snapshot import Elsewhere, Known, PupilFacts, Snapshot
from tests.rooms.identity.imports.build import OTHER_UAI, UAI, SchoolFiles, link, mandate, person, pupil, staff

DAY = date(2026, 11, 24)
SCHOOL = SchoolFiles()
NOTHING = Snapshot(UAI)


def plan(school: SchoolFiles, known: Snapshot = NOTHING, *, day: date = DAY, year: int = 2026, files=None) -> Plan:
    export = formats.read(files or school.all())
    return reconcile(export, known, year=year, day=day, demo_numbers=True)


def after(school: SchoolFiles, *, day: date = DAY, active: tuple[str, ...] = ()) -> Snapshot:
    """The directory once a school's files are applied; `active`: guardians who have an active account."""
    made = plan(school, Snapshot(UAI), day=day)
    known = Snapshot(UAI, school=made.of(Of.SCHOOL)[0].after)
    for change in made.changes:
        match change.of:
            case Of.DIVISION:
                known.divisions[change.key[0]] = change.after
            case Of.PUPIL:
                known.pupils[change.key[0]] = change.after
                known.known_pupils[change.key[0]] = Known(pupil=int(change.key[0]), enrolment=int(change.key[0]))
            case Of.GUARDIAN:
                key = change.key[0]
                known.guardians[key] = change.after
                known.known_guardians[key] = Known(guardian=int(key), account=int(key), is_active=key in active)
            case Of.LINK:
                known.links[change.key] = change.after
            case Of.STAFF:
                known.staff[change.key] = change.after
            case Of.TUTOR:
                known.tutors[change.key] = change.after
    return known


def refused(school: SchoolFiles, known: Snapshot = NOTHING, **more) -> Refused:
    with pytest.raises(Refused) as caught:
        plan(school, known, **more)
    return caught.value


def doubts(made: Plan) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for remark in made.remarks:
        found.setdefault(remark.doubt, []).append(remark.key)
    return found


def one(made: Plan, of: Of, *key: str):
    (found,) = [change for change in made.of(of) if change.key == key]
    return found


# A first import -------------------------------------------------------------------------------------------------------
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


# The same again -------------------------------------------------------------------------------------------------------
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


# School, year, age of the files ---------------------------------------------------------------------------------------
def test_the_files_of_another_school_are_refused():
    error = refused(SCHOOL.but(uai=OTHER_UAI))
    assert (error.cause, error.facts) == (Cause.OTHER_SCHOOL, {"given": OTHER_UAI, "expected": UAI})


def test_files_of_two_schools_together_are_refused():
    files = [*SCHOOL.people_files()[:1], *SCHOOL.but(uai=OTHER_UAI).people_files()[1:]]
    assert refused(SCHOOL, files=files).cause is Cause.SEVERAL_SCHOOLS


def test_the_files_of_another_year_are_refused_unless_that_year_is_asked():
    assert refused(SCHOOL, year=2025).cause is Cause.OTHER_YEAR
    assert plan(SCHOOL.but(year=2025), year=2025).year == 2025


def test_files_of_two_years_together_are_refused():
    files = [*SCHOOL.people_files()[:1], *SCHOOL.but(year=2027).people_files()[1:]]
    assert refused(SCHOOL, files=files).cause is Cause.SEVERAL_YEARS


def test_a_file_older_than_the_last_one_of_its_kind_is_refused():
    known = after(SCHOOL)
    known.exported = {Kind.PUPILS: datetime(2026, 11, 24, 9, 0, tzinfo=PARIS)}
    error = refused(SCHOOL, known)
    assert (error.cause, error.file) == (Cause.OLDER_EXPORT, "ExportXML_ElevesSansAdresses.zip")


def test_a_file_of_another_kind_may_be_older():
    known = after(SCHOOL)
    known.exported = {Kind.PUPILS: datetime(2026, 11, 24, 9, 0, tzinfo=PARIS)}
    assert plan(SCHOOL, known, files=[("Structures.xml", SCHOOL.structures())]).is_empty


def test_a_base_without_pupils_is_refused():
    assert refused(SCHOOL.but(pupils=[])).cause is Cause.NO_PUPIL


def test_two_pupils_with_one_internal_number_are_refused():
    twins = [pupil("1", "A", "B", "01/01/2014"), pupil("1", "C", "D", "01/01/2014")]
    assert refused(SCHOOL.but(pupils=twins)).cause is Cause.SAME_PUPIL_KEY


def test_two_persons_with_one_internal_number_are_refused():
    assert refused(SCHOOL.but(persons=[person("1", "A", "B"), person("1", "C", "D")])).cause is Cause.SAME_PERSON_KEY


def test_two_pupils_with_one_ine_are_refused():
    error = refused(SCHOOL.with_pupil(1, ID_NATIONAL="990000101dj"))
    assert (error.cause, error.facts["keys"]) == (Cause.SAME_INE, "500101, 500102")


# Leaving and coming back ----------------------------------------------------------------------------------------------
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


def crowd(size: int) -> SchoolFiles:
    pupils = [pupil(str(500000 + n), f"NOM{n}", "Zoé", "03/02/2014") for n in range(size)]
    persons = [person(str(700000 + n), f"PERE{n}", "Léo") for n in range(size)]
    links = [link(str(500000 + n), str(700000 + n)) for n in range(size)]
    placements = [(str(500000 + n), [("5E B", "D")]) for n in range(size)]
    return SCHOOL.but(pupils=pupils, persons=persons, links=links, placements=placements)


def test_a_base_that_loses_more_than_a_fifth_asks_for_a_confirmation():
    known = after(crowd(50))
    assert plan(crowd(39), known).shrinking == {"pupils": (50, 39), "guardians": (50, 39)}
    assert plan(crowd(40), known).shrinking == {}


def test_a_filtered_file_of_guardians_asks_for_a_confirmation_too():
    whole = crowd(50)
    filtered = whole.but(persons=whole.persons[:30], links=whole.links[:30])
    assert plan(filtered, after(whole)).shrinking == {"guardians": (50, 30)}


# Pupils ---------------------------------------------------------------------------------------------------------------
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


# Two schools ----------------------------------------------------------------------------------------------------------
def elsewhere(**changes) -> Snapshot:
    facts = replace(one(plan(SCHOOL), Of.PUPIL, "500101").after, **changes)
    return Snapshot(UAI, elsewhere={"990000101DJ": Elsewhere(77, facts, (OTHER_UAI,), (5,))})


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


# Guardians and links --------------------------------------------------------------------------------------------------
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


# Staff ----------------------------------------------------------------------------------------------------------------
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


# Nobody is smuggled in (design §6.5) ----------------------------------------------------------------------------------
def newcomer(school: SchoolFiles = SCHOOL) -> SchoolFiles:
    return school.but(
        persons=[*school.persons, person("700209", "INTRUS", "Paul", "+33639980029")],
        links=[*school.links, link("500101", "700209", kinship="90")],
    )


def test_a_new_guardian_beside_an_active_one_is_watched_and_the_active_one_told():
    made = plan(newcomer(), after(SCHOOL, active=("700201",)))
    (watched,) = made.watched
    assert (watched.why, watched.guardian, watched.pupil, watched.told) == (
        Watch.GUARDIAN_ADDED,
        "700209",
        "500101",
        (700201,),
    )


def test_a_new_guardian_beside_nobody_active_is_not_watched():
    assert plan(newcomer(), after(SCHOOL)).watched == []


def test_a_contact_who_becomes_a_legal_guardian_is_watched():
    before = SCHOOL.with_link(3, NIVEAU_RESPONSABILITE="3")
    (watched,) = plan(SCHOOL, after(before, active=("700202",))).watched
    assert (watched.why, watched.guardian) == (Watch.GUARDIAN_ADDED, "700203")


@pytest.mark.parametrize(
    "tags", [{"TEL_PORTABLE": "+33639980077"}, {"MEL": "x@example.org"}, {"NOM_DE_FAMILLE": "AUTRE"}]
)
def test_a_guardian_who_changes_beside_an_active_one_is_watched(tags):
    made = plan(SCHOOL.with_person(2, **tags), after(SCHOOL, active=("700202",)))
    (watched,) = made.watched
    assert (watched.why, watched.guardian, watched.told) == (Watch.GUARDIAN_CHANGED, "700203", (700202,))


def test_an_active_guardian_whose_mobile_or_mail_changes_is_warned():
    tags = {"TEL_PORTABLE": "+33639980077", "MEL": ""}
    (watched,) = plan(SCHOOL.with_person(0, **tags), after(SCHOOL, active=("700201",))).watched
    assert (watched.why, watched.told, watched.channels) == (Watch.CONTACT_CHANGED, (700201,), ("email", "mobile"))


def test_an_address_that_changes_is_nobodys_business():
    moved = SCHOOL.with_person(0, ADRESSE_ID="0")
    made = plan(moved, after(SCHOOL, active=("700201", "700202")))
    assert (len(made.changes), made.watched) == (1, [])


def test_a_guardian_of_a_transferred_pupil_is_watched_by_those_of_the_old_school():
    (watched,) = plan(SCHOOL, elsewhere()).watched
    assert (watched.why, watched.guardian, watched.told) == (Watch.GUARDIAN_ADDED, "700201", (5,))


def test_above_a_number_of_watched_changes_a_second_person_must_look():
    whole = crowd(WATCHED_AT_MOST + 1)
    known = after(whole, active=tuple(str(one["@"]) for one in whole.persons))
    calm = [{**one, "TEL_PORTABLE": "+33639980077"} for one in whole.persons[:-1]] + whole.persons[-1:]
    busy = [{**one, "TEL_PORTABLE": "+33639980077"} for one in whole.persons]
    first = after(whole.but(persons=[{**one, "TEL_PORTABLE": "+33639980011"} for one in whole.persons]))
    first.known_guardians = known.known_guardians
    calm = [{**one, "TEL_PORTABLE": "+33639980011"} if n == 0 else one for n, one in enumerate(busy)]
    assert not plan(whole.but(persons=calm), first).needs_second_person
    assert plan(whole.but(persons=busy), first).needs_second_person


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
