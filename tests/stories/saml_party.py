"""A small service by SAML, for stories: it says who it is, sends people to sign in, and reads what they bring back."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import requests
from lxml import etree
from lxml.builder import ElementMaker

from tests.rooms.identity.federation.listening_service import Listener, listening
from tests.rooms.identity.federation.saml import ent
from tests.rooms.identity.federation.saml.ent import NAMES, Pair
from tests.stories.street import Street

_MD = ElementMaker(namespace=NAMES["md"], nsmap={"md": NAMES["md"], "ds": NAMES["ds"]})
_DS = ElementMaker(namespace=NAMES["ds"], nsmap={"ds": NAMES["ds"]})
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_WELCOME = "<!doctype html><html lang=fr><title>Le service</title><h1>Vous voilà</h1>".encode()


@dataclass(frozen=True)
class Party:
    """Where it is, its key, and what reached it."""

    client_id: str
    pair: Pair
    machine: Listener

    @property
    def entity_id(self) -> str:
        """Its name for Préau."""
        return f"https://{self.client_id}.example/sp"

    def metadata(self, *, signs: bool = False) -> bytes:
        """Who it is, for the operator."""
        keys = [
            _MD.KeyDescriptor(_DS.KeyInfo(_DS.X509Data(_DS.X509Certificate(self.pair.certificate))), use=use)
            for use in ("signing", "encryption")
        ]
        place = _MD.AssertionConsumerService(Binding=_POST, Location=self.machine.url, index="0")
        role = _MD.SPSSODescriptor(
            *keys, place, protocolSupportEnumeration=NAMES["samlp"], AuthnRequestsSigned=str(signs).lower()
        )
        return etree.tostring(_MD.EntityDescriptor(role, entityID=self.entity_id))

    def asks(self, street: Street, **changes: str | None) -> str:
        """The address that its button leads to: a new request, changed as asked."""
        said = {"issuer": self.entity_id, "AssertionConsumerServiceURL": self.machine.url} | changes
        return f"{street.identity}{ent.query(ent.request_xml(datetime.now(UTC), **said))}"

    def received(self, street: Street) -> etree._Element:
        """The last response, its signature and its form checked."""
        fields = parse_qs(self.machine.heard[-1].decode())
        return ent.verified(etree.fromstring(base64.b64decode(fields["SAMLResponse"][0])), _certificate(street))

    def learnt(self, street: Street) -> dict[str, list[str]]:
        """What it read in the last one."""
        return ent.attributes_of(ent.assertion_of(self.received(street), self.pair, _certificate(street)))


@contextmanager
def opened(
    street: Street, folder: Path, client_id: str, *options: str, name: str, signs: bool = False
) -> Iterator[Party]:
    """The service, connected by the operator with these options, for a while."""
    with listening() as machine:
        machine.answers, machine.headers = (lambda body: _WELCOME), {"Content-Type": "text/html; charset=utf-8"}
        party = Party(client_id, ent.make_pair(datetime.now(UTC)), machine)
        file = folder / f"{client_id}.xml"
        file.write_bytes(party.metadata(signs=signs))
        street.preau("identity", "party", "add-saml", client_id, str(file), "--name", name, *options)
        yield party


def _certificate(street: Street) -> str:
    root = etree.fromstring(requests.get(f"{street.identity}/saml/metadata", timeout=5).content)
    return root.findtext(".//ds:X509Certificate", "", NAMES)
