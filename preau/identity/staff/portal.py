"""The staff portal, as its OpenID Connect client: discovery, code with PKCE, ID token, userinfo, sign-out.

Whatever goes wrong is a `PortalError` of its own class, with the sentence people read. Nothing it says is believed
before the signature, the issuer, the audience, the dates and the nonce of the ID token are verified (OpenID Connect
Core §3.1.3.7).
"""
# size: one conversation with one partner, from discovery to sign-out, with its faults

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from joserfc.jwk import KeySet

from preau.identity import keys, openid

# Pinned: never `none`, never a keyed digest that the public key could be taken for (RFC 8725 §3.1).
ALGORITHMS = ("RS256", "ES256", "PS256")
SCOPE = "openid profile email"
# `auth_time` and `amr` are asked for by name: OIDC Core §5.5.1, and what ProConnect takes.
CLAIMS = json.dumps({"id_token": {"amr": {"essential": True}, "auth_time": {"essential": True}}})
ATTEMPT_LIVES = timedelta(minutes=10)
_LEEWAY = 60
_TIMEOUT = (3.05, 8)
_PURPOSE = "staff/portal-attempt"


# What can go wrong ----------------------------------------------------------------------------------------------------
class PortalError(Exception):
    """The portal did not bring anybody. `sentence` says why and what to do."""

    sentence = "Le portail des personnels n’a pas répondu comme prévu. Recommencez ; si cela dure, voyez l’assistance."


class PortalUnreachable(PortalError):
    """No answer, an error of the portal, or an answer that is not what a portal says."""

    sentence = "Le portail des personnels ne répond pas. Réessayez dans quelques minutes."


class WrongDiscovery(PortalError):
    """The discovery document lacks something, or speaks for another issuer."""


class PortalSaidNo(PortalError):
    """The portal came back with an error: the person gave up, or may not use the desk."""

    sentence = "Le portail des personnels n’a pas confirmé votre identité. Recommencez depuis le début."


class AttemptLost(PortalError):
    """No attempt in this browser, too old a one, or another `state`: somebody else's answer, or two tabs."""

    sentence = "Cette connexion a commencé dans un autre onglet, ou il y a trop longtemps. Recommencez depuis le début."


class WrongResponder(PortalError):
    """The answer says it comes from another issuer (RFC 9207: mix-up)."""


class CodeRefused(PortalError):
    """The portal did not take the code back."""

    sentence = "Le portail des personnels a refusé cette connexion. Recommencez depuis le début."


class WrongSignature(PortalError):
    """The ID token is not signed by the portal's keys with an algorithm we take."""


class WrongIssuer(PortalError):
    """The ID token comes from somebody else."""


class WrongAudience(PortalError):
    """The ID token is for somebody else."""


class TokenExpired(PortalError):
    """The ID token is too old, not yet valid, or says nothing of it."""

    sentence = "La réponse du portail des personnels est trop ancienne. Recommencez depuis le début."


class WrongNonce(PortalError):
    """The ID token answers another attempt."""


class NobodyThere(PortalError):
    """The ID token names nobody."""


class OtherPerson(PortalError):
    """The userinfo speaks of somebody else than the ID token."""


# The portal -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Portal:
    """Where the portal's doors are, from its discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    takes_basic: bool
    says_iss: bool


@dataclass(frozen=True)
class Attempt:
    """A sign-in that started in one browser. Sealed in its cookie; nothing is kept here."""

    state: str
    nonce: str
    verifier: str
    going_to: str
    made_at: float


@dataclass(frozen=True)
class Arrival:
    """Who the portal brought: their claims, the factors it names, when they proved who they are, and the ID token."""

    claims: dict[str, Any]
    amr: tuple[str, ...]
    authenticated_at: datetime | None
    id_token: str


def begin(*, going_to: str, at: datetime) -> Attempt:
    """A new attempt, with secrets of its own."""
    return Attempt(
        state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48),
        going_to=going_to, made_at=at.timestamp(),
    )  # fmt: skip


def seal(attempt: Attempt) -> str:
    """The attempt, as its cookie carries it: encrypted, unreadable and unchangeable."""
    return base64.urlsafe_b64encode(keys.encrypt(_PURPOSE, json.dumps(asdict(attempt)).encode())).decode()


def unseal(cookie: str, *, at: datetime) -> Attempt:
    """The attempt of this browser. Raises `AttemptLost`."""
    try:
        attempt = Attempt(**json.loads(keys.decrypt(_PURPOSE, base64.urlsafe_b64decode(cookie.encode()))))
    except (ValueError, TypeError, keys.CannotDecrypt):
        raise AttemptLost("no attempt") from None
    if not timedelta() <= at - datetime.fromtimestamp(attempt.made_at, UTC) < ATTEMPT_LIVES:
        raise AttemptLost("too old")
    return attempt


def way_there(attempt: Attempt, *, return_url: str, again: bool = False) -> str:
    """The portal's address to send the browser to. `again`: ask to prove who they are anew. Raises `PortalError`."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code", "client_id": settings.STAFF_PORTAL_CLIENT_ID, "redirect_uri": return_url,
        "scope": SCOPE, "state": attempt.state, "nonce": attempt.nonce, "claims": CLAIMS,
        "code_challenge": challenge, "code_challenge_method": "S256", **({"prompt": "login"} if again else {}),
    }  # fmt: skip
    return openid.added_to(portal().authorization_endpoint, query)


