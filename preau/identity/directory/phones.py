"""Telephone numbers of school files: read with tolerance, kept in E.164, never guessed. Pure rules.

Source: specs of the school data formats §7.4, measured with the library.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

# The school's territory, by the first three digits of its UAI. The rest is metropolitan France.
_TERRITORIES = {
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT", "977": "BL", "978": "MF",
    "983": "NC", "984": "PF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
# Territories with their own numbering, where a number is dialled without a leading 0.
_WITHOUT_TRUNK = frozenset(("PM", "NC", "PF", "WF"))
# From the mainland and the other departments, Saint-Pierre-et-Miquelon is dialled 0508 and its six digits.
_DIALLED_0508 = re.compile(r"0(508[0-9]{6})")
# ARCEP reserves 06 39 98 xx xx for fiction; the library calls it invalid.
_FICTION = re.compile(r"\+3363998[0-9]{4}")
_MOBILE = frozenset((PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE))
_PLACEHOLDERS = frozenset(("601020304", "102030405", "123456789", "987654321", "607080910"))
_SAME_DIGITS = re.compile(r"(\d)\1{5}$")
_COMMENT = re.compile(r"^([\d\s.+()\-/]*\d)[\s(/,;:\-]*[^\W\d].*$", re.DOTALL)
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Phone:
    """A valid number: E.164, and whether a code can be sent to it by SMS."""

    e164: str
    is_mobile: bool


@lru_cache(maxsize=20_000)
def read(written: str, *, department: str = "", demo_numbers: bool = False) -> Phone | None:
    """The number a school wrote, or None when it is no number at all (placeholder, text, wrong length).

    `department`: first three digits of the school's UAI, for numbers written without their country. `demo_numbers`:
    also take the mobiles reserved for fiction, which belong to nobody.
    """
    text = _COMMENT.sub(r"\1", written.strip()[:_LONGEST]).strip()
    digits = re.sub(r"\D", "", text)
    if len(digits) < 6:
        return None
    for attempt, region in _attempts(text, digits, _TERRITORIES.get(department, "FR")):
        if phone := _valid(attempt, region, demo_numbers=demo_numbers):
            return phone
    return None


def readings(typed: str, *, demo_numbers: bool = False) -> tuple[str, ...]:
    """Every mobile (E.164) that a family may mean by what it typed, the likeliest first.

    A number without its country may be of the mainland or of several overseas territories (`0690…`, `694…`, `87 12 34
    56`). Nothing is guessed: the readings are compared with the numbers of the base.
    """
    digits = re.sub(r"\D", "", typed)
    has_country = typed.strip().startswith(("+", "00"))
    found = [read(typed, demo_numbers=demo_numbers)]
    if not has_country:
        for department in _TERRITORIES:
            found.append(read(digits, department=department, demo_numbers=demo_numbers))
            if len(digits) == 9 and not digits.startswith("0"):
                found.append(read(f"0{digits}", department=department, demo_numbers=demo_numbers))
    return tuple(dict.fromkeys(phone.e164 for phone in found if phone is not None and phone.is_mobile))


def _attempts(text: str, digits: str, territory: str) -> list[tuple[str, str]]:
    """Readings to try, surest first. Nine digits without 0 nor country are nobody's: 687123456 is French and
    Caledonian."""
    has_prefix = text.startswith(("+", "00")) or (digits.startswith("33") and len(digits) == 11)
    if has_prefix:
        return [(text, "FR")]
    if dialled := _DIALLED_0508.fullmatch(digits):
        return [(f"+{dialled[1]}", "PM")]
    if territory in _WITHOUT_TRUNK:
        country = str(phonenumbers.country_code_for_region(territory))
        own = [(f"+{digits}", territory)] if digits.startswith(country) else []
        return [(digits, territory), *own] + ([(digits, "FR")] if digits.startswith("0") else [])
    if not digits.startswith("0"):
        country = str(phonenumbers.country_code_for_region(territory))
        return [(f"+{digits}", territory)] if digits.startswith(country) and len(digits) > 9 else []
    return [(digits, "FR")] + ([(digits, territory)] if territory != "FR" else [])


def _valid(text: str, region: str, *, demo_numbers: bool) -> Phone | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    national = str(number.national_number)
    if national in _PLACEHOLDERS or _SAME_DIGITS.search(national):
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if demo_numbers and _FICTION.fullmatch(e164):
        return Phone(e164, is_mobile=True)
    if not phonenumbers.is_valid_number(number):
        return None
    return Phone(e164, is_mobile=phonenumbers.number_type(number) in _MOBILE)
