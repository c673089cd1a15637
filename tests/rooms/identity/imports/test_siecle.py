"""SIECLE files, tag by tag: the acceptance cases of the formats that concern one row."""

from datetime import date

import pytest

from preau.identity.imports import formats, siecle
from preau.identity.imports.causes import Doubt
from preau.identity.imports.records import Export
from tests.rooms.identity.imports.build import SchoolFiles, link, person, pupil

SCHOOL = SchoolFiles()


def pupils(school: SchoolFiles) -> Export:
    return formats.read([("Eleves.xml", school.eleves())])


def guardians(school: SchoolFiles) -> Export:
    return formats.read([("Responsables.xml", school.responsables())])


def doubts(export: Export) -> list[Doubt]:
    return [remark.doubt for remark in export.remarks]


def test_a_pupil_is_read_with_what_we_may_know_and_nothing_more():
    first = pupils(SCHOOL).pupils[0]
    assert (first.key, first.birth_name, first.first_name, first.ine) == ("500101", "BELKACEM", "Inès", "990000101DJ")
    assert (first.birth_on, first.entered_on, first.left_on) == (date(2014, 2, 3), date(2026, 9, 1), None)
    assert not {"nationality", "regime", "repeating", "grants", "dpps"} & set(first.__slots__)


def test_the_euro_era_letter_is_read_in_an_address():
    assert guardians(SCHOOL).addresses[0].lines == ("12 ALLÉE DES CŒURS-VAILLANTS", "99300 LE PRÉ-SOUS-BOIS")


def test_a_letter_the_exporter_lost_is_not_repaired():
    assert pupils(SCHOOL.with_pupil(0, NOM_DE_FAMILLE="KOŞLU")).pupils[0].birth_name == "KO?LU"


def test_before_2016_the_name_was_another_tag():
    old = SCHOOL.with_pupil(0, NOM_DE_FAMILLE=None, NOM="MOREAU").with_person(0, NOM_DE_FAMILLE=None, NOM="DUVAL")
    assert pupils(old).pupils[0].birth_name == "MOREAU"
    assert guardians(old).persons[0].birth_name == "DUVAL"


def test_the_used_name_is_kept_beside_the_birth_name():
    first = pupils(SCHOOL.with_pupil(0, NOM_USAGE="LE GOFF")).pupils[0]
    assert (first.birth_name, first.used_name) == ("BELKACEM", "LE GOFF")


@pytest.mark.parametrize("tags", [{"ID_NATIONAL": None}, {"ID_NATIONAL": ""}])
def test_a_pupil_may_have_no_national_number_yet(tags):
    assert pupils(SCHOOL.with_pupil(0, **tags)).pupils[0].ine == ""


def test_the_national_number_may_stand_in_its_newer_tag():
    assert pupils(SCHOOL.with_pupil(0, ID_NATIONAL=None, INE_RNIE="990000104df")).pupils[0].ine == "990000104DF"


def test_last_years_class_is_not_taken_for_the_current_one():
    export = pupils(SCHOOL)
    assert {row.pupil: row.divisions for row in export.placements}["500101"] == ("5E B",)


def test_a_division_code_keeps_its_inner_space_and_loses_those_around():
    export = pupils(SCHOOL.but(placements=[("500101", [(" 3  4 ", "D")])]))
    assert export.placements[0].divisions == ("3  4",)


def test_groups_are_no_divisions():
    assert pupils(SCHOOL.but(placements=[("500101", [("6ANG GR2", "G")])])).placements[0].divisions == ()


def test_the_division_called_inactifs_is_none():
    assert pupils(SCHOOL.but(placements=[("500101", [("Inactifs", "D")])])).placements[0].divisions == ()


def test_placements_may_come_before_pupils():
    document = SCHOOL.eleves()
    start, end = document.index(b"<STRUCTURES>"), document.index(b"</STRUCTURES>") + len(b"</STRUCTURES>")
    moved = document[:start].replace(b"<ELEVES>", document[start:end] + b"<ELEVES>") + document[end:]
    export = formats.read([("x", moved)])
    assert len(export.pupils) == len(export.placements) == 3


def test_a_date_that_is_no_day_is_reported():
    export = pupils(SCHOOL.with_pupil(0, DATE_NAISS="31/02/2014"))
    assert export.pupils[0].birth_on is None
    assert doubts(export) == [Doubt.UNREADABLE_DATE]


def test_an_exit_date_nobody_can_read_is_still_an_exit():
    assert pupils(SCHOOL.with_pupil(0, DATE_SORTIE="hier")).pupils[0].has_unreadable_exit


def test_a_repeated_given_name_is_no_trouble():
    assert pupils(SCHOOL.with_pupil(0, PRENOM2=["A", "B"])).pupils[0].first_name == "Inès"


@pytest.mark.parametrize(
    ("new", "old", "level", "is_legal"),
    [
        ("1", None, 1, True), ("2", None, 2, False), ("3", None, 3, False),
        (None, "1", 1, True), (None, "2", 1, True), (None, "0", 3, False),
        ("1", "1", 1, True), ("1", "2", 1, True), ("3", "0", 3, False), ("2", "0", 2, False),
    ],
)  # fmt: skip
def test_legal_is_what_every_level_present_says(new, old, level, is_legal):
    export = guardians(SCHOOL.but(links=[link("500101", "700201", new, RESP_LEGAL=old)]))
    assert (export.links[0].level, export.links[0].is_legal) == (level, is_legal)
    assert doubts(export) == []


@pytest.mark.parametrize(("new", "old"), [("1", "0"), ("3", "1"), ("2", "2")])
def test_levels_that_contradict_each_other_open_no_right(new, old):
    export = guardians(SCHOOL.but(links=[link("500101", "700201", new, RESP_LEGAL=old)]))
    assert not export.links[0].is_legal
    assert doubts(export) == [Doubt.LEVELS_DISAGREE]


@pytest.mark.parametrize("level", [None, "", "9", "LEGAL"])
def test_a_link_without_a_level_opens_no_right(level):
    export = guardians(SCHOOL.but(links=[link("500101", "700201", level)]))
    assert (export.links[0].level, export.links[0].is_legal) == (0, False)
    assert doubts(export) == [Doubt.NO_LEVEL]


@pytest.mark.parametrize(
    ("code", "kinship"),
    [("10", "10"), ("20", "20"), ("1", "20"), ("2", "10"), ("5", "51"), ("7", "70"), ("70", "70"), ("", ""), ("x", "")],
)
def test_a_mother_is_10_today_and_was_2_yesterday(code, kinship):
    assert siecle.kinship(code) == kinship


@pytest.mark.parametrize(
    ("written", "title"), [("M.", "M."), ("MME", "MME"), ("MLLE", "MME"), ("Madame", "MME"), (None, ""), ("DR", "")]
)
def test_civilities_are_two(written, title):
    assert guardians(SCHOOL.with_person(0, LC_CIVILITE=written)).persons[0].title == title


def test_phones_come_mobile_first_whatever_their_box():
    tags = {"TEL_PERSONNEL": "0199000021", "TEL_PORTABLE": "", "TEL_PROFESSIONNEL": "0639980044"}
    assert guardians(SCHOOL.with_person(0, **tags)).persons[0].phones == ("0199000021", "0639980044")


def test_a_foreign_address_has_its_town_and_its_country():
    belgian = {
        "@": "300001",
        "LIGNE1_ADRESSE": "3 GROTE MARKT",
        "COMMUNE_ETRANGERE": "1000 BRUXELLES",
        "CODE_PAYS": "131",
        "LL_PAYS": "BELGIQUE",
    }
    assert guardians(SCHOOL.but(addresses=[belgian])).addresses[0].lines == (
        "3 GROTE MARKT",
        "1000 BRUXELLES",
        "BELGIQUE",
    )


def test_the_profession_is_never_read():
    assert b"CODE_PROFESSION" in SCHOOL.responsables()
    assert "43" not in repr(guardians(SCHOOL).persons[0])


def test_hostile_names_are_kept_as_words():
    hostile = "<b>O'HARA</b> =1+1 \u202e #text"
    export = formats.read([("x", SCHOOL.but(pupils=[pupil("1", hostile, "Zoé", "01/01/2014")]).eleves("UTF-8"))])
    assert export.pupils[0].birth_name == "<b>O'HARA</b> =1+1 #text"


def test_a_division_says_its_grade():
    export = formats.read([("s", SCHOOL.structures()), ("n", SCHOOL.nomenclature())])
    assert [(row.code, row.label) for row in export.divisions] == [("5E B", "CINQUIEME B"), ("6E A", "SIXIEME A")]
    assert export.grades["10110001110"] == "2112"


def test_the_school_of_communs_is_the_block_not_the_text():
    (row,) = formats.read([("c", SCHOOL.communs())]).schools
    assert (row.name, row.kind, row.town) == ("COLLEGE ÉLISE-DEROCHE", "lower_secondary", "LE PRÉ-SOUS-BOIS")


def test_a_person_without_civility_is_read():
    body = person("700204", "AIDE SOCIALE A L'ENFANCE", "SERVICE", LC_CIVILITE=None)
    assert guardians(SCHOOL.but(persons=[body])).persons[0].title == ""
