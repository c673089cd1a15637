"""What the staff portal says of a person, read. Pure rules.

Source: specs/protocols.md §3.2 (attributes FrEdu… of the academic portal). A blank or ``X`` is no value; one value or a
list are the same; school codes come in any case; dates are inclusive. What cannot be read gives no right.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from preau.identity.directory import identifiers

HEAD_FUNCTION = "DIR"
_RESPONSIBLE = "FrEduRneResp="
_FOREVER_YEAR = 9999


class Claimed(StrEnum):
    """What the portal alone may say a person is; the values of `models.Role`."""

    HEAD = "head"
    DELEGATE = "delegate"


@dataclass(frozen=True, slots=True)
class ClaimedGrant:
    """A role in a school, from one day to another, both included; None is without limit."""

    role: Claimed
    uai: str
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class PortalPerson:
    """A person as the portal describes them. `postings` are the schools where they work, which give no right."""

    subject: str
    surname: str
    first_name: str
    email: str
    function: str
    postings: tuple[str, ...]
    grants: tuple[ClaimedGrant, ...]


def read(claims: Mapping[str, object], *, day: date, product: str = "preau") -> PortalPerson:
    """The person behind `claims` on `day`. `product`: our name in delegations (``applicationname=…``)."""
    home = _uai(_first(claims, "rne"))
    posted = [_uai(line.split("$")[0]) for line in _values(claims, "FrEduRne")]
    function = _first(claims, "FrEduFonctAdm").upper()
    heads = _heads(claims, day) if function == HEAD_FUNCTION else []
    return PortalPerson(
        subject=_first(claims, "sub"),
        surname=_first(claims, "family_name") or _first(claims, "usual_name"),
        first_name=_first(claims, "given_name"),
        email=_first(claims, "email"),
        function=function or _first(claims, "title").upper(),
        postings=tuple(dict.fromkeys(uai for uai in [home, *posted] if uai)),
        grants=tuple(dict.fromkeys([*heads, *_delegations(claims, product)])),
    )


def _heads(claims: Mapping[str, object], day: date) -> Iterable[ClaimedGrant]:
    """``UAI$UAJ$secteur$activité$Tn$TTY$TNA``, or a bare UAI. Activity: N now, A from 1 September, F to 31 August."""
    for line in _values(claims, "FrEduRneResp"):
        fields = line.split("$")
        uai, activity = _uai(fields[0]), fields[3].strip().upper() if len(fields) > 3 else "N"
        if not uai:
            continue
        if activity == "N":
            yield ClaimedGrant(Claimed.HEAD, uai)
        elif activity == "A":
            yield ClaimedGrant(Claimed.HEAD, uai, starts_on=date(day.year, 9, 1))
        elif activity == "F":
            yield ClaimedGrant(Claimed.HEAD, uai, ends_on=date(day.year + (day.month > 8), 8, 31))


def _delegations(claims: Mapping[str, object], product: str) -> Iterable[ClaimedGrant]:
    """``appli|url|JJ/MM/AAAA|JJ/MM/AAAA|délégant|FrEduRneResp=…;…|serveur|module|``: a head's delegation to us."""
    for line in _values(claims, "FrEduResDel"):
        fields = line.split("|")
        if len(fields) < 6 or not _is_ours(fields[1], product):
            continue
        try:
            starts_on, ends_on = _day(fields[2]), _day(fields[3])
        except ValueError:
            continue
        for school in fields[5].split(";"):
            if uai := _uai(school.strip().removeprefix(_RESPONSIBLE).split("$")[0]):
                yield ClaimedGrant(Claimed.DELEGATE, uai, starts_on, None if ends_on.year == _FOREVER_YEAR else ends_on)


def _is_ours(url: str, product: str) -> bool:
    return product in parse_qs(urlsplit(url.strip()).query).get("applicationname", [])


def _day(text: str) -> date:
    return datetime.strptime(text.strip(), "%d/%m/%Y").date()  # noqa: DTZ007  (a civil date, no instant)


def _uai(text: str) -> str:
    """The code, normalised; empty when it is none (a wrong key letter is a wrong code)."""
    try:
        return identifiers.uai(text)
    except identifiers.NotAUai:
        return ""


def _values(claims: Mapping[str, object], name: str) -> list[str]:
    given = claims.get(name)
    several = given if isinstance(given, (list, tuple)) else [given]
    texts = [one.strip() for one in several if isinstance(one, str)]
    return [text for text in texts if text and text.upper() != "X"]


def _first(claims: Mapping[str, object], name: str) -> str:
    return next(iter(_values(claims, name)), "")
