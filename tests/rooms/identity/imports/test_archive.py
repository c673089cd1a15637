"""What schools upload is recognised by content, and a hostile zip is stopped before it fills anything."""

import contextlib
import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preau.identity.imports import archive
from preau.identity.imports.causes import Cause, Refused
from tests.rooms.identity.imports.build import zipped

DOCUMENT = b'<?xml version="1.0"?>\n<BEE_ELEVES/>'


def content(upload: bytes) -> bytes:
    return b"".join(archive.chunks(upload))


def cause(upload: bytes) -> Cause:
    with pytest.raises(Refused) as refused:
        content(upload)
    return refused.value.cause


def test_a_zip_gives_its_single_document():
    assert content(zipped("ElevesSansAdresses.xml", DOCUMENT)) == DOCUMENT


def test_a_file_the_school_unzipped_itself_is_taken_as_it_is():
    assert content(DOCUMENT) == DOCUMENT


def test_the_name_of_the_member_does_not_count():
    assert content(zipped("export.dat", DOCUMENT)) == DOCUMENT


def test_what_a_mac_adds_to_a_zip_is_ignored():
    mac = {"__MACOSX/._Eleves.xml": b"\x00", ".DS_Store": b"\x00", "__MACOSX/": b""}
    assert content(zipped("Eleves.xml", DOCUMENT, **mac)) == DOCUMENT


def test_a_document_in_a_folder_is_taken():
    assert content(zipped("export/Eleves.xml", DOCUMENT, **{"export/": b""})) == DOCUMENT


def test_a_zip_with_two_members_is_refused():
    assert cause(zipped("Eleves.xml", DOCUMENT, **{"Responsables.xml": DOCUMENT})) is Cause.SEVERAL_MEMBERS


def test_a_zip_with_nothing_useful_is_refused():
    assert cause(zipped("__MACOSX/._x", b"")) is Cause.NO_MEMBER


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a/../../b.xml", "..\\..\\b.xml", "C:\\b.xml", "\\b.xml"]
)
def test_a_zip_that_wants_to_write_elsewhere_is_refused(name):
    assert cause(zipped(name, DOCUMENT)) is Cause.UNSAFE_MEMBER


def test_a_bomb_is_stopped_while_it_expands():
    bomb = zipped("Eleves.xml", b"<a>" + b"0" * 30_000_000)
    assert len(bomb) < 100_000
    assert cause(bomb) is Cause.EXPANDS_TOO_MUCH


def test_a_bomb_that_lies_about_its_size_is_stopped_all_the_same():
    bomb = bytearray(zipped("Eleves.xml", b"<a>" + b"0" * 30_000_000))
    directory = bomb.rfind(b"PK\x01\x02")
    bomb[directory + 24 : directory + 28] = struct.pack("<L", 40_000_000)
    assert cause(bytes(bomb)) in {Cause.EXPANDS_TOO_MUCH, Cause.DAMAGED_ZIP}


def test_a_zip_of_a_hundred_thousand_names_is_refused_before_they_are_read():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as crowded:
        for number in range(20_000):
            crowded.writestr(f"{number:040d}", b"")
    assert cause(file.getvalue()) is Cause.SEVERAL_MEMBERS


def test_a_truncated_zip_is_refused():
    whole = zipped("Eleves.xml", DOCUMENT * 500)
    assert cause(whole[: len(whole) // 2]) is Cause.DAMAGED_ZIP


def test_a_damaged_zip_is_refused():
    whole = bytearray(zipped("Eleves.xml", DOCUMENT * 500))
    whole[60] ^= 0xFF
    assert cause(bytes(whole)) is Cause.DAMAGED_ZIP


def test_a_locked_zip_is_refused():
    whole = bytearray(zipped("Eleves.xml", DOCUMENT))
    whole[6] |= 1
    whole[whole.rfind(b"PK\x01\x02") + 8] |= 1
    assert cause(bytes(whole)) is Cause.LOCKED_ZIP


def test_a_zip_inside_a_zip_is_refused():
    assert cause(zipped("Eleves.zip", zipped("Eleves.xml", DOCUMENT))) is Cause.SEVERAL_MEMBERS


@pytest.mark.parametrize("nothing", [b"", b"  \r\n", b"\x00\x00", zipped("Eleves.xml", b"")])
def test_an_empty_file_is_refused(nothing):
    assert cause(nothing) is Cause.EMPTY


def test_a_spreadsheet_is_named_as_such():
    assert cause(zipped("[Content_Types].xml", b"<x/>", **{"xl/workbook.xml": b"<x/>"})) is Cause.SPREADSHEET
    assert cause(b"\xd0\xcf\x11\xe0" + b"x" * 100) is Cause.SPREADSHEET


@pytest.mark.parametrize(
    "other", [b"%PDF-1.7", b"NOM;PRENOM\r\nA;B", b"<!DOCTYPE html><html>", b"<HTML><body>", b"\x89PNG"]
)
def test_what_is_no_export_at_all_is_refused(other):
    assert cause(other) is Cause.NOT_XML


def test_a_file_saved_as_utf_16_is_refused():
    assert cause("<a>é</a>".encode("utf-16")) is Cause.UNEXPECTED_ENCODING


def test_a_file_too_large_to_be_a_schools_is_refused():
    assert cause(b"<" * (archive.LARGEST_UPLOAD + 1)) is Cause.TOO_LARGE


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_happens_to_a_zip_it_opens_or_is_refused(data):
    whole = bytearray(zipped("Eleves.xml", DOCUMENT * 20))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Refused):
        content(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
