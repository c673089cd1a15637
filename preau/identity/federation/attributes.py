"""From facts to claims, one line each. What leaves is decided in release.py."""

from collections.abc import Callable
from datetime import date
from typing import Any

from preau.identity import keys
from preau.identity.accounts.models import Account, Kind
from preau.identity.directory.models import Enrolment, Pupil, School

Claims = dict[str, Any]
_SUBJECT = "federation/subject"


def subject(account: Account, *, sector: str) -> str:
    """The name of the holder for one sector (OpenID Connect Core §8.1). A pupil's is the same in a guardian's list."""
    return pupil_subject(account.pupil_id, sector=sector) if account.pupil_id else _pseudonym(account.key, sector)


def pupil_subject(pupil_id: int, *, sector: str) -> str:
    """The name of a pupil for one sector, whether they sign in or a guardian of theirs does."""
    return _pseudonym(f"pupil:{pupil_id}", sector)


def claims(account: Account, names: frozenset[str], *, sector: str, day: date) -> Claims:
    """The claims of `names` that make sense for this person on `day`."""
    holder = account.holder()
    found: Claims = {"sub": subject(account, sector=sector)}
    for name in sorted(names & CLAIMS.keys()):
        value = CLAIMS[name](account, holder, sector, day)
        if value is not None:
            found[name] = value
    return found


# Each takes (account, holder, sector, day) and answers None when the claim makes no sense for this person.
CLAIMS: dict[str, Callable[[Account, Any, str, date], Any]] = {
    "kind": lambda account, holder, sector, day: account.kind,
    "given_name": lambda account, holder, sector, day: holder and holder.first_name,
    "family_name": lambda account, holder, sector, day: holder and holder.surname,
    # An address is let out once its holder has confirmed it, never the school's (design.md §6.8).
    "email": lambda account, holder, sector, day: account.email if account.has_confirmed_email() else None,
    "email_verified": lambda account, holder, sector, day: account.has_confirmed_email() or None,
    "children": lambda account, holder, sector, day: _children(account, sector, day),
    "division": lambda account, holder, sector, day: _division(_enrolment(account, day)),
    "school": lambda account, holder, sector, day: _school(_enrolment(account, day)),
}


def _children(account: Account, sector: str, day: date) -> list[Claims] | None:
    if account.kind != Kind.GUARDIAN:
        return None
    children: dict[int, Claims] = {}
    for link in account.guardianships(day):
        enrolment = link.enrolment
        children.setdefault(enrolment.pupil_id, _child(enrolment.pupil, enrolment, sector))
    return list(children.values())


def _child(pupil: Pupil, enrolment: Enrolment, sector: str) -> Claims:
    # A protected file tells no guardian where the child is (directory/protection.py).
    shown = None if pupil.is_protected() else enrolment
    return {
        "sub": pupil_subject(pupil.pk, sector=sector),
        "given_name": pupil.first_name,
        "family_name": pupil.surname,
        "birthdate": pupil.birth_on.isoformat() if pupil.birth_on else None,
        "division": _division(shown),
        "school": _school(shown),
    }


def _enrolment(account: Account, day: date) -> Enrolment | None:
    return account.enrolments(day).order_by("-entered_on", "-pk").first() if account.kind == Kind.PUPIL else None


def _division(enrolment: Enrolment | None) -> str | None:
    return enrolment.division.code if enrolment and enrolment.division else None


def _school(enrolment: Enrolment | None) -> Claims | None:
    school: School | None = enrolment.school if enrolment else None
    return {"uai": school.uai, "name": school.name} if school else None


def _pseudonym(person: str, sector: str) -> str:
    return keys.pseudonym(_SUBJECT, sector, person)
