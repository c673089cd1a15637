"""What people make of a common word to get past a form: capitals, figures for letters, a year at the end, two words
in a row, a walk on the keyboard. Pure rules; the lists are in common_passwords.py and leaked_passwords.py.
"""

import re
import string
import unicodedata
from collections.abc import Callable
from enum import StrEnum

from preau.identity.accounts.passwords import PASSPHRASE


class Weakness(StrEnum):
    """Why a password is soon guessed: one sentence each (signin/forms.py)."""

    COMMON = "common"  # it stands in the lists as it is
    DERIVED = "derived"  # it is one of their words, disguised
    WALK = "walk"  # fingers walking on the keyboard, letters or figures in their order
    SCHOOL = "school"  # nothing but words of the school


# What a sign may stand for: ``m0td3p@sse``. Read in several ways, because 1 is i or l, 7 is t or z, and ! is i or !.
_DISGUISES = tuple(
    str.maketrans(signs, letters)
    for signs, letters in (
        ("0134578@$!€+", "oieastbasiet"),
        ("0134578@$!€+", "oleaszbaslet"),
        ("0134578@$", "oieastbas"),
    )
)
# A year or a number at the end, with signs around.
_NUMBER_AT_THE_END = re.compile(r"[\W_]*\d{0,4}[\W_]*$")
_TAIL = string.digits + string.punctuation + string.whitespace + "€£§°²µ\u2019\u00a0"
_SHORTEST_WORD = 4
_SCHOOL_WORDS = (
    "ecole ecoles maternelle primaire elementaire college colleges collegien lycee lycees lyceen eleve eleves classe"
    " parent parents famille professeur prof profs principal maitresse directrice directeur rentree cantine recre"
    " recreation vacances devoirs bulletin brevet bac sixieme cinquieme quatrieme troisieme seconde premiere terminale"
    " scolarite services educonnect pronote preau ecoledirecte toutatice atrium monlycee espace numerique travail"
    " academie education nationale etablissement compte connexion identifiant motdepasse passe mot code web"
)
_SCHOOL = frozenset(_SCHOOL_WORDS.split())
_LITTLE_WORDS = frozenset({"de", "du", "des", "la", "le", "les", "mon", "ma", "mes", "et", "en", "a", "l", "d", "au"})
# Rows, columns and zigzags of the French and of the English keyboard, the alphabet, the figures.
_WALKS = tuple(
    row + turned
    for row, turned in (
        (walk, "\n" + walk[::-1])
        for walk in (
            "azertyuiop", "qsdfghjklm", "wxcvbn,;:!", "&é\"'(-è_çà)=", "qwertyuiop", "asdfghjkl", "zxcvbnm",
            "abcdefghijklmnopqrstuvwxyz", "01234567890", "1a2z3e4r5t6y7u8i9o0p", "1q2w3e4r5t6y7u8i9o0p",
            "aqwzsxedcrfvtgbyhn", "1aqw2zsx3edc4rfv5tgb", "qazwsxedcrfvtgbyhn", "1qaz2wsx3edc4rfv5tgb",
        )
    )
)  # fmt: skip
_SHORTEST_WALK = 4
_OWN_LETTERS = 4  # what must be left of a password once its walks are taken away


def weakness(password: str, *, is_known: Callable[[str], bool]) -> Weakness | None:
    """Why `password` would soon be guessed, or None. `is_known`: a word stands in the lists, given in lower case."""
    low = password.casefold()
    if is_known(low) or is_known(password):
        return Weakness.COMMON
    if len(_without_walks(low).strip(_TAIL)) < _OWN_LETTERS:
        return Weakness.WALK
    bare = {low.strip(_TAIL), _NUMBER_AT_THE_END.sub("", low)}
    readings = {_letters(low), *(_letters(core.translate(table)) for table in _DISGUISES for core in bare)}
    if any(_is_made_of(reading, _is_school_word, most=len(reading)) for reading in readings):
        return Weakness.SCHOOL
    cores = bare | readings
    cores |= {_once(core) for core in cores}
    if any(len(core) >= _SHORTEST_WORD and (is_known(core) or is_known(core[::-1])) for core in cores):
        return Weakness.DERIVED
    # Two words of the lists in a row; past sixteen signs, a phrase is left alone.
    if len(password) < PASSPHRASE and any(_is_made_of(core, is_known, most=2) for core in readings):
        return Weakness.DERIVED
    return None


def _without_walks(low: str) -> str:
    """What is left when the fingers' walks of four keys and more are taken away."""
    left, place = "", 0
    while place < len(low):
        length = _walk_at(low, place)
        if length < _SHORTEST_WALK:
            left, length = left + low[place], 1
        place += length
    return left


def _walk_at(low: str, place: int) -> int:
    length = 1
    while place + length < len(low) and any(low[place : place + length + 1] in walk for walk in _WALKS):
        length += 1
    return length


def _letters(text: str) -> str:
    """The letters alone, without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if c.isascii() and c.isalpha())


def _once(text: str) -> str:
    """``bonjourbonjour`` → ``bonjour``."""
    found = (text + text).find(text, 1)
    return text[:found] if 0 < found < len(text) else text


def _is_school_word(word: str) -> bool:
    return word in _SCHOOL or word in _LITTLE_WORDS


def _is_made_of(text: str, is_word: Callable[[str], bool], *, most: int) -> bool:
    """Whether `text` is cut without rest into at most `most` words (little words only between others)."""
    if not text or most < 1:
        return False
    # best[n]: the fewest words that make the first n letters.
    best = [0, *[most + 1] * len(text)]
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - 20), end):
            word = text[start:end]
            if best[start] < most and (len(word) >= _SHORTEST_WORD or word in _LITTLE_WORDS) and is_word(word):
                best[end] = min(best[end], best[start] + 1)
    return best[-1] <= most
