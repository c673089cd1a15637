"""STS-Web files."""

from datetime import date

from preau.identity.imports import formats
from preau.identity.imports.causes import Doubt
from tests.rooms.identity.imports.build import SchoolFiles, mandate, staff

SCHOOL = SchoolFiles()


def read(school: SchoolFiles):
    return formats.read([("sts.xml", school.sts())])


def test_two_people_may_share_a_number_under_two_types():
    assert [(row.kind, row.key) for row in read(SCHOOL).staff] == [("epp", "9301"), ("dir", "12"), ("local", "12")]


def test_a_form_tutor_is_read_with_both_days_of_the_mandate():
    (tutor,) = read(SCHOOL).tutors
    assert (tutor.division, tutor.starts_on, tutor.ends_on) == ("5E B", date(2026, 9, 1), date(2027, 8, 31))


def test_a_mandate_without_dates_is_read():
    (tutor,) = read(SCHOOL.but(people=[staff("1", "epp", "A", "B", tutor_of=[mandate("5E B", None, None)])])).tutors
    assert (tutor.starts_on, tutor.ends_on) == (None, None)


def test_a_mandate_with_a_wrong_date_is_reported():
    export = read(SCHOOL.but(people=[staff("1", "epp", "A", "B", tutor_of=[mandate("5E B", "2026-13-45")])]))
    assert [remark.doubt for remark in export.remarks] == [Doubt.UNREADABLE_DATE]


def test_the_used_name_is_kept_only_when_it_differs():
    row = {**staff("1", "epp", "KERVELLA", "Maïwenn"), "NOM_PATRONYMIQUE": "LE BRAS"}
    (first,) = read(SCHOOL.but(people=[row])).staff
    assert (first.birth_name, first.used_name) == ("LE BRAS", "KERVELLA")
    assert read(SCHOOL).staff[0].used_name == ""


def test_the_school_and_its_academy_are_read():
    (row,) = read(SCHOOL).schools
    assert (row.academy, row.academy_name, row.kind, row.phone) == ("099", "FICTIVE", "lower_secondary", "0199001234")


def test_the_code_inside_counts_whatever_the_name_of_the_file():
    assert formats.read([("sts_emp_0999902A_2009.xml", SCHOOL.sts())]).files[0].uai == "0991234D"
