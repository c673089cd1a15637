"""From an uploaded file to the bytes of its single XML document, recognised by content, never by name. Pure.

The ministry's exports are zips of exactly one XML file; schools also unzip them themselves (data formats §1.1, §10.1).
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from preau.identity.imports.causes import Cause, Refused

LARGEST_UPLOAD = 64 * 1024 * 1024
LARGEST_DOCUMENT = 200 * 1024 * 1024  # real files reach 4.8 MB
LARGEST_RATIO = 200  # real files: 20
_RATIO_COUNTS_FROM = 1024 * 1024
_LARGEST_DIRECTORY = 1024 * 1024
_CHUNK = 64 * 1024
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


def chunks(content: bytes) -> Iterator[bytes]:
    """The XML document inside an uploaded file, piece by piece. Raises `Refused`, at the latest on the last piece."""
    if not content.strip(b"\x00 \t\r\n"):
        raise Refused(Cause.EMPTY)
    if len(content) > LARGEST_UPLOAD:
        raise Refused(Cause.TOO_LARGE, megabytes=LARGEST_UPLOAD // 2**20)
    if content.startswith((_ZIP, _EMPTY_ZIP)):
        return _unzipped(content)
    _must_look_like_xml(content[:512])
    return (content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK))


def _unzipped(content: bytes) -> Iterator[bytes]:
    try:
        _must_have_a_small_directory(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            member = _only_useful_member(archive)
            yield from _guarded(archive, member)
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, UnicodeDecodeError) as error:
        # NotImplementedError is zipfile's own word for a compression it does not know.
        raise Refused(Cause.DAMAGED_ZIP) from error


def _must_have_a_small_directory(content: bytes) -> None:
    """A directory of a million entries would fill the memory before anything is read."""
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - 66_000))
    if end < 0 or len(content) < end + 22:
        raise zipfile.BadZipFile
    (size,) = struct.unpack_from("<L", content, end + 12)
    if size > _LARGEST_DIRECTORY or content[max(0, end - 20) :].startswith(b"PK\x06\x07"):
        raise Refused(Cause.SEVERAL_MEMBERS, count=size // 46)


def _only_useful_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    names = [member.filename for member in archive.infolist()]
    if "[Content_Types].xml" in names or "META-INF/manifest.xml" in names:
        raise Refused(Cause.SPREADSHEET)
    if any(_is_unsafe(name) for name in names):
        raise Refused(Cause.UNSAFE_MEMBER)
    useful = [member for member in archive.infolist() if _is_useful(member)]
    if not useful:
        raise Refused(Cause.NO_MEMBER)
    if len(useful) > 1:
        raise Refused(Cause.SEVERAL_MEMBERS, count=len(useful))
    if useful[0].flag_bits & 0x1:
        raise Refused(Cause.LOCKED_ZIP)
    return useful[0]


def _is_unsafe(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name


def _is_useful(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    return not member.is_dir() and "__MACOSX" not in path.parts and not path.name.startswith(".")


def _guarded(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """What comes out is counted while it comes: the sizes a zip declares prove nothing."""
    read = 0
    with archive.open(member) as document:
        while chunk := document.read(_CHUNK):
            if not read:
                _must_look_like_xml(chunk[:512])
            read += len(chunk)
            ratio = read / max(member.compress_size, 1)
            if read > LARGEST_DOCUMENT or (read > _RATIO_COUNTS_FROM and ratio > LARGEST_RATIO):
                raise Refused(Cause.EXPANDS_TOO_MUCH, megabytes=LARGEST_DOCUMENT // 2**20)
            yield chunk
    if not read:
        raise Refused(Cause.EMPTY)


def _must_look_like_xml(head: bytes) -> None:
    if head.startswith(_OLD_OFFICE):
        raise Refused(Cause.SPREADSHEET)
    if head.startswith((_ZIP, _EMPTY_ZIP)):
        raise Refused(Cause.SEVERAL_MEMBERS, count=2)
    if head.startswith(_BYTE_ORDER_MARKS):
        raise Refused(Cause.UNEXPECTED_ENCODING, encoding="UTF-16")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith(b"<") or start[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise Refused(Cause.NOT_XML)
