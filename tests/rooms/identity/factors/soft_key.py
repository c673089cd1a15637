"""A passkey in software: it makes the messages of WebAuthn as a phone does, and lies in every way one asks it to.

The signatures are made with `cryptography`; only the encodings (CBOR, COSE) are the library's.
"""

import json
from dataclasses import dataclass, field, replace
from hashlib import sha256
from secrets import token_bytes
from struct import pack
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

PRESENT, VERIFIED, SYNCED, ATTESTED = 0x01, 0x04, 0x08, 0x40


@dataclass(frozen=True)
class Faults:
    """What the key, or who sits between it and the site, does otherwise than it should."""

    origin: str = "http://localhost:8000"
    host: str = "localhost"
    kind: str = ""
    challenge: str = ""
    flags: int = PRESENT | VERIFIED
    is_in_a_frame: bool = False
    handle: bytes | None = None
    has_no_handle: bool = False
    signs_other_bytes: bool = False


@dataclass
class SoftKey:
    """One passkey. `count`: its signature counter, None for those that always say 0."""

    count: int | None = 0
    is_synced: bool = False
    secret: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: token_bytes(32))
    handle: bytes = b""

    def copy(self) -> "SoftKey":
        """The same, stolen."""
        return replace(self)

    def create(self, options: dict[str, Any], **faults: Any) -> str:
        """Answer ``navigator.credentials.create``."""
        lies = Faults(**faults)
        self.handle = websafe_decode(options["user"]["id"])
        public = cbor.encode(ES256.from_cryptography_key(self.secret.public_key()))
        attested = bytes(16) + pack(">H", len(self.credential)) + self.credential + public
        data = self._facts(lies, lies.flags | ATTESTED) + attested
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client(options, lies, lies.kind or "webauthn.create")
        return self._written({"clientDataJSON": client, "attestationObject": attestation})

    def get(self, options: dict[str, Any], **faults: Any) -> str:
        """Answer ``navigator.credentials.get``."""
        lies = Faults(**faults)
        if self.count is not None:
            self.count += 1
        data, client = self._facts(lies, lies.flags), self._client(options, lies, lies.kind or "webauthn.get")
        signed = data + sha256(client + b"." * lies.signs_other_bytes).digest()
        answer = {"clientDataJSON": client, "authenticatorData": data}
        answer["signature"] = self.secret.sign(signed, ec.ECDSA(SHA256()))
        if not lies.has_no_handle:
            answer["userHandle"] = self.handle if lies.handle is None else lies.handle
        return self._written(answer)

    def _facts(self, lies: Faults, flags: int) -> bytes:
        flags |= SYNCED if self.is_synced else 0
        return sha256(lies.host.encode()).digest() + pack(">BI", flags, self.count or 0)

    def _client(self, options: dict[str, Any], lies: Faults, kind: str) -> bytes:
        words = {"type": kind, "challenge": lies.challenge or options["challenge"], "origin": lies.origin}
        return json.dumps({**words, "crossOrigin": lies.is_in_a_frame}).encode()

    def _written(self, response: dict[str, bytes]) -> str:
        name = websafe_encode(self.credential)
        parts = {part: websafe_encode(value) for part, value in response.items()}
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "response": parts, "clientExtensionResults": {}}
        )
