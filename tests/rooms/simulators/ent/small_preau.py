"""A small identity provider on loopback, written apart from ours, that can be told to misbehave."""

import base64
import os
import threading
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree
from lxml.builder import ElementMaker
from signxml import XMLSigner
from signxml.algorithms import CanonicalizationMethod

SAMLP, SAML = "urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:2.0:assertion"
MD, DS = "urn:oasis:names:tc:SAML:2.0:metadata", "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
P = ElementMaker(namespace=SAMLP, nsmap={"samlp": SAMLP, "saml": SAML})
A = ElementMaker(namespace=SAML, nsmap={"saml": SAML})
M = ElementMaker(namespace=MD, nsmap={"md": MD, "ds": DS})
D, X = ElementMaker(namespace=DS, nsmap={"ds": DS}), ElementMaker(namespace=XENC, nsmap={"xenc": XENC})

ENT = "http://127.0.0.1:8010/ent/"
Element = etree._Element
SAMIRA = {
    "urn:oid:2.5.4.42": ("givenName", ["Samira"]),
    "urn:oid:2.5.4.4": ("sn", ["BELKACEM"]),
    "urn:oid:1.3.6.1.4.1.20326.10.999.1.7": ("FrEduCtPersonAffiliation", ["resp2d"]),
    "FrEduVecteur": ("FrEduVecteur", ["2|BELKACEM|Samira|500001|0991234D", "2|BELKACEM|Samira|500002|0991234D"]),
    "urn:example:<b>": ("inconnu", ["<script>"]),
}


class Pair:
    """A key and its certificate."""

    def __init__(self) -> None:
        self.private = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "petit Préau")])
        begins, ends = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
        made = x509.CertificateBuilder(name, name, self.private.public_key(), 1, begins, ends)
        self.certificate = made.sign(self.private, hashes.SHA256())

    @property
    def der(self) -> str:
        """As metadata write it."""
        return base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()


