"""Usernames: initial of the first given name, dot, name used at opening, letters only, a number for homonyms."""

import unicodedata

_LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "ß": "ss", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_LONGEST = 40


def stem(first_name: str, surname: str) -> str:
    """``Élise``, ``Durand-N'Diaye`` → ``e.durandndiaye``. A name without a Latin letter gives ``x``."""
    initial = (_letters(first_name) or "x")[0]
    return f"{initial}.{(_letters(surname) or 'x')[:_LONGEST]}"


def numbered(base: str, number: int) -> str:
    """The `number`-th holder of a stem: the first has none, the second is ``e.durand2``."""
    return base if number <= 1 else f"{base}{number}"


def normalised(typed: str) -> str:
    """What a person typed, ready to be compared: no spaces, lower case, no accents."""
    return "".join(c for c in _plain(typed) if c.isascii() and (c.isalnum() or c == "."))


def _letters(name: str) -> str:
    return "".join(c for c in _plain(name) if c.isascii() and c.isalpha())


def _plain(text: str) -> str:
    # Lower case twice: taking a sign apart (™, 𝐀) may give capitals.
    folded = unicodedata.normalize("NFKD", text.lower().translate(_LIGATURES)).lower()
    return "".join(c for c in folded if not unicodedata.combining(c))
