"""The provider's memory and rules: who asks, codes that serve once, tokens. Lives and dies with the process."""

import base64
import hashlib
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from joserfc import jwt
from joserfc.jwk import RSAKey

from preau.simulators.cast import Colleague
from preau.simulators.staff_portal import claims
from preau.simulators.staff_portal.claims import PROOFS

CODE_LIVES: Final = timedelta(seconds=60)
TOKEN_LIVES: Final = timedelta(minutes=10)
ALGORITHM: Final = "RS256"


class UnknownClient(Exception):
    """Nobody to send the browser back to: a page says so, never a redirect."""


class Refused(Exception):
    """An error the client must hear: its code (RFC 6749 §4.1.2.1 and §5.2)."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True)
class Question:
    """An authorization request whose client and address are known."""

    redirect_uri: str
    state: str
    nonce: str
    challenge: str

    def answer(self, **parameters: str) -> str:
        """The address to send the browser back to; the answer names its sender (RFC 9207)."""
        found = {**parameters, "state": self.state, "iss": settings.PORTAL_ISSUER}
        joint = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{joint}{urlencode({name: value for name, value in found.items() if value})}"


def asked(parameters: Mapping[str, str]) -> Question:
    """Read who asks. Raises UnknownClient unless client and redirect_uri are exactly the registered ones."""
    redirect_uri = parameters.get("redirect_uri", "")
    if parameters.get("client_id") != settings.PORTAL_CLIENT_ID or redirect_uri not in settings.PORTAL_REDIRECT_URIS:
        raise UnknownClient
    return Question(
        redirect_uri=redirect_uri,
        state=parameters.get("state", ""),
        nonce=parameters.get("nonce", ""),
        challenge=parameters.get("code_challenge", ""),
    )


def check(parameters: Mapping[str, str]) -> None:
    """Is it a question we answer? Raises Refused."""
    if parameters.get("response_type") != "code":
        raise Refused("unsupported_response_type")
    if "openid" not in parameters.get("scope", "").split():
        raise Refused("invalid_scope")
    if parameters.get("code_challenge") and parameters.get("code_challenge_method") != "S256":
        raise Refused("invalid_request")
    if "none" in parameters.get("prompt", "").split():
        raise Refused("login_required")  # the portal remembers nobody: each visit is a choice on its page


@dataclass(slots=True)
class Granted:
    """Somebody came in for a client; `token` is set once the code was redeemed."""

    question: Question
    colleague: Colleague
    proof: str
    at: datetime
    token: str = ""


@dataclass(slots=True)
class Portal:
    """Codes and tokens in memory."""

    _codes: dict[str, Granted] = field(default_factory=dict)
    _tokens: dict[str, Granted] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def let_in(self, colleague: Colleague, proof: str, question: Question, *, at: datetime) -> str:
        """A code for the client, good for one minute and one use."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = Granted(question, colleague, proof, at)
        return code

    def redeem(self, parameters: Mapping[str, str], *, at: datetime) -> dict[str, Any]:
        """The answer of the token endpoint. Raises Refused; a code used twice also ends what it gave."""
        if parameters.get("grant_type") != "authorization_code":
            raise Refused("unsupported_grant_type")
        with self._lock:
            granted = self._codes.get(parameters.get("code", ""))
            if granted is None:
                raise Refused("invalid_grant")
            if granted.token:
                self._tokens.pop(granted.token, None)
                raise Refused("invalid_grant")
            granted.token = secrets.token_urlsafe(24)
            is_good = (
                timedelta() <= at - granted.at <= CODE_LIVES
                and parameters.get("redirect_uri") == granted.question.redirect_uri
                and _challenge(parameters.get("code_verifier", "")) == granted.question.challenge
            )
            if not is_good:
                raise Refused("invalid_grant")
            granted.at = at
            self._tokens[granted.token] = granted
        body = claims.id_token(
            granted.colleague,
            PROOFS[granted.proof],
            issuer=settings.PORTAL_ISSUER,
            client_id=settings.PORTAL_CLIENT_ID,
            nonce=granted.question.nonce,
            at=at,
        )
        return {
            "access_token": granted.token,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIVES.total_seconds()),
            "scope": "openid profile email",
            "id_token": jwt.encode({"alg": ALGORITHM, "kid": key().kid}, body, key(), algorithms=[ALGORITHM]),
        }

    def whose(self, token: str, *, at: datetime) -> Colleague | None:
        """Whose access token this is, while it lives."""
        with self._lock:
            granted = self._tokens.get(token)
        return granted.colleague if granted and at - granted.at <= TOKEN_LIVES else None


portal: Final = Portal()


def is_the_client(client_id: str, secret: str) -> bool:
    """Whether these are the registered name and secret."""
    known = f"{settings.PORTAL_CLIENT_ID}\0{settings.PORTAL_CLIENT_SECRET}".encode()
    return secrets.compare_digest(f"{client_id}\0{secret}".encode(), known)


@lru_cache(maxsize=1)
def key() -> RSAKey:
    """The signing key, kept in var/ so that a restart does not surprise who remembers it."""
    path = Path(settings.VAR) / "staff-portal.pem"
    if path.exists():
        return RSAKey.import_key(path.read_bytes(), {"use": "sig", "alg": ALGORITHM, "kid": "portail"})
    made = RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM, "kid": "portail"})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(made.as_pem(private=True))
    return made


def _challenge(verifier: str) -> str:
    """What the verifier must have been announced as (RFC 7636 §4.6); nothing for nothing."""
    if not verifier:
        return ""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
