"""A staff portal of the tests' own, over real HTTP on loopback, that can lie in every way one asks it to.

It shares nothing with the client under test: keys and signatures are made with `cryptography`, by hand.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT, SECRET = "preau-desk", "development"


def b64(raw: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(value: int) -> str:
    """A number of a JWK."""
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


# Made once: half a second each.
KEYS = tuple(rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


class Portal:
    """What it is asked to say, and what it heard. `faults` change what it says; see `id_token`."""

    def __init__(self) -> None:
        self.key, self.other_key = KEYS
        self.kid = "one"
        self.person: dict[str, Any] = {"sub": "cvasseur", "given_name": "Claire", "family_name": "VASSEUR"}
        self.token_claims: dict[str, Any] = {}
        self.without: set[str] = set()
        self.discovery: dict[str, Any] = {}
        self.faults: set[str] = set()
        self.codes: dict[str, dict[str, str]] = {}
        self.heard: list[str] = []
        self.issuer = ""

    def grant(self, query: dict[str, str]) -> str:
        """What the person's click gives: a code, bound to this request."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return code

    def jwks(self) -> dict[str, Any]:
        """Public keys."""
        public = self.key.public_key().public_numbers()
        figures = {"n": number(public.n), "e": number(public.e)}
        return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, **figures}]}

    def configuration(self) -> dict[str, Any]:
        """The discovery document."""
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/end",
            "authorization_response_iss_parameter_supported": True,
        }
        return {name: value for name, value in {**said, **self.discovery}.items() if value is not None}

    def id_token(self, nonce: str) -> str:
        """A signed token, or one of the forgeries of `faults`."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer, "aud": CLIENT, "sub": self.person["sub"], "iat": now, "exp": now + 300, "nonce": nonce,
            "auth_time": now - 60, "amr": ["pwd", "otp"], **self.token_claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if name not in self.without}
        header = {"alg": "RS256", "kid": self.kid, "typ": "JWT"}
        if "alg none" in self.faults:
            return f"{b64(json.dumps({**header, 'alg': 'none'}).encode())}.{b64(json.dumps(claims).encode())}."
        if "hmac with the public key" in self.faults:
            signed = f"{b64(json.dumps({**header, 'alg': 'HS256'}).encode())}.{b64(json.dumps(claims).encode())}"
            key = json.dumps(self.jwks()["keys"][0]).encode()
            return f"{signed}.{b64(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"
        signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        key = self.other_key if "another key" in self.faults else self.key
        signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        if "altered" in self.faults:
            signed = signed[:-2] + ("A" if signed[-2] != "A" else "B") + signed[-1]
        return f"{signed}.{b64(signature)}"


def _door(portal: Portal) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            portal.heard.append(self.path)

        def answer(self, said: Any, status: int = 200) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if "down" in portal.faults:
                self.answer({}, 503)
            elif path.endswith("openid-configuration"):
                self.answer(portal.configuration())
            elif path.endswith("/jwks"):
                self.answer(portal.jwks())
            elif path.endswith("/userinfo") and self.headers.get("Authorization") == "Bearer access":
                about = {**portal.person, "sub": "somebody-else"} if "other person" in portal.faults else portal.person
                self.answer(about)
            else:
                self.answer({}, 404)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(raw).items()}
            basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
            asked = portal.codes.pop(form.get("code", ""), None)
            challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
            if self.headers.get("Authorization") != f"Basic {basic}":
                self.answer({"error": "invalid_client"}, 401)
            elif asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
                self.answer({"error": "invalid_grant"}, 400)
            else:
                token = portal.id_token(asked["nonce"])
                self.answer({"access_token": "access", "token_type": "Bearer", "id_token": token})

    return Door


@contextmanager
def running() -> Iterator[Portal]:
    """The portal, listening."""
    portal = Portal()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _door(portal))
    portal.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
