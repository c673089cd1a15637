"""What of a ticket agrees with a guardian's record: fields, never values. Pure; `says` compares with the ticket.

The desk sees the record; it never sees what was typed. It learns whether the two agree, and, for the usual mistakes,
how near they are: names exchanged, a digit, a day written for a month.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from string import digits

from preau.identity.directory import names
from preau.identity.directory.matching import folded_email

# Whether a value, as the directory would write it, is what was typed in that field.
Says = Callable[[str, str], bool]


class Field(StrEnum):
    """A line of the comparison."""

    TITLE = "title"
    SURNAME = "surname"
    FIRST_NAME = "first_name"
    MOBILE = "mobile"
    EMAIL = "email"
    BIRTHS = "births"
    CHILD = "child"
    BIRTH = "birth"


class Sign(StrEnum):
    """How a field stands."""

    AGREES = "agrees"
    DIFFERS = "differs"
    ABSENT = "absent"  # the base knows none


class Hint(StrEnum):
    """What may explain it, in the order the desk looks."""

    SWAPPED_NAMES = "swapped_names"
    FIRST_OF_SEVERAL = "first_of_several"
    NOT_A_MOBILE = "not_a_mobile"
    UNREADABLE = "unreadable"
    ONE_DIGIT = "one_digit"
    NEAR_DATE = "near_date"
    NOT_TYPED = "not_typed"
    TYPED_TOO_MANY = "typed_too_many"
    NO_BIRTH_DATE = "no_birth_date"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A guardian's record, with the first name and birth date of each child the journey asks for."""

    birth_name: str
    first_name: str
    used_name: str = ""
    title: str = ""
    mobile: str = ""
    mobile_given: str = ""
    phone: str = ""
    email: str = ""
    children: tuple[tuple[str, date | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: the field, how it stands, why perhaps, and which children it is about."""

    field: Field
    sign: Sign
    hints: tuple[tuple[Hint, str], ...] = ()


def compare(recorded: Recorded, says: Says, stated: Mapping[str, int]) -> list[Finding]:
    """The lines of the fields that were typed; `stated` counts the values of each. Last, what nobody could have typed:
    a birth date that the base itself does not know."""
    lines = {
        Field.TITLE: _title, Field.SURNAME: _surname, Field.FIRST_NAME: _first_name, Field.MOBILE: _mobile,
        Field.EMAIL: _email, Field.CHILD: _child, Field.BIRTH: _birth,
    }  # fmt: skip
    found = [line(recorded, says) for name, line in lines.items() if stated.get(name)]
    if stated.get("births"):
        return [*found, _births(recorded, says, stated["births"])]
    unknown = () if stated.get("birth") else _without_birth_date(recorded)
    return found + ([Finding(Field.BIRTHS, Sign.ABSENT, unknown)] if unknown else [])


def _line(name: Field, *, known: bool, agrees: bool, hints: Iterator[Hint]) -> Finding:
    if agrees:
        return Finding(name, Sign.AGREES)
    return Finding(name, Sign.DIFFERS if known else Sign.ABSENT, tuple((hint, "") for hint in hints))


def _title(recorded: Recorded, says: Says) -> Finding:
    own = names.fold(recorded.title)
    return _line(Field.TITLE, known=bool(own), agrees=bool(own) and says("title", own), hints=iter(()))


def _surname(recorded: Recorded, says: Says) -> Finding:
    own = names.surnames(recorded.birth_name, recorded.used_name)
    hints = (Hint.SWAPPED_NAMES for _ in range(_is_swapped(recorded, says)))
    return _line(Field.SURNAME, known=bool(own), agrees=any(says("surname", one) for one in own), hints=hints)


def _first_name(recorded: Recorded, says: Says) -> Finding:
    own, first = names.fold(recorded.first_name), names.first_given(recorded.first_name)

    def hints() -> Iterator[Hint]:
        if _is_swapped(recorded, says):
            yield Hint.SWAPPED_NAMES
        elif first and says("first_given", first):
            yield Hint.FIRST_OF_SEVERAL

    return _line(Field.FIRST_NAME, known=bool(own), agrees=bool(own) and says("first_name", own), hints=hints())


def _is_swapped(recorded: Recorded, says: Says) -> bool:
    own = names.surnames(recorded.birth_name, recorded.used_name)
    return any(says("first_name", one) for one in own) and says("surname", names.fold(recorded.first_name))


def _mobile(recorded: Recorded, says: Says) -> Finding:
    def hints() -> Iterator[Hint]:
        if not recorded.mobile and recorded.mobile_given:
            yield Hint.UNREADABLE
        elif not recorded.mobile and recorded.phone:
            yield Hint.NOT_A_MOBILE
        elif recorded.mobile and any(says("mobile", one) for one in _one_digit_away(recorded.mobile)):
            yield Hint.ONE_DIGIT

    agrees = bool(recorded.mobile) and says("mobile", recorded.mobile)
    return _line(Field.MOBILE, known=bool(recorded.mobile), agrees=agrees, hints=hints())


def _one_digit_away(mobile: str) -> Iterator[str]:
    """A digit replaced, or two neighbours exchanged."""
    for place in range(1, len(mobile)):
        for digit in digits:
            if digit != mobile[place]:
                yield mobile[:place] + digit + mobile[place + 1 :]
        if place + 1 < len(mobile) and mobile[place] != mobile[place + 1]:
            yield mobile[:place] + mobile[place + 1] + mobile[place] + mobile[place + 2 :]


def _email(recorded: Recorded, says: Says) -> Finding:
    own = folded_email(recorded.email)
    return _line(Field.EMAIL, known=bool(own), agrees=bool(own) and says("email", own), hints=iter(()))


def _child(recorded: Recorded, says: Says) -> Finding:
    agrees = any(says("child", names.fold(name)) for name, _ in recorded.children)
    return _line(Field.CHILD, known=bool(recorded.children), agrees=agrees, hints=iter(()))


def _birth(recorded: Recorded, says: Says) -> Finding:
    """A pupil's own date, on the line of the child of that name."""
    own = [(name, born) for name, born in recorded.children if says("child", names.fold(name))]
    hints = [
        (Hint.NEAR_DATE if any(says("birth", one.isoformat()) for one in _near(born)) else Hint.NOT_TYPED, name)
        for name, born in own
        if born
    ]
    if any(born and says("birth", born.isoformat()) for _, born in own):
        return Finding(Field.BIRTH, Sign.AGREES)
    unknown = tuple((Hint.NO_BIRTH_DATE, name) for name, born in own if born is None)
    return Finding(Field.BIRTH, Sign.DIFFERS if hints else Sign.ABSENT, (*hints, *unknown))


def _without_birth_date(recorded: Recorded) -> tuple[tuple[Hint, str], ...]:
    return tuple((Hint.NO_BIRTH_DATE, name) for name, born in recorded.children if born is None)


def _births(recorded: Recorded, says: Says, typed: int) -> Finding:
    """All the dates, neither more nor fewer; twins may be typed once."""
    known = {born for _, born in recorded.children if born}
    right = {born for born in known if says("births", born.isoformat())}
    hints: list[tuple[Hint, str]] = []
    for name, born in recorded.children:
        if born is None:
            hints.append((Hint.NO_BIRTH_DATE, name))
        elif born not in right:
            is_near = any(says("births", one.isoformat()) for one in _near(born))
            hints.append((Hint.NEAR_DATE if is_near else Hint.NOT_TYPED, name))
    if typed > len(known):
        hints.append((Hint.TYPED_TOO_MANY, ""))
    if not recorded.children:
        return Finding(Field.BIRTHS, Sign.ABSENT)
    return Finding(Field.BIRTHS, Sign.DIFFERS if hints or typed != len(right) else Sign.AGREES, tuple(hints))


def _near(born: date) -> Iterator[date]:
    """A day, a month or a year away; or day and month exchanged."""
    yield from (born + timedelta(days=1), born - timedelta(days=1))
    for year, month, day in (
        (born.year + 1, born.month, born.day), (born.year - 1, born.month, born.day),
        (born.year, born.month + 1, born.day), (born.year, born.month - 1, born.day),
        (born.year, born.day, born.month),
    ):  # fmt: skip
        try:
            near = date(year, month, day)
        except ValueError:
            continue
        if near != born:
            yield near
