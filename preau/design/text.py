"""How words, names, numbers and dates are written. Pure: plain text in, plain text out (the filters make it HTML).

Sources: Lexique des règles typographiques en usage à l'Imprimerie nationale; recommendations of the ARCEP for phones.
"""

import datetime
import re
import unicodedata

NARROW = "\u202f"  # before ; ! ? % and between thousands
WIDE = "\u00a0"  # before : and inside « »
DOTS = "••"

# Characters that a name never needs and that can make it lie on a screen: marks, embeddings, overrides and isolates of
# direction (UAX 9), invisible spaces and joins that make two names alike. Joiners of Persian (U+200C, U+200D) stay.
UNSEEN = {"\u061c", "\u200b", "\u200e", "\u200f", "\u2028", "\u2029", "\u2060", "\ufeff", "\u00ad"}
UNSEEN |= {chr(code) for span in (range(0x202A, 0x202F), range(0x2066, 0x206A), range(0xFFF9, 0xFFFC)) for code in span}

RAISED = re.compile(
    r"^\s*(?:([3-6])\s?(?:E|ÈME|EME)|(2)\s?(?:NDE|NDE|DE)|(1)\s?(?:ÈRE|ERE|RE))(?=$|[\s\-_./])[\s\-_./]*(.*)$", re.I
)


def displayable(text: str) -> str:
    """`text` without control characters and without anything that turns the reading direction round."""
    kept = (" " if char in "\t\r\n" else char for char in text if char in "\t\r\n" or not _is_unseen(char))
    return " ".join("".join(kept).split(" ")).strip()


def _is_unseen(char: str) -> bool:
    return char in UNSEEN or unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn")


def desk_name(last: str, first: str) -> str:
    """At the desk: « LEFÈVRE Héloïse », sorted and read by the family name."""
    return f"{displayable(last).upper()} {displayable(first)}".strip()


def person_name(first: str, last: str) -> str:
    """To the person: « Héloïse Lefèvre ». A name received in capitals is set in small letters."""
    first, last = displayable(first), displayable(last)
    return f"{first} {small_capitals(last) if last.isupper() else last}".strip()


def small_capitals(name: str) -> str:
    """« LEFÈVRE-N’DIAYE » → « Lefèvre-N’Diaye »; the particles « de, du, des, d’ » stay small."""
    words = re.split(r"([\s\-'’]+)", name.lower())
    particles = {"de", "du", "des", "d"}
    return "".join(word if word in particles and len(words) > 1 else word[:1].upper() + word[1:] for word in words)


def division_parts(label: str) -> tuple[str, str, str]:
    """« 5E B » → ("5", "e", "B"): figure, what is raised, the rest. Any other label comes back in the third."""
    match = RAISED.match(label)
    if not match:
        return "", "", displayable(label)
    lower, second, first, rest = match.groups()
    return (
        (lower, "e", displayable(rest))
        if lower
        else (second, "de", displayable(rest))
        if second
        else (first, "re", displayable(rest))
    )


def number(value: int | float) -> str:
    """Thousands parted by a narrow no-break space, a comma before decimals: « 1 043 », « 12,5 »."""
    return f"{value:,}".replace(",", NARROW).replace(".", ",")


def masked_phone(phone: str) -> str:
    """« 06 •• •• •• 40 » for a French number, the code of the country and the last two figures for another."""
    digits = re.sub(r"[^\d+]", "", phone)
    if digits.startswith("+33") and len(digits) == 12:
        digits = "0" + digits[3:]
    if re.fullmatch(r"0\d{9}", digits):
        return WIDE.join([digits[:2], DOTS, DOTS, DOTS, digits[-2:]])
    overseas = re.fullmatch(r"(\+(?:262|590|594|596|508|687|689|681|269))(\d)?\d*(\d\d)", digits)
    if overseas:
        return WIDE.join(part for part in (overseas[1], overseas[2], DOTS, DOTS, DOTS, overseas[3]) if part)
    return WIDE.join([DOTS, DOTS, DOTS, digits[-2:]]) if len(digits) >= 6 else DOTS * 3


def phone_in_pairs(phone: str) -> str:
    """« 01 99 00 12 34 »: a French number in pairs; another as received."""
    digits = re.sub(r"[^\d+]", "", phone)
    if digits.startswith("+33") and len(digits) == 12:
        digits = "0" + digits[3:]
    return WIDE.join(re.findall("..", digits)) if re.fullmatch(r"0\d{9}", digits) else displayable(phone)


def in_groups(secret: str, size: int = 4) -> list[str]:
    """« 42V7ZJ7EXPC6 » → ["42V7", "ZJ7E", "XPC6"]."""
    return [secret[start : start + size] for start in range(0, len(secret), size)]


MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
SHORT_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc.")


def date_in_words(date: datetime.date, *, is_short: bool = False) -> str:
    """« 23 novembre 2026 », « 1er septembre 2026 »; short: « 23 nov. 2026 »."""
    month = (SHORT_MONTHS if is_short else MONTHS)[date.month - 1]
    day = "1er" if date.day == 1 else str(date.day)
    return f"{day}{WIDE}{month} {date.year}"


def hour_in_words(moment: datetime.time | datetime.datetime) -> str:
    """« 18 h 42 », « 8 h »."""
    return f"{moment.hour}{WIDE}h{WIDE}{moment.minute:02}" if moment.minute else f"{moment.hour}{WIDE}h"
