"""The conversation with FranceConnect v2: discovery, tokens, identity, sign-out. Never more than five seconds.

Nothing FranceConnect says is believed before signature, issuer, audience, dates and nonce are verified
(OpenID Connect Core §3.1.3.7), and the level it vouches for.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from joserfc.jwk import KeySet

from preau.identity import keys, openid
from preau.identity.franceconnect import faults
from preau.identity.franceconnect.breaker import Breaker

# Pinned: never `none`, never HS256, which FranceConnect still allows to old clients (RFC 8725 §3.1).
ALGORITHMS = ("ES256", "RS256")
LEVEL = "eidas1"
# Each one is declared in the « habilitation »: asking for another is an error. No alias, so that the list is readable.
SCOPES = "openid given_name family_name preferred_username birthdate gender birthplace birthcountry email"
NONCE = "franceconnect/nonce"
# security.md F10: a clear answer in less than five seconds, whatever FranceConnect does.
PATIENCE = 4.5
_LEEWAY = 30  # an ID token lives sixty seconds

shelf = openid.Shelf()
breaker = Breaker()


@dataclass(frozen=True)
class House:
    """Where FranceConnect's doors are, from its discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str


@dataclass(frozen=True)
class Told:
    """What FranceConnect said, verified: the claims of the identity, the level, when they proved themselves."""

    claims: dict[str, Any]
    id_token: str
    acr: str
    auth_time: datetime | None


def is_configured() -> bool:
    """Whether this site offers FranceConnect."""
    return bool(settings.FRANCECONNECT_ISSUER)


def forget() -> None:
    """Read everything anew, and believe again that FranceConnect answers (tests)."""
    shelf.forget()
    breaker.worked()


# Going there and coming back -----------------------------------------------------------------------------------------
def way_there(*, state: str, nonce: str, return_url: str, prompt: str) -> str:
    """The address to send the browser to. Raises `Fault`.

    > FranceConnect v2: a parameter outside this list is an error, page Y030007. PKCE is such a parameter.
    """
    with _conversation() as deadline:
        door = _house(deadline).authorization_endpoint
    query = {
        "response_type": "code", "client_id": settings.FRANCECONNECT_CLIENT_ID, "redirect_uri": return_url,
        "scope": SCOPES, "acr_values": LEVEL, "state": state, "nonce": nonce, **({"prompt": prompt} if prompt else {}),
    }  # fmt: skip
    return openid.added_to(door, query)


def ask_who(code: str, *, nonce_digest: str, return_url: str, at: datetime) -> Told:
    """Exchange the code for an identity: a code lives thirty seconds, an access token sixty. Raises `Fault`."""
    with _conversation() as deadline:
        house = _house(deadline)
        tokens = openid.exchange(
            house.token_endpoint,
            client=(settings.FRANCECONNECT_CLIENT_ID, settings.FRANCECONNECT_CLIENT_SECRET),
            by="client_secret_post",  # FranceConnect takes no Basic
            code=code, return_url=return_url, timeout=deadline.left(),
        )  # fmt: skip
        breaker.worked()
        id_token = str(tokens.get("id_token") or "")
        who = _signed(house, id_token, deadline, at=at)
        if not keys.matches(NONCE, nonce_digest, str(who.get("nonce", ""))):
            raise faults.WrongNonce
        if who.get("acr") != LEVEL:
            raise faults.WeakLevel(str(who.get("acr"))[:40])
        about = _userinfo(house, str(tokens.get("access_token") or ""), deadline, at=at)
        if not secrets.compare_digest(about["sub"].encode(), who["sub"].encode()):
            raise faults.OtherPerson
    return Told(claims=about, id_token=id_token, acr=who["acr"], auth_time=openid.instant(who.get("auth_time")))


def way_out(*, id_token: str, return_url: str) -> str:
    """Where to sign out of FranceConnect too; empty when it does not answer: our own sign-out is done anyway."""
    try:
        with _conversation() as deadline:
            door = _house(deadline).end_session_endpoint
    except faults.Fault:
        return ""
    return openid.added_to(
        door, {"id_token_hint": id_token, "state": secrets.token_urlsafe(32), "post_logout_redirect_uri": return_url}
    )


# What is verified ----------------------------------------------------------------------------------------------------
def _signed(house: House, token: str, deadline: openid.Deadline, *, at: datetime) -> dict[str, Any]:
    """The claims of a token signed by FranceConnect, for us, now, about somebody."""

    def read() -> KeySet:
        return openid.key_set(house.jwks_uri, timeout=deadline.left())

    def key_set(anew: bool) -> KeySet:
        return shelf.keep("keys", house.issuer, read, anew=anew)

    claims = openid.signed(token, key_set, algorithms=ALGORITHMS)
    if claims.get("iss") != house.issuer:
        raise faults.WrongIssuer(str(claims.get("iss"))[:200])
    if not openid.is_for(claims, settings.FRANCECONNECT_CLIENT_ID):
        raise faults.WrongAudience
    openid.check_instants(claims, at=at, leeway=_LEEWAY)
    if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 200:
        raise faults.NobodyThere
    return claims


def _userinfo(house: House, access_token: str, deadline: openid.Deadline, *, at: datetime) -> dict[str, Any]:
    """The identity, which FranceConnect v2 signs: anything else than a signed token is refused."""
    try:
        bearer = {"Authorization": f"Bearer {access_token}", "Accept": "application/jwt"}
        answer = openid.ask(house.userinfo_endpoint, headers=bearer, timeout=deadline.left())
    except openid.Unreachable as fault:
        if fault.status == 401:
            raise faults.TokenTooOld from None
        raise
    if not answer.headers.get("Content-Type", "").startswith("application/jwt"):
        raise faults.WrongSignature("userinfo is not signed")
    return _signed(house, answer.text.strip(), deadline, at=at)


# The house -----------------------------------------------------------------------------------------------------------
def _house(deadline: openid.Deadline) -> House:
    return shelf.keep("house", settings.FRANCECONNECT_ISSUER, lambda: _discover(deadline))


def _discover(deadline: openid.Deadline) -> House:
    issuer = settings.FRANCECONNECT_ISSUER
    said = openid.ask_object(f"{issuer}/.well-known/openid-configuration", timeout=deadline.left())
    if said.get("issuer") != issuer:
        raise faults.WrongDiscovery(str(said.get("issuer"))[:200])
    doors = {name: said.get(name) for name in House.__annotations__ if name != "issuer"}
    for name, url in doors.items():
        if not isinstance(url, str) or not openid.is_as_safe_as(url, issuer):
            raise faults.WrongDiscovery(name)
    breaker.worked()
    return House(issuer=issuer, **{name: str(url) for name, url in doors.items()})


@contextmanager
def _conversation() -> Iterator[openid.Deadline]:
    """A few seconds to talk; what goes wrong is said in our words, and silence is counted."""
    if not is_configured():
        raise faults.NotOffered
    if breaker.is_open():
        raise faults.Resting
    try:
        yield openid.Deadline(PATIENCE)
    except openid.Unreachable as fault:
        breaker.failed()
        raise faults.Unreachable(str(fault)) from None
    except openid.CodeNotTaken as fault:
        breaker.worked()
        known = faults.BY_TOKEN_ERROR.get(fault.error, faults.NotAsTheyAsk)
        raise known(fault.error) from None
    except openid.NotSigned as fault:
        raise faults.WrongSignature(str(fault)) from None
    except openid.TooOld as fault:
        raise faults.TooOld(str(fault)) from None
