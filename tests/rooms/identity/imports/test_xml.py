"""The hardened reader: shapes, encodings, hostile documents."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preau.identity.imports import xml
from preau.identity.imports.causes import Cause, Refused
from preau.identity.imports.xml import block, row

SHAPE = block(PEOPLE=block(ONE=row("one", "NAME", "TWICE", attributes=("ID",), INNER=block(SUB=row("sub", "CODE")))))


def read(document: bytes | str, size: int = 7) -> list[xml.Row]:
    data = document if isinstance(document, bytes) else document.encode()
    return list(xml.rows((data[start : start + size] for start in range(0, len(data), size)), lambda root: SHAPE))


def refused(document: bytes | str) -> Refused:
    with pytest.raises(Refused) as caught:
        read(document)
    return caught.value


def test_only_what_the_shape_names_is_read():
    one = "<ONE ID='4' SEX='2'><NAME> Zoé </NAME><SECRET>x</SECRET></ONE>"
    (one,) = read(f"<R><PEOPLE>{one}</PEOPLE><DPPS><NAME>y</NAME></DPPS></R>")
    assert (one.name, one.attributes, one.fields) == ("one", {"ID": "4"}, {"NAME": "Zoé"})


def test_a_nested_homonym_is_not_taken_for_the_direct_child():
    (one,) = read("<R><PEOPLE><ONE><LAST_YEAR><NAME>old</NAME></LAST_YEAR><NAME>new</NAME></ONE></PEOPLE></R>")
    assert one.get("NAME") == "new"


def test_the_first_of_a_repeated_tag_is_kept():
    (one,) = read("<R><PEOPLE><ONE><TWICE>a</TWICE><TWICE>b</TWICE></ONE></PEOPLE></R>")
    assert one.get("TWICE") == "a"


def test_rows_inside_a_row_stay_with_it():
    (one,) = read(
        "<R><PEOPLE><ONE><INNER><SUB><CODE>1</CODE></SUB><SUB><CODE>2</CODE></SUB></INNER></ONE></PEOPLE></R>"
    )
    assert [sub.get("CODE") for sub in one.parts] == ["1", "2"]


def test_an_empty_tag_and_an_absent_one_are_alike():
    first, second = read("<R><PEOPLE><ONE><NAME/></ONE><ONE/></PEOPLE></R>")
    assert first.get("NAME") == second.get("NAME") == ""


def test_the_letter_oe_of_iso_8859_15_is_read():
    document = b'<?xml version="1.0" encoding="ISO-8859-15"?><R><PEOPLE><ONE><NAME>Coc\xbd</NAME></ONE></PEOPLE></R>'
    assert read(document)[0].get("NAME") == "Cocœ"


@pytest.mark.parametrize("encoding", ["UTF-8", "utf-8", "ISO-8859-1", "ISO-8859-15", "windows-1252", "us-ascii"])
def test_the_declared_encoding_is_followed(encoding):
    name = "Zoe" if encoding == "us-ascii" else "Zoé"
    text = f'<?xml version="1.0" encoding="{encoding}"?><R><PEOPLE><ONE><NAME>{name}</NAME></ONE></PEOPLE></R>'
    assert read(text.encode(encoding))[0].get("NAME") == name


def test_a_byte_order_mark_does_not_disturb():
    assert read("\ufeff<R><PEOPLE><ONE><NAME>Zoé</NAME></ONE></PEOPLE></R>")[0].get("NAME") == "Zoé"


def test_utf_8_declared_as_iso_is_refused_with_the_line_of_its_first_accent():
    document = '<?xml version="1.0" encoding="ISO-8859-15"?>\n<R>\n<PEOPLE><ONE><NAME>Zoé</NAME></ONE></PEOPLE></R>'
    error = refused(document)
    assert error.cause is Cause.WRONG_ENCODING
    assert error.facts == {"declared": "ISO-8859-15", "line": 3, "column": 0}


def test_iso_declared_as_utf_8_is_refused_with_its_line():
    error = refused('<?xml version="1.0" encoding="UTF-8"?>\n<R><A>é</A></R>'.encode("iso-8859-15"))
    assert (error.cause, error.facts["line"]) == (Cause.WRONG_ENCODING, 2)


def test_ascii_declared_as_iso_is_fine():
    assert read(b'<?xml version="1.0" encoding="ISO-8859-15"?><R><PEOPLE><ONE><NAME>Zoe</NAME></ONE></PEOPLE></R>')


@pytest.mark.parametrize("encoding", ["KLINGON", "UTF-7", "EBCDIC-CP-FR", "UTF-32"])
def test_an_encoding_nobody_uses_is_refused(encoding):
    assert refused(f'<?xml version="1.0" encoding="{encoding}"?><R/>').cause is Cause.UNEXPECTED_ENCODING


def test_a_truncated_document_is_refused_with_line_and_column():
    error = refused("<R>\n <PEOPLE>\n  <ONE><NAME>Zo")
    assert error.cause is Cause.MALFORMED
    assert error.facts["line"] == 3
    assert error.facts["column"]


def test_a_wrong_closing_tag_is_refused_with_its_line():
    error = refused("<R>\n<STRICTURES>\n</STRUCTURES></R>")
    assert (error.cause, error.facts["line"]) == (Cause.MALFORMED, 3)


BILLION_LAUGHS = (
    '<!DOCTYPE R [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><R><PEOPLE><ONE><NAME>&c;</NAME></ONE></PEOPLE></R>'
)


@pytest.mark.parametrize(
    "document",
    [
        BILLION_LAUGHS,
        '<!DOCTYPE R SYSTEM "file:///etc/passwd"><R/>',
        '<!DOCTYPE R [<!ENTITY x SYSTEM "file:///etc/passwd">]><R><PEOPLE><ONE><NAME>&x;</NAME></ONE></PEOPLE></R>',
        "<!DOCTYPE R><R/>",
    ],
)
def test_a_document_that_brings_definitions_is_refused(document):
    assert refused(document).cause is Cause.HAS_DTD


def test_an_entity_nobody_defined_is_refused():
    assert refused("<R><PEOPLE><ONE><NAME>&x;</NAME></ONE></PEOPLE></R>").cause is Cause.MALFORMED


def test_a_document_nested_beyond_reason_is_refused():
    assert refused("<R>" * 100).cause is Cause.TOO_DEEP


def test_a_text_beyond_reason_is_refused():
    assert refused(f"<R><PEOPLE><ONE><NAME>{'x' * 5000}</NAME></ONE></PEOPLE></R>").cause is Cause.TOO_LONG


def test_rows_beyond_reason_are_refused(monkeypatch):
    monkeypatch.setattr(xml, "MOST_ROWS", 10)
    assert refused(f"<R><PEOPLE>{'<ONE/>' * 11}</PEOPLE></R>").cause is Cause.TOO_LONG


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.integers(1, 50))
def test_whatever_the_bytes_the_answer_is_rows_or_a_refusal(data, size):
    for document in (data, b"<R><PEOPLE><ONE><NAME>" + data + b"</NAME></ONE></PEOPLE></R>"):
        with contextlib.suppress(Refused):
            read(document, size)
