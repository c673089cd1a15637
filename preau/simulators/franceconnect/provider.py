"""The provider's memory and rules: who asks, codes of thirty seconds, tokens of sixty. Lives and dies with the process.

Written from FranceConnect's documentation and behaviour; shares nothing with our client.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from joserfc import jwt
from joserfc.jwk import ECKey

from preau import clock
from preau.simulators.franceconnect.citizens import CLAIMS, Citizen
from preau.simulators.franceconnect.faults import switches

CODE_LIVES: Final = timedelta(seconds=30)
TOKEN_LIVES: Final = timedelta(seconds=60)
ALGORITHM: Final = "ES256"
LEVEL: Final = "eidas1"
# FranceConnect validates the request with a white list: any other parameter, PKCE's included, is an error.
MANDATORY: Final = ("client_id", "redirect_uri", "response_type", "scope", "acr_values", "state", "nonce")
ALLOWED: Final = frozenset((*MANDATORY, "claims", "prompt", "idp_hint", "ui_locales"))
PROMPTS: Final = frozenset(("login", "consent", "login consent"))
SHORTEST_NONCE: Final = 22


class ErrorPage(Exception):
    """FranceConnect shows its own page, HTTP 400: nobody is sent back. `code` is its name, `why` is for developers."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code, self.why = code, why


class Refused(Exception):
    """An error the client must hear: its code, its description, the status of the answer."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status


@dataclass(frozen=True, slots=True)
class Question:
    """An authorization request whose client and address are known."""

    redirect_uri: str
    state: str
    nonce: str
    scopes: tuple[str, ...]
    is_anew: bool

    def answer(self, **parameters: str) -> str:
        """The address to send the browser back to; the answer names its sender (RFC 9207)."""
        iss = f"{settings.FRANCECONNECT_ISSUER}/other" if "wrong_callback_iss" in switches else (
            "" if "no_callback_iss" in switches else settings.FRANCECONNECT_ISSUER
        )  # fmt: skip
        found = {**parameters, "state": self.state, "iss": iss}
        joint = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{joint}{urlencode({name: value for name, value in found.items() if value})}"


@dataclass(slots=True)
class Granted:
    """Somebody came in for a client; `token` is set once the code was redeemed."""

    question: Question
    citizen: Citizen
    at: datetime
    token: str = ""


def asked(parameters: Mapping[str, str], repeated: bool = False) -> Question:
    """Read an authorization request. Raises `ErrorPage`, or `Refused` with the question to answer in `args[1]`."""
    strange = sorted(set(parameters) - ALLOWED)
    if strange:
        raise ErrorPage("Y030007", f"paramètre inconnu : {', '.join(strange)}")
    missing = [name for name in MANDATORY if not parameters.get(name)]
    if missing or repeated:
        raise ErrorPage("Y030007", f"paramètre absent ou répété : {', '.join(missing)}")
    if len(parameters["nonce"]) < SHORTEST_NONCE:
        raise ErrorPage("Y030007", f"nonce de moins de {SHORTEST_NONCE} caractères")
    if "prompt" in parameters and parameters["prompt"] not in PROMPTS:
        raise ErrorPage("Y030007", "prompt")
    if parameters["client_id"] != settings.FRANCECONNECT_CLIENT_ID:
        raise ErrorPage("Y04EA6EF", "client inconnu")
    if parameters["redirect_uri"] not in settings.FRANCECONNECT_REDIRECT_URIS:
        raise ErrorPage("Y04C013C", "adresse de retour non déclarée")
    return Question(
        redirect_uri=parameters["redirect_uri"],
        state=parameters["state"],
        nonce=parameters["nonce"],
        scopes=tuple(parameters["scope"].split()),
        is_anew="login" in parameters.get("prompt", ""),
    )


def check(question: Question, parameters: Mapping[str, str]) -> None:
    """What FranceConnect answers to the client instead of showing a page. Raises `Refused`."""
    if parameters["response_type"] != "code":
        raise Refused("unsupported_response_type", "unsupported response_type requested")
    if "openid" not in question.scopes:
        raise Refused("invalid_request", "openid scope must be requested when using the acr_values parameter")
    if set(question.scopes) - set(CLAIMS):
        raise Refused("invalid_scope", "requested scope is not allowed")
    if LEVEL not in parameters["acr_values"].split():
        raise Refused("invalid_request", "acr_values")
    if "idp_hint" in parameters:
        raise Refused("invalid_idp_hint", "An idp_hint was provided but is not allowed")
    if "claims" in parameters:
        raise Refused("invalid_request", "Y100009: claim amr is not allowed for this client")


@dataclass(slots=True)
class Provider:
    """Codes and tokens in memory."""

    _codes: dict[str, Granted] = field(default_factory=dict)
    _tokens: dict[str, Granted] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def let_in(self, citizen: Citizen, question: Question, *, at: datetime) -> str:
        """A code for the client, good for thirty seconds and one use."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._codes[code] = Granted(question, citizen, at)
        return code

    def redeem(self, parameters: Mapping[str, str], *, at: datetime) -> dict[str, Any]:
        """The answer of the token endpoint. Raises `Refused`; a code used twice also ends what it gave."""
        if not is_the_client(parameters.get("client_id", ""), parameters.get("client_secret", "")):
            raise Refused("invalid_client", "client authentication failed", 401)
        if parameters.get("grant_type") != "authorization_code":
            raise Refused("unsupported_grant_type", "unsupported grant_type requested")
        with self._lock:
            granted = self._codes.get(parameters.get("code", ""))
            if granted is not None and granted.token:
                self._tokens.pop(granted.token, None)
                granted = None
            if (
                granted is None
                or not timedelta() <= at - granted.at <= CODE_LIVES
                or parameters.get("redirect_uri") != granted.question.redirect_uri
            ):
                raise Refused("invalid_grant", "grant request is invalid")
            granted.token, granted.at = secrets.token_urlsafe(32), at
            self._tokens[granted.token] = granted
        return {
            "access_token": granted.token,
            "expires_in": int(TOKEN_LIVES.total_seconds()),
            "id_token": _id_token(granted, at=at),
            "scope": " ".join(granted.question.scopes),
            "token_type": "Bearer",
        }

    def identity(self, token: str, *, at: datetime) -> str:
        """The signed userinfo. Raises `Refused` when the token is over."""
        with self._lock:
            granted = self._tokens.get(token)
        if granted is None or at - granted.at > TOKEN_LIVES or "userinfo_401" in switches:
            raise Refused("invalid_token", "invalid token provided", 401)
        now = int(at.timestamp())
        lives = -3600 if "userinfo_expired" in switches else 60
        client = "another-client" if "userinfo_wrong_aud" in switches else settings.FRANCECONNECT_CLIENT_ID
        person = replace(granted.citizen, login="somebody-else") if "other_sub" in switches else granted.citizen
        standard = {
            "sub": subject(person), "aud": client, "exp": now + lives, "iat": now, "iss": settings.FRANCECONNECT_ISSUER,
        }  # fmt: skip
        claims = {**granted.citizen.claims(granted.question.scopes, day=clock.today(at)), **standard}
        return json.dumps(claims) if "userinfo_clear" in switches else jwt_of(claims, is_userinfo=True)


