"""An ENT that speaks SAML: its keys, its requests, and how it reads our answers. It never uses our own reading."""

import base64
import re
import secrets
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import SignatureConfiguration, XMLSigner, XMLVerifier
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod

from tests.rooms.identity.federation.saml.schemas import judged

ENTITY_ID = "https://ent.example/auth/saml/metadata/idp.xml"
CONSUMER, OTHER_CONSUMER = "https://ent.example/auth/saml/acs", "https://ent.example/autre/acs"
REDIRECT, POST = "/idp/profile/SAML2/Redirect/SSO", "/idp/profile/SAML2/POST/SSO"
US = "http://localhost:8000"
PASSWORD_OVER_TLS = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
NAMES = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
}
SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"


@dataclass(frozen=True)
class Pair:
    """A key and the certificate that carries it (DER, base64)."""

    private: Any
    certificate: str


def make_pair(at: datetime, *, bits: int = 2048) -> Pair:
    """A new pair, self-signed."""
    return pair_of(rsa.generate_private_key(public_exponent=65537, key_size=bits), at)


def pair_of(private: Any, at: datetime) -> Pair:
    """A key of any kind, with its certificate."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ent.example")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(at.replace(year=2020))
    signed = builder.not_valid_after(at.replace(year=2021)).sign(private, hashes.SHA256())  # expired: keys count
    from cryptography.hazmat.primitives.serialization import Encoding

    return Pair(private, base64.b64encode(signed.public_bytes(Encoding.DER)).decode())


def new_id() -> str:
    """As entcore makes them."""
    return f"ENT_{secrets.token_hex(16)}"


def request_xml(at: datetime, *, inside: str = "", **changes: str | None) -> bytes:
    """An AuthnRequest as entcore writes it, its attributes changed as asked (None removes)."""
    attributes: dict[str, str | None] = {
        "ID": new_id(),
        "Version": "2.0",
        "IssueInstant": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "AssertionConsumerServiceURL": CONSUMER,
        "ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
        "ForceAuthn": "false",
        "IsPassive": "false",
        **changes,
    }
    issuer = attributes.pop("issuer", ENTITY_ID)
    policy = attributes.pop("policy", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient")
    context = attributes.pop("context", PASSWORD_OVER_TLS)
    comparison = attributes.pop("comparison", "exact")
    root = etree.Element(f"{{{NAMES['samlp']}}}AuthnRequest", nsmap={"samlp": NAMES["samlp"]})
    for name, value in attributes.items():
        if value is not None:
            root.set(name, value)
    etree.SubElement(root, f"{{{NAMES['saml']}}}Issuer", nsmap={"samlp": NAMES["saml"]}).text = issuer
    if policy:
        etree.SubElement(root, f"{{{NAMES['samlp']}}}NameIDPolicy", Format=policy, AllowCreate="true")
    if context:
        wanted = etree.SubElement(root, f"{{{NAMES['samlp']}}}RequestedAuthnContext", Comparison=comparison or "exact")
        etree.SubElement(wanted, f"{{{NAMES['saml']}}}AuthnContextClassRef").text = context
    return etree.tostring(root)


class _OldSigner(XMLSigner):
    """signxml makes no SHA-1 any more; services do."""

    def check_deprecated_methods(self) -> None:
        """None is refused."""


def signed_xml(xml: bytes, pair: Pair, **options: Any) -> bytes:
    """The same, signed inside, the signature after the Issuer."""
    signer = _OldSigner(
        signature_algorithm=options.pop("algorithm", SignatureMethod.RSA_SHA256),
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    root = signer.sign(etree.fromstring(xml), key=pair.private, **options)
    root.insert(1, root[-1])
    return etree.tostring(root)


def deflated(xml: bytes) -> str:
    """For a query: DEFLATE, base64."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(squeezer.compress(xml) + squeezer.flush()).decode()