def come_back(attempt: Attempt, answer: dict[str, str], *, return_url: str, at: datetime) -> Arrival:
    """Exchange what the portal answered for who it brings. Raises `PortalError`, one class per fault."""
    if not secrets.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
        raise AttemptLost("state")
    house = portal()
    said = answer.get("iss")
    if said != house.issuer if house.says_iss else said not in (None, house.issuer):
        raise WrongResponder(str(said)[:200])
    if "error" in answer or not answer.get("code"):
        raise PortalSaidNo(answer.get("error", "no code")[:100])
    tokens = _exchange(house, answer["code"], attempt, return_url)
    id_token = str(tokens.get("id_token") or "")
    claims = verified(house, id_token, nonce=attempt.nonce, at=at)
    about = _userinfo(house, str(tokens.get("access_token") or ""), at=at)
    if about.get("sub") != claims["sub"]:
        raise OtherPerson
    return Arrival(
        claims={**claims, **about},
        amr=_methods(claims.get("amr")),
        authenticated_at=openid.instant(claims.get("auth_time")),
        id_token=id_token,
    )


def way_out(*, id_token: str, return_url: str) -> str:
    """Where to send the browser to sign out of the portal too (OIDC RP-Initiated Logout); empty if there is none."""
    try:
        door = portal().end_session_endpoint
    except PortalError:
        return ""
    query = {"id_token_hint": id_token, "client_id": settings.STAFF_PORTAL_CLIENT_ID} if id_token else {}
    return openid.added_to(door, {**query, "post_logout_redirect_uri": return_url}) if door else ""


# The ID token ---------------------------------------------------------------------------------------------------------
def verified(house: Portal, token: str, *, nonce: str | None, at: datetime) -> dict[str, Any]:
    """The claims of a token signed by the portal for us, now. `nonce` None: a signed userinfo, which has none."""
    claims = _signed(house, token)
    if claims.get("iss") != house.issuer:
        raise WrongIssuer(str(claims.get("iss"))[:200])
    if not openid.is_for(claims, settings.STAFF_PORTAL_CLIENT_ID):
        raise WrongAudience
    if nonce is not None:
        with _our_words():
            openid.check_instants(claims, at=at, leeway=_LEEWAY)
        if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise WrongNonce
    if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 200:
        raise NobodyThere
    return claims


def _signed(house: Portal, token: str) -> dict[str, Any]:
    with _our_words():
        return openid.signed(token, lambda anew: _keys(house, anew=anew), algorithms=ALGORITHMS)


def _methods(said: object) -> tuple[str, ...]:
    """`amr`: a list of words, or one word. Anything else names no method."""
    several = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    return tuple(one for one in several if isinstance(one, str))


# HTTP -----------------------------------------------------------------------------------------------------------------
@contextmanager
def _our_words() -> Iterator[None]:
    """The faults of any conversation, as faults of the portal."""
    try:
        yield
    except openid.Unreachable as fault:
        raise PortalUnreachable(str(fault)) from None
    except openid.CodeNotTaken as fault:
        raise CodeRefused(fault.error) from None
    except openid.NotSigned as fault:
        raise WrongSignature(str(fault)) from None
    except openid.TooOld as fault:
        raise TokenExpired(str(fault)) from None


def _exchange(house: Portal, code: str, attempt: Attempt, return_url: str) -> dict[str, Any]:
    with _our_words():
        return openid.exchange(
            house.token_endpoint,
            client=(settings.STAFF_PORTAL_CLIENT_ID, settings.STAFF_PORTAL_CLIENT_SECRET),
            by="client_secret_basic" if house.takes_basic else "client_secret_post",
            code=code, return_url=return_url, timeout=_TIMEOUT, code_verifier=attempt.verifier,
        )  # fmt: skip


def _userinfo(house: Portal, access_token: str, *, at: datetime) -> dict[str, Any]:
    with _our_words():
        answer = openid.ask(
            house.userinfo_endpoint, headers={"Authorization": f"Bearer {access_token}"}, timeout=_TIMEOUT
        )
        if answer.headers.get("Content-Type", "").startswith("application/jwt"):
            return verified(house, answer.text.strip(), nonce=None, at=at)
        return openid.as_object(answer)


# Discovery and keys, kept a while ------------------------------------------------------------------------------------
_shelf = openid.Shelf()
forget = _shelf.forget


def portal() -> Portal:
    """The portal of the settings. Raises `PortalUnreachable` or `WrongDiscovery`."""
    return _shelf.keep("discovery", settings.STAFF_PORTAL_ISSUER, _discover)


def _discover() -> Portal:
    issuer = settings.STAFF_PORTAL_ISSUER
    with _our_words():
        said = openid.ask_object(f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout=_TIMEOUT)
    if said.get("issuer") != issuer:
        raise WrongDiscovery("issuer")
    doors = {name: said.get(name) for name in Portal.__annotations__ if name.endswith(("_endpoint", "_uri"))}
    for name, url in doors.items():
        if name == "end_session_endpoint" and url is None:
            doors[name] = ""
        elif not isinstance(url, str) or not openid.is_as_safe_as(url, issuer):
            raise WrongDiscovery(name)
    return Portal(
        issuer=issuer,
        takes_basic="client_secret_basic" in said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]),
        says_iss=said.get("authorization_response_iss_parameter_supported") is True,
        **{name: str(url) for name, url in doors.items()},
    )


def _keys(house: Portal, *, anew: bool = False) -> KeySet:
    def read() -> KeySet:
        with _our_words():
            return openid.key_set(house.jwks_uri, timeout=_TIMEOUT)

    return _shelf.keep("keys", house.issuer, read, anew=anew)
