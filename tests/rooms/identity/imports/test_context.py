"""Before anything is compared: the school, the year, the age of the files, and their coherence."""

from datetime import datetime

from preau.clock import PARIS
from preau.identity.imports.causes import Cause
from preau.identity.imports.records import Kind
from tests.rooms.identity.imports.build import OTHER_UAI, UAI, person, pupil
from tests.rooms.identity.imports.plans import SCHOOL, after, plan, refused


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
