"""A service by SAML that publishes its metadata: as many keys as asked, on an HTTP server of its own."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from lxml.builder import ElementMaker

MD, DS = "urn:oasis:names:tc:SAML:2.0:metadata", "http://www.w3.org/2000/09/xmldsig#"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
ENTITY = "https://ent.example/sp"
CONSUMER = "https://ent.example/acs"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_MD = ElementMaker(namespace=MD, nsmap={"md": MD, "ds": DS})
_DS = ElementMaker(namespace=DS, nsmap={"ds": DS})


@lru_cache(maxsize=64)
def certificate(number: int, ends_at: datetime = datetime(2036, 1, 1, tzinfo=UTC)) -> str:
    """The `number`-th certificate, DER in base64."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"key {number}")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(number + 1)
        .not_valid_before(EPOCH).not_valid_after(ends_at).sign(key, SHA256())
    )  # fmt: skip
    return base64.b64encode(made.public_bytes(Encoding.DER)).decode()


def metadata(
    *,
    entity_id: str = ENTITY,
    consumer: str = CONSUMER,
    signing: tuple[str, ...] | None = None,
    encryption: tuple[str, ...] | None = None,
    valid_until: datetime | None = None,
) -> bytes:
    """What the service publishes; its keys 1 (signs) and 2 (decrypts) unless others are given."""
    signing = (certificate(1),) if signing is None else signing
    encryption = (certificate(2),) if encryption is None else encryption
    keys = [
        _MD.KeyDescriptor(_DS.KeyInfo(_DS.X509Data(_DS.X509Certificate(der))), use=use)
        for use, several in (("signing", signing), ("encryption", encryption))
        for der in several
    ]
    answer = _MD.AssertionConsumerService(Binding=POST, Location=consumer, index="1", isDefault="true")
    role = _MD.SPSSODescriptor(*keys, answer, protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol")
    name = _MD.OrganizationDisplayName("ENT Les Tilleuls", {"{http://www.w3.org/XML/1998/namespace}lang": "fr"})
    entity = _MD.EntityDescriptor(role, _MD.Organization(name), entityID=entity_id)
    if valid_until is not None:
        entity.set("validUntil", f"{valid_until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    written: bytes = etree.tostring(entity, xml_declaration=True, encoding="utf-8")
    return written


@dataclass
class Publisher:
    """What the server answers now, and what it was asked."""

    url: str = ""
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    size: int = 0  # of an endless answer, sent by pieces
    asked: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def publishing(body: bytes) -> Iterator[Publisher]:
    """The server, for a while."""
    publisher = Publisher(body=body)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            publisher.asked.append(self.path)
            publisher.hosts.append(self.headers["Host"])
            publisher.is_over.wait(publisher.pause)
            self.send_response(publisher.status)
            for name, value in publisher.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self._body()

        def _body(self) -> None:
            try:
                self.wfile.write(publisher.body)
                for _ in range(publisher.size // 65536):
                    self.wfile.write(b" " * 65536)
            except OSError:
                pass  # the reader had enough

        def log_message(self, *args: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    publisher.url = f"http://127.0.0.1:{server.server_address[1]}/metadata"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield publisher
    finally:
        publisher.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()


LATER = timedelta(days=1, hours=1)
