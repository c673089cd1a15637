"""Requests that are wrong in one way each: what Préau answers, and what its operator then reads of this service."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from preau.simulators.ent import messages, xml
from preau.simulators.ent.provider import Provider


@dataclass(frozen=True)
class Fault:
    """One mistake: its words, and how it spoils a request before it is signed, or the address after."""

    words: str
    spoil: Callable[[xml.Element, datetime], object] = lambda request, at: None
    alter: Callable[[str], str] = lambda address: address


def _date_back(request: xml.Element, at: datetime) -> None:
    request.set("IssueInstant", f"{at.astimezone(UTC) - timedelta(minutes=10):%Y-%m-%dT%H:%M:%SZ}")


def _rename(request: xml.Element, at: datetime) -> None:
    request[0].text = f"{messages.entity_id()}-inconnu"


FAULTS: Final = {
    "inconnu": Fault("Un entityID que personne n’a raccordé", _rename),
    "retour": Fault(
        "Une adresse de retour qui n’est pas dans les métadonnées",
        lambda request, at: request.set("AssertionConsumerServiceURL", messages.place("ailleurs/")),
    ),
    "signature": Fault(
        "Une demande changée après sa signature",
        alter=lambda address: address.replace("&SigAlg", "&RelayState=x&SigAlg"),
    ),
    "heure": Fault("Une horloge en retard de dix minutes", _date_back),
    "destination": Fault(
        "Une demande destinée à un autre fournisseur d’identité",
        lambda request, at: request.set("Destination", messages.place("autre-fournisseur")),
    ),
}


def question(to: Provider, request_id: str, fault: str = "", *, at: datetime) -> str:
    """The address that asks Préau who it is; wrong in one way when `fault` names one."""
    request, known = messages.authn_request(to, request_id, at=at), FAULTS.get(fault, Fault(""))
    known.spoil(request, at)
    return known.alter(messages.to_query(to.sign_on, request))
