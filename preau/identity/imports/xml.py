"""A hardened streaming reader of XML: no DTD, no entity, no network, bounded depth, text and rows. Pure.

A reader says the shape of what it wants; nothing else of the document is kept, not even for an instant. That is how
the health-related (DPPS), grants (BOURSES) and other blocks we have no right to are never read.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from preau.identity.imports.causes import Cause, Refused

DEEPEST = 40
LONGEST_TEXT = 4_000
MOST_ROWS = 300_000
_HEAD = 512
_ENCODINGS = frozenset(("iso8859-15", "iso8859-1", "cp1252", "utf-8", "ascii"))
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:\-]{1,40})["']""")


@dataclass(frozen=True, slots=True)
class Shape:
    """What to keep of an element: which children and attributes; whether it makes a row, or is a leaf with text."""

    children: Mapping[str, "Shape"] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()
    row: str = ""
    is_leaf: bool = False


@dataclass(slots=True)
class Row:
    """One element of interest: the wanted attributes, the text of its leaves (the first of each), and rows inside."""

    name: str
    attributes: dict[str, str]
    fields: dict[str, str] = field(default_factory=dict)
    parts: list["Row"] = field(default_factory=list)

    def get(self, *names: str) -> str:
        """The first non-empty value among fields or attributes; absent and empty are alike (data formats §1.1)."""
        for name in names:
            if value := self.fields.get(name) or self.attributes.get(name):
                return value
        return ""


LEAF = Shape(is_leaf=True)


def block(**children: Shape) -> Shape:
    """An element that only contains others."""
    return Shape(children)


def row(name: str, *leaves: str, attributes: Iterable[str] = (), **children: Shape) -> Shape:
    """An element that makes a row called `name`, out of its `leaves`, `attributes` and `children`."""
    return Shape({**dict.fromkeys(leaves, LEAF), **children}, frozenset(attributes), row=name)


def rows(chunks: Iterable[bytes], choose: Callable[[str], Shape]) -> Iterator[Row]:
    """The rows of a document, as they come. `choose` gives the shape for the root element found, or raises `Refused`.

    Raises `Refused`, with line and column where the document is not well-formed. Rows already given are worth nothing
    then: the caller keeps them aside until the end.
    """
    target = _Target(choose)
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    watch = _Encoding()
    try:
        for chunk in _with_whole_head(chunks):
            watch.see(chunk)
            parser.feed(chunk)
            yield from target.take()
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _malformed(error, watch) from error
    watch.finish()
    yield from target.take()


def _with_whole_head(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, the first piece long enough to hold the declaration."""
    head, rest = b"", iter(chunks)
    for chunk in rest:
        head += chunk
        if len(head) >= _HEAD:
            break
    yield head
    yield from rest


def _malformed(error: etree.XMLSyntaxError, watch: "_Encoding") -> Refused:
    line, column = error.position
    if "encoding" in (error.msg or "").lower():
        return Refused(Cause.WRONG_ENCODING, declared=watch.declared, line=line, column=column)
    return Refused(Cause.MALFORMED, line=line, column=column)


class _Target:
    """What the parser calls, a million times for a large school: whole branches nobody wants cost one counter."""

    __slots__ = ("_choose", "_done", "_open", "_rows", "_shapes", "_skipped", "_text")

    def __init__(self, choose: Callable[[str], Shape]) -> None:
        self._choose = choose
        self._shapes: list[Shape] = []
        self._open: list[Row] = []
        self._done: list[Row] = []
        self._text: list[str] | None = None  # of the leaf being read
        self._skipped = self._rows = 0

    def take(self) -> list[Row]:
        """The rows finished since the last time."""
        done, self._done = self._done, []
        return done

    def start(self, tag: Any, attributes: Mapping[Any, Any]) -> None:
        if not self._skipped:
            shapes = self._shapes
            shape = shapes[-1].children.get(tag) if shapes else self._choose(tag)
            if shape is not None:
                shapes.append(shape)
                if shape.is_leaf:
                    self._text = []
                elif shape.row:
                    self._begin(shape, attributes)
                return
        self._skipped += 1
        if self._skipped > DEEPEST:
            raise Refused(Cause.TOO_DEEP)

    def _begin(self, shape: Shape, attributes: Mapping[Any, Any]) -> None:
        self._rows += 1
        if self._rows > MOST_ROWS:
            raise Refused(Cause.TOO_LONG)
        kept = {name: attributes[name].strip() for name in shape.attributes if name in attributes}
        self._open.append(Row(shape.row, kept))

    def data(self, data: Any) -> None:
        if self._text is not None and not self._skipped:
            self._text.append(data)

    def end(self, tag: Any) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        shape = self._shapes.pop()
        if self._text is not None:
            text, self._text = "".join(self._text).strip(), None
            if len(text) > LONGEST_TEXT:
                raise Refused(Cause.TOO_LONG)
            if self._open:
                # The first of a repeated tag: PRENOM2 comes twice in a real file.
                self._open[-1].fields.setdefault(tag, text)
        elif shape.row:
            finished = self._open.pop()
            (self._open[-1].parts if self._open else self._done).append(finished)

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise Refused(Cause.HAS_DTD)

    def comment(self, data: Any) -> None:
        """Comments say nothing of people."""

    def close(self) -> None:
        """Nothing is kept: rows leave through `take`."""


class _Encoding:
    """Watches the bytes: a file that says ISO and is written in UTF-8 parses without error and ruins every accent."""

    def __init__(self) -> None:
        self.declared = "UTF-8"
        self._decoder: codecs.IncrementalDecoder | None = None
        self._begun = False
        self._line = 1
        self._accent_line = 0

    def see(self, chunk: bytes) -> None:
        """Take in the next bytes. Raises `Refused` when the declared encoding is none we expect."""
        if not self._begun:
            self._begin(chunk)
        if self._decoder is None:
            return
        if not self._accent_line and not chunk.isascii():
            first = next(place for place, byte in enumerate(chunk) if byte > 0x7F)
            self._accent_line = self._line + chunk.count(b"\n", 0, first)
        self._line += chunk.count(b"\n")
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError:
            self._decoder = None  # truly one byte per letter

    def finish(self) -> None:
        """Raises `Refused` when every accent of a file declared ISO was UTF-8."""
        if self._decoder is None or not self._accent_line:
            return
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return
        raise Refused(Cause.WRONG_ENCODING, declared=self.declared, line=self._accent_line, column=0)

    def _begin(self, head: bytes) -> None:
        self._begun = True
        found = _DECLARATION.match(head.removeprefix(b"\xef\xbb\xbf"))
        if found:
            self.declared = found[1].decode("ascii")
        try:
            codec = codecs.lookup(self.declared).name
        except LookupError:
            codec = ""
        if codec not in _ENCODINGS:
            raise Refused(Cause.UNEXPECTED_ENCODING, encoding=self.declared)
        if codec not in ("utf-8", "ascii") and not head.startswith(b"\xef\xbb\xbf"):
            self._decoder = codecs.getincrementaldecoder("utf-8")()
