"""The child process that turns data into PDF: reads requests on its standard input, writes answers on its output.

Run as a file, alone (`python -I printer.py`): it knows nothing of the site, of its settings, of its keys. A secret
enters through the pipe and leaves inside the PDF; nothing is written to disk, neither here nor in a core dump.

A request is a length (four bytes, big-endian) and JSON: {"template": …, "data": {…}, "timestamp": seconds or null}. An
answer is one byte (P: a PDF, E: what went wrong), a length and the bytes. The end of the input ends the process.
"""

import ctypes
import json
import re
import resource
import struct
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal

import segno
import typst

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE / "typst"
FONTS = HERE / "fonts"
STANDARD: Literal["ua-1"] = "ua-1"  # ISO 14289-1: the compiler refuses what is not accessible
MASK = 3  # any mask decodes; choosing the best one costs five times the drawing
WRITTEN = {"LATIN", "GREEK", "CYRILLIC", "ARABIC"}  # the scripts our faces write
UNKNOWN = "?"  # in the place of a letter that no face of ours can write
UNWRITTEN = re.compile(r"the text `(.+?)` could not be displayed", re.S)
PR_SET_DUMPABLE = 4  # linux/prctl.h


def harden() -> None:
    """No core dump, no file written, no look inside by a neighbour: the process holds secrets."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def square(address: str) -> dict[str, Any]:
    """The QR code of an address, a row of 0 and 1 (black) per line; the pages keep its four modules of white around."""
    code = segno.make_qr(address, error="m", mask=MASK)
    rows = ["".join("1" if module else "0" for module in row) for row in code.matrix]
    return {"size": len(rows), "pixels": rows}


def is_written(char: str) -> bool:
    """True when the script of `char` is one of ours; punctuation and signs are tried."""
    return not char.isalpha() or unicodedata.name(char, "?").split()[0] in WRITTEN


class Printer:
    """One compiler, its fonts loaded once, for every document of a response."""

    def __init__(self) -> None:
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)])
        self.compiler = typst.Compiler(root=str(TEMPLATES), font_paths=fonts)
        self.unwritten: set[str] = set()

    def print(self, template: str, data: dict[str, Any], timestamp: int | None) -> bytes:
        """The PDF of `data` in `template`; a letter that no face can write becomes a question mark."""
        if "address" in data:
            data = {**data, "square": square(data["address"])}
        words = json.dumps(data, ensure_ascii=False)
        while True:
            for char in self.unwritten:
                words = words.replace(char, UNKNOWN)
            try:
                return self._compile(template, words, timestamp)
            except typst.TypstError as error:
                missing = UNWRITTEN.search(str(error))
                found = {char for char in words if not is_written(char)} if missing else set()
                found |= set(missing[1]) - set(map(chr, range(128))) if missing else set()
                if not found - self.unwritten:
                    raise
                self.unwritten |= found

    def _compile(self, template: str, words: str, timestamp: int | None) -> bytes:
        pdf = self.compiler.compile(
            str(TEMPLATES / f"{template}.typ"),
            format="pdf",
            sys_inputs={"data": words},
            pdf_standards=[STANDARD],
            timestamp=timestamp,
        )
        assert isinstance(pdf, bytes)  # one PDF, never a list of pages
        return pdf


def requests(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    """Each request of the stream, until its end."""
    while len(head := stream.read(4)) == 4:
        yield json.loads(stream.read(struct.unpack(">I", head)[0]))


def main() -> None:
    """Answer each request in turn."""
    harden()
    printer = Printer()
    out = sys.stdout.buffer
    for request in requests(sys.stdin.buffer):
        try:
            kind, body = b"P", printer.print(request["template"], request["data"], request["timestamp"])
        except Exception as error:  # whatever is wrong with one document, the next one is printed
            kind, body = b"E", f"{type(error).__name__}: {error}".encode()
        out.write(kind + struct.pack(">I", len(body)) + body)
        out.flush()


if __name__ == "__main__":
    main()
