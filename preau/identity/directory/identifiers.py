"""UAI and INE: what schools and pupils are called. Form, key, normalisation; pure rules.

Source of the keys: specs of the school data formats §7.1 (2,944 of 2,944 public UAI) and §7.2 (the RNIE key has no
official publication: a wrong one is a warning, never a refusal).
"""

import re
from enum import StrEnum

_KEYS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # 23 letters: no I, O, Q
_RNIE_DIGITS = "ABCDEFGHJK"
_UAI = re.compile(r"[0-9]{7}[A-Z]", re.ASCII)
_BETWEEN = re.compile(r"[\s\-_.]+")


class NotAUai(ValueError):
    """The text is no UAI: wrong form or wrong key letter."""


class IneKind(StrEnum):
    """The families of INE found in school files."""

    RNIE = "rnie"
    BEA = "bea"
    APPRENTICE = "apprentice"
    HIGHER_EDUCATION = "higher_education"


_INE_FORMS = {
    IneKind.RNIE: re.compile(r"[0-9]{9}[A-Z]{2}", re.ASCII),
    IneKind.BEA: re.compile(r"[0-9]{10}[A-Z]", re.ASCII),
    IneKind.APPRENTICE: re.compile(r"[0-9]{4}A[0-9]{5}[A-Z]", re.ASCII),
    IneKind.HIGHER_EDUCATION: re.compile(r"[0-9A-Z]{10}[0-9]", re.ASCII),
}


def normalised(identifier: str) -> str:
    """Upper case, without spaces, hyphens or dots: how identifiers are stored and compared."""
    return _BETWEEN.sub("", identifier).upper()


def has_uai_form(uai: str) -> bool:
    """Seven digits and a letter, whatever the letter."""
    return _UAI.fullmatch(uai) is not None


def uai_key(digits: str) -> str:
    """The letter that ends a UAI, from its seven digits."""
    return _KEYS[int(digits) % 23]


def has_uai_key(uai: str) -> bool:
    """The form is right and the letter is the one its digits call for."""
    return has_uai_form(uai) and uai_key(uai[:7]) == uai[7]


def uai(text: str) -> str:
    """The UAI somebody typed, normalised. Raises `NotAUai`: a school can't be created under a wrong code."""
    code = normalised(text)
    if not has_uai_key(code):
        raise NotAUai(code)
    return code


def department(uai: str) -> str:
    """The first three digits: `021`, `974`. Corsica is 620 and 720; New Caledonia 983, Polynesia 984, Wallis 986."""
    return uai[:3]


def ine_kind(ine: str) -> IneKind | None:
    """The family of a normalised INE, or None when the text is none (a CNED pseudo-INE, a placeholder)."""
    return next((kind for kind, form in _INE_FORMS.items() if form.fullmatch(ine)), None)


def has_ine_key(ine: str) -> bool | None:
    """Whether the key of a normalised INE is right; None where the rule of its family is not known."""
    match ine_kind(ine):
        case IneKind.RNIE:
            return rnie_key(ine[:9]) == ine[9:]
        case IneKind.BEA:
            return bea_key(ine[:10]) == ine[10]
        case IneKind.APPRENTICE | IneKind.HIGHER_EDUCATION:
            return None
        case _:
            return False


def rnie_key(digits: str) -> str:
    """The two letters that end a national INE, from its nine digits."""
    key = 97 - int(digits) % 97
    return _RNIE_DIGITS[key // 10] + _RNIE_DIGITS[key % 10]


def bea_key(digits: str) -> str:
    """The letter that ends an older, academic INE, from its ten digits."""
    return _KEYS[int(digits) % 23]