def query(xml: bytes, *, relay_state: str | None = "etat", pair: Pair | None = None, algorithm: str = SHA256) -> str:
    """The address of a request, its query signed when `pair` is given."""
    found = f"SAMLRequest={quote(deflated(xml), safe='')}"
    if relay_state is not None:
        found += f"&RelayState={quote(relay_state, safe='')}"
    if pair is not None:
        found += f"&SigAlg={quote(algorithm, safe='')}"
        digest = hashes.SHA1() if algorithm == SHA1 else hashes.SHA256()
        made = pair.private.sign(found.encode(), padding.PKCS1v15(), digest)
        found += f"&Signature={quote(base64.b64encode(made).decode(), safe='')}"
    return f"{REDIRECT}?{found}"


def form(xml: bytes, relay_state: str = "etat") -> dict[str, str]:
    """The fields of a request by POST."""
    return {"SAMLRequest": base64.b64encode(xml).decode(), "RelayState": relay_state}


@dataclass(frozen=True)
class Page:
    """The page that carries an answer, as a browser without script sees it."""

    action: str
    fields: dict[str, str]


def page_of(answer: Any) -> Page:
    """Its one form."""
    from html import unescape

    body = answer.content.decode()
    assert answer.status_code == 200, (answer.status_code, body[-1500:])
    forms = re.findall(r"(?s)<form .*?</form>", body)
    assert len(forms) == 1
    inputs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', forms[0])
    return Page(
        unescape(re.findall(r'action="([^"]*)"', forms[0])[0]), {name: unescape(value) for name, value in inputs}
    )


def response_of(answer: Any, ours: str) -> etree._Element:
    """The response, its signature checked with our certificate; only what was signed is returned."""
    raw = base64.b64decode(page_of(answer).fields["SAMLResponse"])
    return verified(etree.fromstring(raw), ours)


def verified(root: etree._Element, ours: str) -> etree._Element:
    """What a signature of ours covers, written as the schemas say."""
    judged(root)
    certificate = x509.load_der_x509_certificate(base64.b64decode(ours))
    config = SignatureConfiguration(location="./", verification_time=certificate.not_valid_before_utc)
    found = XMLVerifier().verify(root, x509_cert=certificate, expect_config=config)
    assert not isinstance(found, list)
    assert found.signed_xml is not None
    return found.signed_xml


def assertion_of(response: etree._Element, pair: Pair, ours: str, *, is_signed: bool = True) -> etree._Element:
    """The assertion, decrypted with the service's key, its own signature checked."""
    (data,) = response.findall("saml:EncryptedAssertion/xenc:EncryptedData", NAMES)
    key = base64.b64decode(data.findtext("ds:KeyInfo/xenc:EncryptedKey/xenc:CipherData/xenc:CipherValue", "", NAMES))
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)
    content_key = pair.private.decrypt(key, oaep)
    sealed = base64.b64decode(data.findtext("xenc:CipherData/xenc:CipherValue", "", NAMES))
    algorithm = data.find("xenc:EncryptionMethod", NAMES).get("Algorithm")
    if algorithm.endswith("gcm"):
        clear = AESGCM(content_key).decrypt(sealed[:12], sealed[12:], None)
    else:
        opening = Cipher(algorithms.AES(content_key), modes.CBC(sealed[:16])).decryptor()
        padded = opening.update(sealed[16:]) + opening.finalize()
        clear = padded[: -padded[-1]]
    root = etree.fromstring(clear)
    return verified(root, ours) if is_signed else judged(root)


def attributes_of(assertion: etree._Element) -> dict[str, list[str]]:
    """Friendly name → values."""
    return {
        one.get("FriendlyName"): [value.text for value in one.findall("saml:AttributeValue", NAMES)]
        for one in assertion.iterfind("saml:AttributeStatement/saml:Attribute", NAMES)
    }


def codes_of(response: etree._Element) -> list[str]:
    """The status codes, outermost first, without their common beginning."""
    return [one.get("Value").rpartition(":")[2] for one in response.iter(f"{{{NAMES['samlp']}}}StatusCode")]
