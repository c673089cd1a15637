"""Several uploaded files become one export; what is no export of ours is named."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preau.clock import PARIS
from preau.identity.imports import formats
from preau.identity.imports.causes import Cause, Doubt, Refused
from preau.identity.imports.records import Kind
from tests.rooms.identity.imports.build import SchoolFiles, zipped

SCHOOL = SchoolFiles()


def refused(*files: tuple[str, bytes]) -> Refused:
    with pytest.raises(Refused) as caught:
        formats.read(files)
    return caught.value


def test_a_whole_school_is_read():
    export = formats.read(SCHOOL.all())
    sizes = [len(rows) for rows in (export.pupils, export.persons, export.links, export.staff, export.tutors)]
    assert sizes == [3, 3, 4, 3, 1]
    assert export.remarks == []
    assert {file.kind for file in export.files} == set(Kind)


def test_a_file_says_its_school_its_year_and_its_instant():
    (facts,) = formats.read([("x.xml", SCHOOL.eleves())]).files
    assert (facts.uai, facts.year) == ("0991234D", 2026)
    assert facts.exported_at == datetime(2026, 11, 24, 8, 12, 45, tzinfo=PARIS)


def test_the_content_decides_never_the_name():
    export = formats.read([("Structures.zip", zipped("Nomenclature.xml", SCHOOL.eleves()))])
    assert export.has(Kind.PUPILS)


def test_a_school_code_in_lower_case_is_understood():
    assert formats.read([("x.xml", SCHOOL.but(uai="0991234d").eleves())]).files[0].uai == "0991234D"


def test_a_wrong_key_in_a_file_is_only_a_warning():
    export = formats.read([("x.xml", SCHOOL.but(uai="0750001A").eleves())])
    assert [remark.doubt for remark in export.remarks] == [Doubt.WRONG_SCHOOL_KEY]


def test_the_file_that_goes_back_to_sts_is_named_for_what_it_is():
    assert refused(("emp_sts_0991234D_2026.xml", SCHOOL.sts(root="EDT_STS"))).cause is Cause.REVERSED_STS


@pytest.mark.parametrize(
    ("root", "given_name"),
    [("BEE_GEOGRAPHIQUE", "Geographique"), ("ficAlimMENESR", "AAF"), ("BEE_ETABLISSEMENTS", "Etablissements")],
)
def test_another_file_of_the_ministry_is_named_for_what_it_is(root, given_name):
    error = refused(("x.xml", f"<{root}/>".encode()))
    assert (error.cause, error.facts["given"], error.file) == (Cause.UNUSED_ROOT, given_name, "x.xml")


def test_a_document_of_somebody_else_is_refused():
    assert refused(("x.xml", b"<feed xmlns='http://www.w3.org/2005/Atom'/>")).cause is Cause.UNKNOWN_ROOT


def test_two_files_of_one_kind_are_refused():
    assert refused(("a.xml", SCHOOL.eleves()), ("b.xml", SCHOOL.eleves())).cause is Cause.SAME_KIND_TWICE


def test_no_file_at_all_is_refused():
    assert refused().cause is Cause.NO_FILE


@pytest.mark.parametrize(
    ("change", "cause"),
    [({"uai": ""}, Cause.NO_SCHOOL_CODE), ({"year": ""}, Cause.NO_YEAR), ({"year": "26"}, Cause.NO_YEAR)],
)
def test_a_file_without_its_school_or_year_is_refused(change, cause):
    assert refused(("x.xml", SCHOOL.but(**change).eleves())).cause is cause


def test_a_file_without_any_date_is_reported():
    export = formats.read([("x.xml", SCHOOL.but(exported=None).eleves())])
    assert [remark.doubt for remark in export.remarks] == [Doubt.NO_EXPORT_DATE]


def test_a_row_without_its_number_is_refused():
    assert refused(("x.xml", SCHOOL.with_pupil(0, **{"@": ""}).eleves())).cause is Cause.NO_KEY


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_happens_to_a_file_it_is_read_or_refused(data):
    name, content = data.draw(
        st.sampled_from([("e", SCHOOL.eleves()), ("r", SCHOOL.responsables()), ("s", SCHOOL.sts())])
    )
    mutated = bytearray(content)
    for _ in range(data.draw(st.integers(0, 6))):
        where = data.draw(st.integers(0, len(mutated) - 1))
        piece = data.draw(
            st.one_of(st.binary(max_size=8), st.sampled_from([b"<", b"</", b"&", b"\xbd", b"<!DOCTYPE x>", b'="']))
        )
        mutated[where : where + data.draw(st.integers(0, 12))] = piece
    try:
        formats.read([(name, bytes(mutated))])
    except Refused as error:
        assert error.file == name
