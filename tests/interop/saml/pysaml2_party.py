"""How a service on pysaml2 is configured: what pass Culture and an ENT have in common."""

from pathlib import Path
from typing import Any

from saml2.config import Config

from tests.interop.saml.keys import Pair

SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
# pysaml2 gives attributes the names they travel under: those without a friendly name of its own.
NAMES = {
    "urn:oid:1.3.6.1.4.1.20326.10.999.1.5": "FrEduUrlRetour",
    "urn:oid:1.3.6.1.4.1.20326.10.999.1.6": "FrEduCtDateConnexion",
    "urn:oid:1.3.6.1.4.1.20326.10.999.1.7": "FrEduCtPersonAffiliation",
    "urn:oid:1.3.6.1.4.1.20326.10.999.1.57": "FrEduCtId",
    "urn:oid:1.3.6.1.4.1.20326.10.999.1.64": "FrEduCtEleveINEHash",
    "urn:oid:1.3.6.1.4.1.20326.10.999.1.67": "FrEduCtDateNaissance",
    "urn:oid:1.3.6.1.4.1.20326.10.999.1.72": "FrEduCtEleveUAI",
    "urn:oid:1.3.6.1.4.1.20326.10.999.1.73": "FrEduCtEleveNiveau",
}


def configured(entity_id: str, *, idp: Path, pair: Pair, endpoints: dict[str, Any], **more: bool) -> Config:
    """A service that signs what it asks, and wants the response and the assertion signed. `more`: of its SP alone."""
    files = {"key_file": str(pair.key), "cert_file": str(pair.certificate)}
    wanted = {"authn_requests_signed": True, "want_assertions_signed": True, "want_response_signed": True}
    said: dict[str, Any] = {
        "entityid": entity_id,
        "metadata": {"local": [str(idp)]},
        "service": {"sp": {"endpoints": endpoints, "allow_unsolicited": True, **wanted, **more}},
        "signing_algorithm": SHA256,
        "digest_algorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
        "allow_unknown_attributes": True,
        "encryption_keypairs": [files],
        "xmlsec_binary": "/usr/bin/xmlsec1",
        **files,
    }
    return Config().load(said)
