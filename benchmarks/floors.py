"""What the machine itself costs, in the same run: the hash, the signatures, a server that only says « ok »."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from cryptography.hazmat.primitives import hashes as digests
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from lxml import etree

from preau.identity.accounts.argon2_build import PLAIN, installed
from tooling.fast_argon2 import PLAIN_WHEEL

_HASH = """
import argon2, time
hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
hasher.hash("warm")
began = time.process_time()
for _ in range(30): hasher.hash("un mot de passe")
print((time.process_time() - began) * 1000 / 30)
"""
_CLAIMS = {"iss": "https://bench.example", "sub": "x" * 64, "aud": "bench", "iat": 1, "exp": 2, "nonce": "n" * 16}

ECHO = ("granian", "--interface", "wsgi", "benchmarks.floors:echo")


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A WSGI application that does nothing: what the server itself costs."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]


def hashes() -> dict[str, float]:
    """Milliseconds of CPU of one real hash, by build: the plain wheel, and the one for this processor if it is here."""
    found = {installed(): _hash_ms("")}
    if PLAIN not in found and PLAIN_WHEEL.exists():
        found[PLAIN] = _hash_ms(str(PLAIN_WHEEL))
    return found


def _hash_ms(where: str) -> float:
    environment = {**os.environ, "PYTHONPATH": where}
    command = [sys.executable, "-c", _HASH]
    return float(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)


def signatures() -> dict[str, float]:
    """Milliseconds of CPU of one signature, keys parsed before."""
    rsa, ec = RSAKey.generate_key(2048, private=True), ECKey.generate_key("P-256", private=True)
    return {
        "RS256": _each(lambda: jwt.encode({"alg": "RS256"}, _CLAIMS, rsa)),
        "ES256": _each(lambda: jwt.encode({"alg": "ES256"}, _CLAIMS, ec)),
        "XML": _each(lambda: _sign_xml(_assertion(), rsa.private_key)),
    }


def _assertion() -> Any:
    """As large as ours, with a dozen attributes."""
    root = etree.Element("{urn:oasis:names:tc:SAML:2.0:assertion}Assertion", ID="x" * 41)
    for number in range(12):
        one = etree.SubElement(root, "{urn:oasis:names:tc:SAML:2.0:assertion}Attribute", Name=f"urn:oid:{number}")
        etree.SubElement(one, "{urn:oasis:names:tc:SAML:2.0:assertion}AttributeValue").text = "x" * 60
    return root


def _sign_xml(element: Any, private: Any) -> bytes:
    """A canonical form, its digest, an RSA signature: what no signed document does without."""
    digest = hashlib.sha256(etree.tostring(element, method="c14n", exclusive=True)).digest()
    made: bytes = private.sign(digest, padding.PKCS1v15(), digests.SHA256())
    return made


def _each(act: Callable[[], object]) -> float:
    act()
    began = time.process_time()
    for _ in range(300):
        act()
    return (time.process_time() - began) * 1000 / 300
