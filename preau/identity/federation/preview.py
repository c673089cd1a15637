"""What a service would receive for a person, and why: the answer to « your portal says I am unknown ».

Nothing is sent. Looking is an event on the person, who reads it on their own page.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from preau import clock
from preau.identity.accounts import usernames
from preau.identity.accounts.models import Account
from preau.identity.accounts.states import LABELS, State
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.federation import attributes, release
from preau.identity.federation.attributes import ATTRIBUTES
from preau.identity.federation.facts import Facts
from preau.identity.federation.models import Naming, Protocol, RelyingParty
from preau.identity.federation.oidc.userinfo import as_educonnect


class NobodyOfThatName(Exception):
    """No account has this username; the sentence says what to check."""

    def __init__(self) -> None:
        super().__init__("Aucun compte n’a cet identifiant. Demandez à la personne celui de son courrier.")


@dataclass(frozen=True)
class Line:
    """One attribute: as the service reads it, what it holds, and why it is let out or not."""

    name: str
    shown: str
    friendly: str
    words: str
    values: tuple[str, ...]
    is_given: bool
    why: str


@dataclass(frozen=True)
class Preview:
    """What one service would receive for one person at one instant."""

    party: RelyingParty
    account: Account
    obstacles: list[str]
    given: list[Line]
    withheld: list[Line]
    message: str


@transaction.atomic
def look(party: RelyingParty, *, username: str, by: str, at: datetime) -> Preview:
    """The preview of `party` for the person of this username, recorded on them. Raises `NobodyOfThatName`."""
    account = Account.objects.filter(username=usernames.normalised(username)).first()
    if account is None:
        raise NobodyOfThatName
    record(Events.RELEASE_PREVIEWED, by=by, on=account.key, at=at, party=party.client_id)
    return preview(party, account, at=at)


def preview(party: RelyingParty, account: Account, *, at: datetime) -> Preview:
    """The same, by who recorded it or shows it to the person themselves."""
    facts = Facts(account, party, day=clock.today(at), authenticated_at=at)
    allowed = released(party)
    values = attributes.values(facts, allowed)
    lines = [_line(name, party, facts, values, allowed) for name in ATTRIBUTES if _is_spoken(name, party)]
    return Preview(
        party=party,
        account=account,
        obstacles=list(_obstacles(party, facts)),
        given=[line for line in lines if line.is_given],
        withheld=[line for line in lines if not line.is_given],
        message=_message(party, facts, values, allowed),
    )


def released(party: RelyingParty) -> frozenset[str]:
    """Every attribute this service may have, when it asks for all that it may ask."""
    if party.protocol == Protocol.SAML:
        return release.released_by_saml(party.scopes, own=party.attributes)
    return release.released(party.scopes, own=party.attributes, given=party.scopes, claims=party.attributes)


def reason(name: str, party: RelyingParty) -> str:
    """Why this service may have this attribute, for the operator, with what each comes from; empty when it may not."""
    found = [f"{release.SCOPES[scope][1]} (portée {scope})" for scope in scopes_of(name, party)]
    if name in party.attributes:
        found.append(f"{party.reason} (donné en propre)")
    if party.protocol == Protocol.SAML and name in release.ALWAYS_BY_SAML:
        found.append("Tout service SAML l’a : ce n’est pas une donnée de la personne")
    return " ; ".join(found)


def scopes_of(name: str, party: RelyingParty) -> list[str]:
    """Which of the scopes this service was given let this attribute out."""
    return [scope for scope in party.scopes if scope in release.SCOPES and name in release.SCOPES[scope][0]]


def _is_spoken(name: str, party: RelyingParty) -> bool:
    return party.protocol == Protocol.OIDC or ATTRIBUTES[name].saml is not None


def _line(name: str, party: RelyingParty, facts: Facts, values: dict[str, Any], allowed: frozenset[str]) -> Line:
    attribute, shown, friendly = ATTRIBUTES[name], name, ""
    if party.protocol == Protocol.SAML and attribute.saml:
        oid, friendly = attribute.saml
        shown = oid if party.saml.naming == Naming.OID else friendly
    if name in values:
        why = reason(name, party)
    elif name in allowed:
        why = f"Le service y a droit, mais {_missing(name, facts)}."
    else:
        why = "Le service n’y a pas droit : aucune de ses portées, ni sa liste, ne le laisse sortir."
    return Line(name, shown, friendly, attribute.words, as_texts(values.get(name)), name in values, why)


def _missing(name: str, facts: Facts) -> str:
    if name in {"email", "email_verified"}:
        return "la personne n’a pas confirmé d’adresse électronique"
    if ATTRIBUTES[name].of_pupils and not facts.is_pupil:
        return "c’est une donnée d’élève, et ce compte est celui d’un responsable"
    if not facts.is_known_here:
        return "la personne n’a aucun établissement que ce service dessert"
    return "il n’y a rien à dire pour cette personne"


def _obstacles(party: RelyingParty, facts: Facts) -> Any:
    account = facts.account
    if party.disabled_at is not None:
        yield "Le service est coupé : personne n’y entre."
    if account.state != State.ACTIVE:
        yield f"Le compte n’est pas activé (état : {LABELS[State(account.state)]}) : la personne n’entre nulle part."
    if not party.is_for(account):
        yield f"Le service n’est pas pour ce profil ({account.get_kind_display()}) : la personne en est détournée."
    if not facts.is_known_here:
        yield "Aucun établissement de la personne n’est desservi par ce service."


def as_texts(value: Any) -> tuple[str, ...]:
    """One text per value, as a SAML service receives them."""
    if value is None:
        return ()
    several = value if isinstance(value, list) else [value]
    return tuple(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in several)


def _message(party: RelyingParty, facts: Facts, values: dict[str, Any], allowed: frozenset[str]) -> str:
    if party.protocol == Protocol.SAML:
        return ""
    subject = attributes.subject(facts.account, sector=facts.sector)
    told = {"sub": subject, **values}
    shaped = as_educonnect(told, allowed) if party.speaks_educonnect else told
    return json.dumps(shaped, ensure_ascii=False, indent=2)
