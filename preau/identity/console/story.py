"""The journal in plain words: what happened, to whom, by whom. It holds keys; names are looked up at reading."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from preau.design import text
from preau.identity.accounts.models import Account, Channel, GuardianRecord, Kind
from preau.identity.accounts.origins import LABELS as ORIGINS
from preau.identity.accounts.origins import Origin
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Guardian, Person, Pupil
from preau.identity.federation.models import RelyingParty
from preau.identity.staff.models import Role, StaffMember

# What reading leaves: true, useful when somebody asks, noise otherwise. Shown when asked for.
READINGS = (Events.PAGE_READ, Events.RECORD_READ)

# Groups of events, as the filter of the journal offers them: the first part of their names.
GROUPS = {
    "accounts": "Comptes",
    "distribution": "Envois",
    "directory": "Élèves et responsables",
    "support": "Tickets",
    "imports": "Imports",
    "staff": "Équipe",
    "console": "Consultations",
}
_SYSTEM = {
    "system:import": "import de la base",
    "system:portal": "portail des personnels",
    "system:clock": "date arrivée",
    "system:quota": "surveillance automatique",
    "system:operator": "exploitant",
    "system:worker": "envoi automatique",
}


@dataclass(frozen=True)
class Line:
    """One event, told."""

    at: datetime
    words: str
    on: str
    by: str
    detail: str

    @property
    def sentence(self) -> str:
        """On one line, for a person's own page."""
        by = f" par {self.by}" if self.by else ""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.words}{detail}{by}"


def told(events: Sequence[Event], *, uai: str | None) -> list[Line]:
    """The lines of these events. Names of families are looked up in the school `uai` alone (None: one own's page)."""
    names = _names({key for event in events for key in (event.by, event.on)}, uai=uai)
    parties = RelyingParty.objects.names(events)
    return [
        Line(
            at=event.at,
            words=_label(event.name),
            on=names.get(event.on, ""),
            by="" if event.by == event.on else names.get(event.by, ""),
            detail=_detail(event, parties),
        )
        for event in events
    ]


def _label(name: str) -> str:
    """The catalogue's sentence; an event of a newer version keeps its name."""
    return str(Events(name).label) if name in Events.values else name


def _detail(event: Event, parties: Mapping[str, str]) -> str:
    facts = event.facts
    parts = [parties[facts["party"]]] if facts.get("party") in parties else []
    if facts.get("channel") in Channel.values:
        parts.append(f"par {Channel(facts['channel']).label}")
    if facts.get("origin") in ORIGINS:
        parts.append(f"origine\u00a0: {ORIGINS[Origin(facts['origin'])]}")
    if facts.get("role") in Role.values:
        parts.append(str(Role(facts["role"]).label))
    if isinstance(facts.get("lines"), int):
        parts.append(f"{text.number(facts['lines'])} lignes")
    return ", ".join(parts)


def _names(keys: Iterable[str], *, uai: str | None) -> dict[str, str]:
    """How each key is called: at most one query per kind of person."""
    wanted: dict[str, set[int]] = defaultdict(set)
    names = {key: _SYSTEM.get(key, "Préau") for key in keys if key.startswith("system:")}
    for key in keys:
        kind, _, number = key.partition(":")
        if number.isdecimal():
            wanted[kind].add(int(number))
    if wanted["staff"]:
        members = StaffMember.objects.in_bulk(wanted["staff"])
        names |= {f"staff:{pk}": member.name for pk, member in members.items()}
    if wanted["account"]:
        names |= _account_names(wanted["account"], uai=uai)
    here = {"school": uai} if uai else {}
    if wanted["guardian"]:
        guardians = Guardian.objects.filter(pk__in=wanted["guardian"], **here)
        names |= {person.key: _desk_name(person) for person in guardians}
    if wanted["pupil"]:
        enrolled = {"enrolments__school": uai} if uai else {}
        pupils = Pupil.objects.filter(pk__in=wanted["pupil"], **enrolled).distinct()
        names |= {person.key: _desk_name(person) for person in pupils}
    return names


def _account_names(wanted: set[int], *, uai: str | None) -> dict[str, str]:
    here = {"guardian__school": uai} if uai else {}
    records = GuardianRecord.objects.filter(account__in=wanted, **here).select_related("guardian")
    names = {f"account:{record.account_id}": _desk_name(record.guardian) for record in records}
    for account in Account.objects.filter(pk__in=wanted, kind=Kind.PUPIL).select_related("pupil"):
        if account.pupil is not None:
            names[account.key] = _desk_name(account.pupil)
    return names


def _desk_name(person: Person) -> str:
    return text.desk_name(person.surname, person.first_name)
