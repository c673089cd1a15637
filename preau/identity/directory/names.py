"""Names, compared. What people wrote is kept and shown; folding serves matching and search only. Pure rules."""

import re
import unicodedata

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "ß": "ss", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_BETWEEN = re.compile(r"[\s'’ʼ`´\-‐‑–—.,_/]+")
# UTF-8 read as Latin (« Ã© », « Ã¨ », « Å“ »…), and the replacement character.
_MISREAD = "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
_MOJIBAKE = re.compile(f"[ÃÅÂ]{_MISREAD}|\ufffd")
_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Co"))
SEARCH_LENGTH = 320


def clean(written: str) -> str:
    """What a base wrote, ready to be kept: composed, single spaces, no invisible or direction-changing character."""
    if written.isascii() and written.isprintable() and "  " not in written:
        return written.strip()
    composed = unicodedata.normalize("NFC", written)
    if not composed.isprintable():
        composed = "".join(" " if c.isspace() else c for c in composed if c.isspace() or not _is_invisible(c))
    return " ".join(composed.split())


def fold(name: str) -> str:
    """`Le Goff-N’Diaye` → `LE GOFF N DIAYE`: no mark, no ligature, upper case, one space between words."""
    folded = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return _BETWEEN.sub(" ", bare).strip().upper()


def surnames(birth_name: str, used_name: str) -> frozenset[str]:
    """The folded names a person answers to: the birth name, and the used one when there is one."""
    return frozenset(name for name in (fold(birth_name), fold(used_name)) if name)


def first_given(first_name: str) -> str:
    """The first of several given names, folded (`Jean-Paul` → `JEAN`): a second attempt only."""
    return fold(first_name).partition(" ")[0]


def search_key(birth_name: str, used_name: str, first_name: str) -> str:
    """The column lists are sorted and searched by: folded surname shown, given name, then the birth name if another."""
    shown = fold(used_name) or fold(birth_name)
    other = fold(birth_name) if used_name else ""
    return " ".join(word for word in (shown, fold(first_name), other if other != shown else "") if word)[:SEARCH_LENGTH]


def has_lost_letters(name: str) -> bool:
    """A letter was lost on the way: SIECLE writes `?` for what ISO-8859-15 lacks; UTF-8 was read as Latin."""
    return "?" in name or _MOJIBAKE.search(name) is not None


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE
