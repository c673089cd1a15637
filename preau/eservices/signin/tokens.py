"""Is this ID token Préau's, for us, for this very sign-in, and fresh? Pure: keys and the instant are given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from joserfc import jwt
from joserfc.errors import (
    ExpiredTokenError,
    InvalidClaimError,
    JoseError,
    MissingClaimError,
)
from joserfc.jwk import KeySet

from preau.eservices.signin.refusals import SignInRefused

# Pinned: the header of a token never chooses how it is verified (RFC 8725 §3.1).
ALGORITHMS: Final = ("ES256",)
LEEWAY_SECONDS: Final = 60
LONGEST_TOKEN: Final = 16_384
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"


class UnverifiableAnswer(SignInRefused):
    """The provider answered, and the answer proves nothing."""

    title = _("La réponse de Préau n’a pas pu être vérifiée")
    sentence = _("Par précaution, rien n’a été ouvert.")
    advice = _(
        "Recommencez. Si cette page revient, donnez la référence ci-dessous au secrétariat de l’établissement, "
        "qui la transmettra à l’assistance."
    )
    action = _("Recommencer")


@dataclass(frozen=True, slots=True)
class IdToken:
    """What a verified ID token says: who (`subject`), in which session of Préau's (`sid`, may be empty)."""

    subject: str
    sid: str


def verify(raw: str, *, keys: KeySet, issuer: str, client_id: str, nonce: str, at: datetime) -> IdToken:
    """The checks of OpenID Connect Core §3.1.3.7, in their order of mattering.

    Raises UnverifiableAnswer with a reference naming the check that failed.
    """
    asked = {"sub": {"essential": True}, "nonce": {"essential": True, "value": nonce}}
    claims = _signed("jeton", raw, keys=keys, issuer=issuer, asked=asked, at=at)
    if _audience(claims) != [client_id]:
        raise UnverifiableAnswer("jeton-aud")
    if claims.get("azp", client_id) != client_id:
        raise UnverifiableAnswer("jeton-azp")
    return IdToken(subject=claims["sub"], sid=str(claims.get("sid", "")))


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """What a verified logout token says is over: a session of Préau's (`sid`), or all those of a `subject`."""

    subject: str
    sid: str


def verify_logout(raw: str, *, keys: KeySet, issuer: str, client_id: str, at: datetime) -> LogoutToken:
    """The checks of OpenID Connect Back-Channel Logout §2.6. Raises UnverifiableAnswer, as `verify` does.

    One that comes twice ends nothing more: `jti` needs no memory.
    """
    claims = _signed("annonce", raw, keys=keys, issuer=issuer, asked={"jti": {"essential": True}}, at=at)
    # > §2.6: Verify that the Logout Token does not contain a nonce Claim. An ID token must not pass for one.
    events = claims.get("events")
    if "nonce" in claims or not isinstance(events, Mapping) or not isinstance(events.get(LOGOUT_EVENT), Mapping):
        raise UnverifiableAnswer("annonce-evenement")
    if _audience(claims) != [client_id]:
        raise UnverifiableAnswer("annonce-aud")
    subject, sid = str(claims.get("sub", "")), str(claims.get("sid", ""))
    if not subject and not sid:
        raise UnverifiableAnswer("annonce-sans-nom")
    return LogoutToken(subject, sid)


def _signed(
    what: str, raw: str, *, keys: KeySet, issuer: str, asked: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    """The claims of a token signed by one of `keys`, fresh, with all those `asked`; `what` begins the reference."""
    if len(raw) > LONGEST_TOKEN:
        raise UnverifiableAnswer(f"{what}-taille")
    try:
        claims = jwt.decode(raw, keys, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise UnverifiableAnswer(f"{what}-signature") from error
    registry = jwt.JWTClaimsRegistry(
        now=int(at.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        **asked,
    )
    try:
        registry.validate(claims)
    except ExpiredTokenError as error:
        raise UnverifiableAnswer(f"{what}-exp") from error
    except (InvalidClaimError, MissingClaimError) as error:
        raise UnverifiableAnswer(f"{what}-{error.claim}") from error
    return claims


def _audience(claims: Mapping[str, Any]) -> list[Any]:
    # "The ID Token MUST be rejected if [it] contains additional audiences not trusted by the Client": we trust none.
    audience = claims["aud"]
    return audience if isinstance(audience, list) else [audience]
