"""What the ENT says: its metadata, its requests, its answers. Built by lxml, signed with its own key."""

import base64
import secrets
import zlib
from datetime import UTC, datetime
from urllib.parse import quote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from django.conf import settings
from lxml import etree

from preau.simulators.ent import names, xml
from preau.simulators.ent.keys import own
from preau.simulators.ent.provider import Provider
from preau.simulators.ent.visits import Visit

NAME = "ENT Les Rives"


def place(path: str = "") -> str:
    """An address of the ENT, as Préau knows it."""
    return f"{settings.PUBLIC_URL}/ent/{path}"


def entity_id() -> str:
    """Its name before Préau: where its metadata are."""
    return place("metadata")


def new_id() -> str:
    """An ID of a message: an xs:ID, 160 bits."""
    return f"_{secrets.token_hex(20)}"


def metadata() -> bytes:
    """Who it is, for whoever registers it (Metadata §2.4.4)."""
    made = names.METADATA_MAKER
    role = made.SPSSODescriptor(
        made.Extensions(names.UI_MAKER.UIInfo(names.UI_MAKER.DisplayName({f"{{{names.XML}}}lang": "fr"}, NAME))),
        _key("signing"),
        _key("encryption", made.EncryptionMethod(Algorithm=names.AES256_GCM)),
        made.SingleLogoutService(Binding=names.REDIRECT, Location=place("deconnexion/retour/")),
        made.SingleLogoutService(Binding=names.SOAP_BINDING, Location=place("deconnexion/annonce/")),
        made.NameIDFormat(names.TRANSIENT),
        made.AssertionConsumerService(Binding=names.POST, Location=place("retour/"), index="0", isDefault="true"),
        protocolSupportEnumeration=names.SAMLP,
        AuthnRequestsSigned="true",
        WantAssertionsSigned="false",
    )
    root = made.EntityDescriptor(role, entityID=entity_id())
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def authn_request(to: Provider, request_id: str, *, at: datetime) -> xml.Element:
    """« Who is it? » (Core §3.4.1)."""
    made = names.PROTOCOL_MAKER
    root = _message("AuthnRequest", request_id, to=to.sign_on, at=at)
    root.set("AssertionConsumerServiceURL", place("retour/"))
    root.set("ProtocolBinding", names.POST)
    root.append(made.NameIDPolicy(Format=names.TRANSIENT, AllowCreate="true"))
    return root


def logout_request(to: Provider, visit: Visit, *, at: datetime) -> xml.Element:
    """« They leave » (Core §3.7.1): the NameID as it was given, with its qualifiers."""
    root = _message("LogoutRequest", new_id(), to=to.sign_out, at=at)
    root.append(names.ASSERTION_MAKER.NameID(visit.name_id, visit.name_id_attributes))
    root.append(names.PROTOCOL_MAKER.SessionIndex(visit.session_index))
    return root


def logout_response(answers: str, *, to: str, at: datetime) -> xml.Element:
    """« They are out of here »."""
    made = names.PROTOCOL_MAKER
    root = _message("LogoutResponse", new_id(), to=to, at=at)
    root.set("InResponseTo", answers)
    root.append(made.Status(made.StatusCode(Value=names.SUCCESS)))
    return root


def enveloped(message: xml.Element) -> bytes:
    """The same, signed, in the envelope that machines speak through."""
    envelope = names.SOAP_MAKER.Envelope(names.SOAP_MAKER.Body(xml.sign(message, own())))
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def to_query(address: str, message: xml.Element, relay_state: str = "", *, name: str = "SAMLRequest") -> str:
    """The address that carries a signed message (Bindings §3.4.4.1)."""
    packer = zlib.compressobj(wbits=-15)
    packed = base64.b64encode(packer.compress(etree.tostring(message)) + packer.flush()).decode("ascii")
    query = f"{name}={quote(packed, safe='')}"
    if relay_state:
        query += f"&RelayState={quote(relay_state, safe='')}"
    query += f"&SigAlg={quote(names.RSA_SHA256, safe='')}"
    made = own().private.sign(query.encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
    return f"{address}?{query}&Signature={quote(base64.b64encode(made).decode('ascii'), safe='')}"


def _message(name: str, message_id: str, *, to: str, at: datetime) -> xml.Element:
    root: xml.Element = names.PROTOCOL_MAKER(name, names.ASSERTION_MAKER.Issuer(entity_id()))
    root.set("ID", message_id)
    root.set("Version", "2.0")
    root.set("IssueInstant", f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    if to:
        root.set("Destination", to)
    return root


def _key(use: str, *methods: xml.Element) -> xml.Element:
    made = names.SIGNATURE_MAKER
    certificate = made.KeyInfo(made.X509Data(made.X509Certificate(own().certificate)))
    found: xml.Element = names.METADATA_MAKER.KeyDescriptor(certificate, *methods, use=use)
    return found
