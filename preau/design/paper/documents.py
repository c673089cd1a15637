"""What each paper needs. Dates come in words (preau.design.text.date_in_words), names as they are to be read.

The address of the site stands twice: `site`, as one types it, and `address`, in the square to photograph. The square
never holds anything else.
"""

from typing import Literal, NotRequired, TypedDict


class School(TypedDict):
    """Who sends: the head of a letter."""

    name: str
    address: list[str]
    phone: str


class PupilSheet(TypedDict):
    """One pupil: name as « Inès BELKACEM », division as received (« 5E B »)."""

    name: str
    division: str
    username: str
    secret: str


class Sheets(TypedDict):
    """Pupils' sheets, `press.render("sheets", …)`: `four` on an A4 with cut marks, or `one` on an A4."""

    layout: Literal["four", "one"]
    title: str
    school: str
    phone: str
    site: str
    address: str
    until: str
    pupils: list[PupilSheet]


class Child(TypedDict):
    """A child named in a letter: « Inès Belkacem », « 5E B »."""

    name: str
    division: str


class GuardianLetter(TypedDict):
    """One guardian; `lines` is what shows in the window of the envelope, name first; `greeting` is « Madame, »."""

    lines: list[str]
    greeting: str
    children: list[Child]
    username: str
    secret: str


class Letters(TypedDict):
    """Guardians' letters with a temporary password, `press.render("letter", …)`: one A4 each, or more."""

    title: str
    day: str
    until: str
    school: School
    site: str
    address: str
    letters: list[GuardianLetter]
    ways: NotRequired[list[Literal["franceconnect", "mobile"]]]


class InvitedGuardian(TypedDict):
    """The same without any secret."""

    lines: list[str]
    greeting: str
    children: list[Child]


class Invitations(TypedDict):
    """Letters that name the ways to get in alone, `press.render("invitation", …)`; nothing in them is secret."""

    title: str
    day: str
    school: School
    site: str
    address: str
    letters: list[InvitedGuardian]
    ways: list[Literal["franceconnect", "mobile"]]


class Column(TypedDict):
    """A column of a roster; `share` is its part of the width; `kind` says how its cells are drawn."""

    label: str
    kind: NotRequired[Literal["text", "code", "secret", "division"]]
    share: NotRequired[int]


class Roster(TypedDict):
    """A list, `press.render("roster", …)`. `is_secret` adds the warning that this paper is to be locked away."""

    title: str
    school: str
    day: str
    columns: list[Column]
    rows: list[list[str]]
    note: NotRequired[str]
    is_secret: NotRequired[bool]
    is_landscape: NotRequired[bool]


class Slip(TypedDict):
    """A reset password, handed over in person, `press.render("slip", …)`: a strip at the head of an A4."""

    title: str
    school: str
    name: str
    division: str
    username: str
    secret: str
    until: str
    by: str
    site: str
    address: str
