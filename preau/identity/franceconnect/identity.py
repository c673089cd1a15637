"""Who FranceConnect brings: the civil status of the national register, with its oddities. Pure.

Nothing is corrected here: a name is kept as the register writes it, a birth date that is not one is kept as it came.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

FRANCE = "99100"
_LONGEST = 300
_PARTIAL = re.compile(r"\d{4}(-\d{2}){0,2}")
_GENDERS = frozenset(("male", "female", "unspecified"))


@dataclass(frozen=True)
class Identity:
    """Somebody, as FranceConnect names them. Whatever an identity provider does not know is empty.

    `subject` is ours alone (pairwise), and changes when the civil status does. `birth_on` is None when the register
    knows a part only (« présumé né en 1992 »): the part is then in `birth_partial`, "1992-11-00", "1992-11" or "1992".
    `birthplace` is a commune's INSEE code (five characters, letters in Corsica), empty for who was born abroad;
    `birthcountry` is the country's ("99100" is France). `email` is a contact: unverified, perhaps shared, never a key.
    """

    subject: str
    given_names: tuple[str, ...] = ()
    birth_name: str = ""
    used_name: str = ""
    birth_on: date | None = None
    birth_partial: str = ""
    gender: str = ""
    birthplace: str = ""
    birthcountry: str = ""
    email: str = ""

    @property
    def first_name(self) -> str:
        """The first of the given names; empty when the register has none."""
        return self.given_names[0] if self.given_names else ""

    @property
    def name(self) -> str:
        """As one greets them: first given name, then the name they use."""
        return f"{self.first_name} {self.used_name or self.birth_name}".strip()

    def is_minor(self, day: date) -> bool:
        """Surely under eighteen on `day`. A partial date is read as early as it can be: doubt refuses nobody here."""
        born = self.birth_on or _earliest(self.birth_partial)
        return born is not None and (day.year - 18, day.month, day.day) < (born.year, born.month, born.day)

    def is_surely_adult(self, day: date) -> bool:
        """Eighteen or more on `day`, however late a partial date is read; an unknown one proves nothing."""
        if self.birth_on is not None:
            return not self.is_minor(day)
        return bool(self.birth_partial) and int(self.birth_partial[:4]) < day.year - 18


def read(claims: Mapping[str, object]) -> Identity:
    """The identity that verified claims describe (userinfo). A claim of another type than promised is no claim."""
    birth_on, birth_partial = _birth(_text(claims, "birthdate"))
    gender = _text(claims, "gender")
    return Identity(
        subject=str(claims["sub"]),
        given_names=_given_names(claims),
        birth_name=_text(claims, "family_name"),
        used_name=_text(claims, "preferred_username"),
        birth_on=birth_on,
        birth_partial=birth_partial,
        gender=gender if gender in _GENDERS else "",
        birthplace=_text(claims, "birthplace"),
        birthcountry=_text(claims, "birthcountry"),
        email=_text(claims, "email"),
    )


def _given_names(claims: Mapping[str, object]) -> tuple[str, ...]:
    """`given_name_array` tells « Anne Laure » from « Anne, Laure »; some identity providers do not give it."""
    listed = claims.get("given_name_array")
    if isinstance(listed, list):
        names = tuple(name for one in listed if isinstance(one, str) and (name := _clean(one)))
        if names:
            return names
    return tuple(_text(claims, "given_name").split())


def _birth(written: str) -> tuple[date | None, str]:
    """A whole date, or the part of one that the register knows."""
    if not _PARTIAL.fullmatch(written):
        return None, ""
    try:
        return (date.fromisoformat(written), "") if len(written) == 10 else (None, written)
    except ValueError:
        return None, written  # 1992-11-00, 1977-00-03


def _earliest(partial: str) -> date | None:
    if not partial:
        return None
    year, month, day = (int(part) for part in [*partial.split("-"), "0", "0"][:3])
    try:
        return date(year, month or 1, day or 1)
    except ValueError:
        return date(year, 1, 1) if year else None


def _text(claims: Mapping[str, object], name: str) -> str:
    said = claims.get(name)
    return _clean(said) if isinstance(said, str) else ""


def _clean(said: str) -> str:
    """Composed, single spaces, no character that is invisible or turns the reading round."""
    composed = unicodedata.normalize("NFC", said[:_LONGEST])
    seen = "".join(" " if c.isspace() else c for c in composed if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(seen.split())