class SmallPreau:
    """Runs in a thread. `key` signs; `published` stands in its metadata."""

    def __init__(self) -> None:
        self.key = self.published = Pair()
        preau = self

        class Desk(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = preau.metadata()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def metadata(self) -> bytes:
        """Who it is."""
        key = M.KeyDescriptor(D.KeyInfo(D.X509Data(D.X509Certificate(self.published.der))), use="signing")
        doors = [
            M.SingleLogoutService(Binding=REDIRECT, Location=f"{self.url}/SLO"),
            M.SingleSignOnService(Binding=REDIRECT, Location=f"{self.url}/SSO"),
        ]
        return etree.tostring(M.EntityDescriptor(M.IDPSSODescriptor(key, *doors), entityID=f"{self.url}/idp"))

    def response(self, question: Element, *, at: datetime, spoil: Callable[[Element], None] | None = None) -> Element:
        """The unsigned answer to a question; `spoil` changes it before it is signed."""
        asked, until = question.get("ID", ""), instant(at + timedelta(minutes=5))
        told = A.SubjectConfirmationData(NotOnOrAfter=until, Recipient=f"{ENT}retour/", InResponseTo=asked)
        name = A.NameID("opaque-1", Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient", SPNameQualifier=ENT)
        assertion = A.Assertion(
            A.Issuer(f"{self.url}/idp"),
            A.Subject(name, A.SubjectConfirmation(told, Method="urn:oasis:names:tc:SAML:2.0:cm:bearer")),
            A.Conditions(
                A.AudienceRestriction(A.Audience(f"{ENT}metadata")),
                NotBefore=instant(at - timedelta(minutes=1)), NotOnOrAfter=until,
            ),
            A.AuthnStatement(
                A.AuthnContext(A.AuthnContextClassRef("urn:oasis:names:tc:SAML:2.0:ac:classes:Password")),
                SessionIndex="visit-1", AuthnInstant=instant(at), SessionNotOnOrAfter=instant(at + timedelta(hours=8)),
            ),
            A.AttributeStatement(
                *(
                    A.Attribute(*(A.AttributeValue(value) for value in values), Name=name, FriendlyName=friendly)
                    for name, (friendly, values) in SAMIRA.items()
                )
            ),
            ID="_assertion", Version="2.0", IssueInstant=instant(at),
        )  # fmt: skip
        success = P.Status(P.StatusCode(Value="urn:oasis:names:tc:SAML:2.0:status:Success"))
        root = P.Response(A.Issuer(f"{self.url}/idp"), success, assertion, ID="_response", Version="2.0")
        root.set("Destination", f"{ENT}retour/")
        root.set("InResponseTo", asked)
        if spoil is not None:
            spoil(root)
        return root

    def sign(self, root: Element) -> Element:
        """`root`, signed."""
        signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
        signed: Element = signer.sign(root, key=self.key.private, cert=[self.key.certificate])
        signed.insert(1, signed[-1])
        return signed

    def left(self, codes: list[str], *, to: str = f"{ENT}deconnexion/retour/") -> str:
        """The query that answers a LogoutRequest; each code within the one before."""
        status = found = P.Status()
        for code in codes:
            found = etree.SubElement(found, f"{{{SAMLP}}}StatusCode", Value=code)
        root = P.LogoutResponse(A.Issuer(f"{self.url}/idp"), status, ID="_left", Version="2.0", Destination=to)
        return self._query("SAMLResponse", root)

    def asks_to_leave(self, *, at: datetime, name_id: str = "opaque-1", to: str = f"{ENT}deconnexion/retour/") -> str:
        """The query of a LogoutRequest that a browser carries."""
        return self._query("SAMLRequest", self._leaving(to, at=at, name_id=name_id), "&RelayState=chemin%3A1")

    def _query(self, name: str, root: Element, more: str = "") -> str:
        packer = zlib.compressobj(wbits=-15)
        packed = base64.b64encode(packer.compress(etree.tostring(root)) + packer.flush()).decode()
        algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
        query = f"{name}={quote(packed, safe='')}{more}&SigAlg={quote(algorithm, safe='')}"
        made = self.key.private.sign(query.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{query}&Signature={quote(base64.b64encode(made).decode(), safe='')}"

    def _leaving(
        self, to: str, *, at: datetime, name_id: str = "opaque-1", indexes: tuple[str, ...] = ("visit-1",)
    ) -> Element:
        root = P.LogoutRequest(A.Issuer(f"{self.url}/idp"), A.NameID(name_id), ID="_over", Version="2.0")
        root.set("Destination", to)
        root.set("NotOnOrAfter", instant(at + timedelta(minutes=5)))
        for index in indexes:
            root.append(P.SessionIndex(index))
        return root

    def over(self, *, at: datetime, name_id: str = "opaque-1", indexes: tuple[str, ...] = ("visit-1",)) -> bytes:
        """The envelope that says that a visit is over."""
        root = self._leaving(f"{ENT}deconnexion/annonce/", at=at, name_id=name_id, indexes=indexes)
        maker = ElementMaker(namespace=SOAP, nsmap={"soap": SOAP})
        return etree.tostring(maker.Envelope(maker.Body(self.sign(root))))


def sealed(root: Element, certificate: str) -> None:
    """Encrypt the assertion of `root` for the key of a certificate, in place."""
    (assertion,) = root.iter(f"{{{SAML}}}Assertion")
    public = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    key, nonce = os.urandom(32), os.urandom(12)
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)
    content = nonce + AESGCM(key).encrypt(nonce, etree.tostring(assertion), None)
    holder = X.EncryptedKey(
        X.EncryptionMethod(Algorithm=f"{XENC}rsa-oaep-mgf1p"), _value(public.encrypt(key, oaep))
    )  # fmt: skip
    method = X.EncryptionMethod(Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm")
    root.replace(assertion, A.EncryptedAssertion(X.EncryptedData(method, D.KeyInfo(holder), _value(content))))


def encoded(root: Element) -> str:
    """As the form carries it."""
    return base64.b64encode(etree.tostring(root)).decode()


def question_of(address: str) -> Element:
    """The request that an address carries."""
    query = parse_qs(urlsplit(address).query)
    return etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15))


def instant(at: datetime) -> str:
    """As SAML writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def _value(content: bytes) -> Element:
    found: Element = X.CipherData(X.CipherValue(base64.b64encode(content).decode()))
    return found