provider: Final = Provider()


def _id_token(granted: Granted, *, at: datetime) -> str:
    now = int(at.timestamp())
    shift = -3600 if "expired" in switches else 0
    client = settings.FRANCECONNECT_CLIENT_ID
    claims: dict[str, Any] = {
        "sub": subject(granted.citizen),
        "acr": "eidas0" if "wrong_acr" in switches else LEVEL,
        "auth_time": now - (7200 if "old_auth_time" in switches else 5),
        "nonce": secrets.token_urlsafe(32) if "wrong_nonce" in switches else granted.question.nonce,
        "aud": "another-client" if "wrong_aud" in switches else client,
        "exp": now + 60 + shift,
        "iat": now + shift,
        "iss": f"{settings.FRANCECONNECT_ISSUER}/other" if "wrong_iss" in switches else settings.FRANCECONNECT_ISSUER,
    }
    if "two_aud" in switches:
        claims["aud"] = [client, "another-client"]
    absent = {claim for claim in ("nonce", "acr") if f"no_{claim}" in switches}
    return jwt_of({name: value for name, value in claims.items() if name not in absent})


# Who and with which key ----------------------------------------------------------------------------------------------
def subject(citizen: Citizen) -> str:
    """Pairwise: sixty-four hexadecimal digits and "v1". Another one when the civil status changes."""
    told = [settings.FRANCECONNECT_CLIENT_ID, citizen.login, "the simulators keep no secret"]
    if "new_sub" in switches:
        told.append("another civil status")
    return hashlib.sha256("\0".join(told).encode()).hexdigest() + "v1"


def is_the_client(name: str, secret: str) -> bool:
    """Whether these are the registered name and secret. In the form only: FranceConnect takes no Basic."""
    known = f"{settings.FRANCECONNECT_CLIENT_ID}\0{settings.FRANCECONNECT_CLIENT_SECRET}".encode()
    return secrets.compare_digest(f"{name}\0{secret}".encode(), known)


@lru_cache(maxsize=4)
def key(name: str = "franceconnect-1") -> ECKey:
    """A signing key, kept in var/ so that a restart does not surprise who remembers it."""
    path = Path(settings.VAR) / f"{name}.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    return ECKey.import_key(path.read_bytes(), {"use": "sig", "alg": ALGORITHM, "kid": name})


def published() -> dict[str, Any]:
    """The public keys."""
    name = "franceconnect-2" if "rotated" in switches else "franceconnect-1"
    return {"keys": [key(name).as_dict(private=False)]}


def jwt_of(claims: dict[str, Any], *, is_userinfo: bool = False) -> str:
    """`claims`, signed; or one of the forgeries that are switched on (the ID token alone is forged)."""
    if not is_userinfo and ("alg_none" in switches or "alg_hs256" in switches):
        return _forged(claims)
    mine = key("franceconnect-2" if "rotated" in switches else "franceconnect-1")
    signing, kid = mine, str(mine.kid)
    if not is_userinfo and ("unknown_kid" in switches or "same_kid" in switches):
        signing = key("franceconnect-3")
        kid = str(signing.kid) if "unknown_kid" in switches else kid
    return jwt.encode({"alg": ALGORITHM, "kid": kid, "typ": "JWT"}, claims, signing, algorithms=[ALGORITHM])


def _forged(claims: dict[str, Any]) -> str:
    algorithm = "none" if "alg_none" in switches else "HS256"
    header = {"alg": algorithm, "kid": "franceconnect-1", "typ": "JWT"}
    signed = ".".join(_b64(json.dumps(part).encode()) for part in (header, claims))
    if algorithm == "none":
        return f"{signed}."
    public = key().as_pem(private=False)
    return f"{signed}.{_b64(hmac.new(public, signed.encode(), hashlib.sha256).digest())}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
