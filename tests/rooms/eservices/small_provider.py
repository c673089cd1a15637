"""A small OpenID provider on loopback, written apart from ours, that can be told to misbehave.

It knows one client and signs everybody in as `claims` at once: what is under test is the client.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

SAMIRA: dict[str, Any] = {
    "sub": "samira-0001",
    "given_name": "Samira",
    "family_name": "Belkacem",
    "kind": "guardian",
    "email": "samira.belkacem@example.org",
    "email_verified": True,
    "children": [
        {
            "sub": "ines-0001",
            "given_name": "Inès",
            "family_name": "Belkacem",
            "birthdate": "2014-03-14",
            "division": "5E B",
            "school": {"uai": "0991234D", "name": "Collège Élise-Deroche"},
        },
        {
            "sub": "hugo-0001",
            "given_name": "Hugo",
            "family_name": "Faure",
            "birthdate": "2015-09-02",
            "division": "6E A",
            "school": {"uai": "0991234D", "name": "Collège Élise-Deroche"},
        },
    ],
}
ADAMA: dict[str, Any] = {
    "sub": "adama-0001",
    "given_name": "Adama",
    "family_name": "Coulibaly",
    "kind": "pupil",
    "division": "5E B",
    "school": {"uai": "0991234D", "name": "Collège Élise-Deroche"},
}


@dataclass
class Faults:
    """What it does wrong. Everything is off at first."""

    id_token: dict[str, Any] = field(default_factory=dict)
    """Claims laid over the right ones; None takes one away."""
    alg: str = "ES256"
    is_key_foreign: bool = False
    userinfo: dict[str, Any] = field(default_factory=dict)
    answer_iss: str | None = None
    """Another `iss` in the authorization response; the empty string leaves it out."""
    discovery: dict[str, Any] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    """Path → status answered instead of the right thing."""
    body: dict[str, bytes] = field(default_factory=dict)
    slow_seconds: float = 0


class SmallProvider:
    """Runs in a thread between `open` and `close`. `lives_at`: the instant its tokens are dated."""

    client_id = "eservices"
    client_secret = "s3cret:with%odd&letters"

    def __init__(self) -> None:
        self.claims: dict[str, Any] = SAMIRA
        self.faults = Faults()
        self.key = ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
        self.foreign_key = ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[dict[str, str]] = []
        self.signed_out: list[dict[str, str]] = []
        self.lives_at = time.time
        self.open()

    def open(self, port: int = 0) -> None:
        """Listen, on a free port or on the one given."""
        provider = self

        class Desk(_Desk):
            op = provider

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Desk)
        self.server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        """Stop answering: connections are refused from now on."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def discovery(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/logout",
            "authorization_response_iss_parameter_supported": True,
        } | self.faults.discovery

    def authorize(self, question: dict[str, str]) -> str:
        """Sign in at once: the address of the answer."""
        self.asked.append(question)
        code = secrets.token_urlsafe(16)
        self.codes[code] = question
        answer = {"code": code, "state": question["state"], "iss": self.issuer}
        if self.faults.answer_iss is not None:
            answer["iss"] = self.faults.answer_iss
        return f"{question['redirect_uri']}?{urlencode({name: value for name, value in answer.items() if value})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Redeem a code, once, for the right client, with the right verifier."""
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if (unquote(name), unquote(secret)) != (self.client_id, self.client_secret):
            return 401, {"error": "invalid_client"}
        question = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = _base64(digest)
        if not question or form["redirect_uri"] != question["redirect_uri"] or challenge != question["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(self.lives_at())
        claims = {
            "iss": self.issuer,
            "sub": self.claims["sub"],
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "nonce": question["nonce"],
            "sid": "session-of-the-provider",
        } | self.faults.id_token
        claims = {claim: value for claim, value in claims.items() if value is not None}
        return 200, {"access_token": "opaque", "token_type": "Bearer", "expires_in": 600, "id_token": self.sign(claims)}

    def sign(self, claims: dict[str, Any]) -> str:
        """The ID token, by the algorithm and the key the faults say."""
        alg = self.faults.alg
        if alg in ("none", "HS256"):  # by hand: no library agrees to take a public key for a shared secret
            said = f"{_base64(json.dumps({'alg': alg, 'kid': 'one'}).encode())}.{_base64(json.dumps(claims).encode())}"
            mac = hmac.digest(self.key.as_pem(private=False), said.encode(), "sha256")
            return f"{said}.{_base64(mac) if alg == 'HS256' else ''}"
        key: Any = self.foreign_key if self.faults.is_key_foreign else self.key
        if alg == "RS256":
            key = RSAKey.generate_key(2048, {"kid": "one"})
        return jwt.encode({"alg": alg, "kid": "one"}, claims, key, algorithms=[alg])


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


class _Desk(BaseHTTPRequestHandler):
    op: SmallProvider

    def do_GET(self) -> None:
        self.serve({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.serve({name: values[0] for name, values in parse_qs(body.decode()).items()})

    def serve(self, form: dict[str, str]) -> None:
        address = urlsplit(self.path)
        path, query = address.path, {name: values[0] for name, values in parse_qs(address.query).items()}
        faults = self.op.faults
        if faults.slow_seconds:
            time.sleep(faults.slow_seconds)
        if path in faults.status or path in faults.body:
            return self.say(faults.status.get(path, 200), faults.body.get(path, b"{}"))
        if path == "/.well-known/openid-configuration":
            return self.say(200, self.op.discovery())
        if path == "/jwks":
            return self.say(200, {"keys": [self.op.key.as_dict(private=False)]})
        if path == "/authorize":
            return self.go(self.op.authorize(query))
        if path == "/token":
            return self.say(*self.op.token(form, self.headers.get("Authorization", "")))
        if path == "/userinfo":
            return self.say(200, self.op.claims | faults.userinfo)
        if path == "/logout":
            self.op.signed_out.append(query)
            return self.go(f"{query['post_logout_redirect_uri']}?state={query['state']}")
        return self.say(404, {})

    def say(self, status: int, body: dict[str, Any] | bytes) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def go(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass
