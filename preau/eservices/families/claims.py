"""Préau's claims read into people. Pure; forgiving of what is missing, strict about what would mislead.

The shape (userinfo answer)::

    {"sub": "…", "given_name": "Samira", "family_name": "Belkacem", "kind": "guardian",
     "email": "samira.belkacem@example.org", "email_verified": true,
     "children": [{"sub": "…", "given_name": "Inès", "family_name": "Belkacem", "birthdate": "2014-03-14",
                   "division": "5E B", "school": {"uai": "0991234D", "name": "Collège Élise-Deroche"}}]}

A pupil (``"kind": "pupil"``) has ``division`` and ``school`` instead of ``children``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Final

MOST_CHILDREN: Final = 50
"""Far above any family: a longer list is somebody's mistake, and a page of thousands would be ours."""


class Unreadable(Exception):
    """The claims do not say who this is; `reference` names the claim."""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference


class Kind(Enum):
    """The two audiences; they are greeted differently and never mixed."""

    GUARDIAN = "guardian"
    PUPIL = "pupil"


@dataclass(frozen=True, slots=True)
class School:
    """Where a child goes."""

    uai: str
    name: str


@dataclass(frozen=True, slots=True)
class Child:
    """A child of the guardian who is signed in. Without `school`: between two schools."""

    subject: str
    given_name: str
    family_name: str
    birth_on: date | None
    division: str
    school: School | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is signed in. `children` is empty for a pupil; `division` and `school` are empty for a guardian."""

    subject: str
    kind: Kind
    given_name: str
    family_name: str
    email: str
    is_email_confirmed: bool
    children: tuple[Child, ...]
    division: str
    school: School | None


def read(claims: Mapping[str, Any]) -> Holder:
    """The holder these claims describe. Raises Unreadable when kind, name or a child cannot be told for sure."""
    try:
        kind = Kind(claims.get("kind"))
    except ValueError:
        raise Unreadable("kind") from None
    given_name, family_name = _names(claims)
    return Holder(
        subject=_text(claims, "sub"),
        kind=kind,
        given_name=given_name,
        family_name=family_name,
        email=_maybe(claims, "email"),
        is_email_confirmed=claims.get("email_verified") is True,
        children=_children(claims) if kind is Kind.GUARDIAN else (),
        division=_maybe(claims, "division") if kind is Kind.PUPIL else "",
        school=_school(claims) if kind is Kind.PUPIL else None,
    )


def _children(claims: Mapping[str, Any]) -> tuple[Child, ...]:
    # A missing list is not an empty one: it would tell a guardian that they have lost their children.
    found = claims.get("children")
    if not isinstance(found, list) or len(found) > MOST_CHILDREN:
        raise Unreadable("children")
    return tuple(_child(one) for one in found)


def _child(claims: object) -> Child:
    if not isinstance(claims, Mapping):
        raise Unreadable("children")
    given_name, family_name = _names(claims)
    return Child(
        subject=_text(claims, "sub"),
        given_name=given_name,
        family_name=family_name,
        birth_on=_date(claims, "birthdate"),
        division=_maybe(claims, "division"),
        school=_school(claims),
    )


def _school(claims: Mapping[str, Any]) -> School | None:
    found = claims.get("school")
    if found is None:
        return None
    if not isinstance(found, Mapping):
        raise Unreadable("school")
    return School(uai=_text(found, "uai"), name=_text(found, "name"))


def _names(claims: Mapping[str, Any]) -> tuple[str, str]:
    # Some people have one name only, and it may stand in either box; nobody has none.
    names = _maybe(claims, "given_name"), _maybe(claims, "family_name")
    if not any(names):
        raise Unreadable("given_name")
    return names


def _text(claims: Mapping[str, Any], name: str) -> str:
    if not (value := _maybe(claims, name)):
        raise Unreadable(name)
    return value


def _maybe(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(name)
    return value.strip()


def _date(claims: Mapping[str, Any], name: str) -> date | None:
    if not (value := _maybe(claims, name)):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Unreadable(name) from None
