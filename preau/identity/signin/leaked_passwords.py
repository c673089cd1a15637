"""Passwords that leaked somewhere, without asking anybody: a file the operator builds from a public list.

    preau identity passwords build LIST --into /srv/preau/leaked.filter
    PREAU_LEAKED_PASSWORDS=/srv/preau/leaked.filter

The file is a Bloom filter (Bloom, 1970) over SHA-1, the digest of the public lists: it holds no password and gives
none back; it never misses one it was given, and takes another for one of them once in ten thousand (then a good
password is refused, and its holder chooses another). 2.4 bytes per password: 250 MB for a hundred million. It is read
in place by all the workers of a machine.
"""

import hashlib
import math
import mmap
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

RATE = 1e-4
_MAGIC = b"PREAU-LEAKED-1\n"
_HEADER = 64
_SHA1 = re.compile(r"^([0-9A-Fa-f]{40})(?::\d+)?$")


class NotAFilter(Exception):
    """The file is not one that `build` made, or was cut short."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} n’est pas un filtre de mots de passe : refaites-le (preau identity passwords build).")


class Filter:
    """A filter on disk. Asking it reads a dozen bits of the file."""

    def __init__(self, path: Path) -> None:
        """Raises `NotAFilter`, or `OSError` when there is no such file."""
        with path.open("rb") as file:
            try:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError as trouble:  # an empty file
                raise NotAFilter(path) from trouble
        head = self._map[:_HEADER]
        if not head.startswith(_MAGIC):
            raise NotAFilter(path)
        numbers = head[len(_MAGIC) :].split(b"\0", 1)[0].split()
        self.bits, self.marks, self.passwords = (int(number) for number in numbers)
        if len(self._map) != _HEADER + self.bits // 8:
            raise NotAFilter(path)

    def __contains__(self, password: str) -> bool:
        return all(
            self._map[_HEADER + (place >> 3)] >> (place & 7) & 1
            for place in _places(digest(password), self.bits, self.marks)
        )


def is_leaked(password: str) -> bool:
    """Whether the operator's file holds `password`. False when there is none."""
    found = installed()
    return found is not None and password in found


@cache
def installed() -> Filter | None:
    """The file that PREAU_LEAKED_PASSWORDS names, if any. Raises `NotAFilter` or `OSError`."""
    return Filter(Path(settings.LEAKED_PASSWORDS)) if settings.LEAKED_PASSWORDS else None


def digest(password: str) -> bytes:
    """SHA-1, because the public lists are made of it; nothing is protected by it here."""
    return hashlib.sha1(password.encode(), usedforsecurity=False).digest()


def build(lines: Iterable[str], *, how_many: int, into: Path, rate: float = RATE) -> int:
    """Make the file from a list: passwords in clear, or SHA-1 digests as ``HEX`` or ``HEX:count``, one a line.

    `how_many` lines are expected; more only raise the rate. Returns how many were taken. The file appears at the end,
    whole: workers that read the one before are not disturbed.
    """
    bits = max(64, math.ceil(-how_many * math.log(rate) / math.log(2) ** 2 / 8) * 8)
    marks = max(1, round(bits / max(how_many, 1) * math.log(2)))
    unfinished = into.with_name(f".{into.name}.unfinished")
    taken = 0
    with unfinished.open("w+b") as file:
        file.truncate(_HEADER + bits // 8)
        with mmap.mmap(file.fileno(), 0) as room:
            for mark in _digests(lines):
                taken += 1
                for place in _places(mark, bits, marks):
                    room[_HEADER + (place >> 3)] |= 1 << (place & 7)
            head = _MAGIC + f"{bits} {marks} {taken}".encode()
            room[: len(head)] = head
    os.replace(unfinished, into)
    return taken


def _digests(lines: Iterable[str]) -> Iterator[bytes]:
    for line in lines:
        word = line.rstrip("\r\n")
        if found := _SHA1.match(word):
            yield bytes.fromhex(found[1])
        elif word and not word.startswith("# "):
            yield digest(word)


def _places(mark: bytes, bits: int, marks: int) -> Iterator[int]:
    """Two halves of one digest make as many places as are wanted (Kirsch and Mitzenmacher, 2006)."""
    first, step = int.from_bytes(mark[:8]), int.from_bytes(mark[8:16]) | 1
    return ((first + number * step) % bits for number in range(marks))
