"""OpenID Connect Back-Channel Logout 1.0: a service's machine is told, by a token of ours, that a visit is over."""

import secrets
from datetime import datetime, timedelta
from urllib.parse import urlencode

from joserfc import jwt

from preau.identity.federation import attributes, fetching, signing
from preau.identity.federation.models import RelyingParty
from preau.identity.federation.oidc.server import issuer
from preau.identity.signin.models import Session

# > Back-Channel Logout §2.4: preferably at most two minutes in the future, to prevent captured Logout Tokens from being
# > replayable.
LASTS = timedelta(minutes=2)
_EVENT = "http://schemas.openid.net/event/backchannel-logout"


def tell(session: Session, party: RelyingParty, *, at: datetime) -> None:
    """Say to `party` that `session` is over. Raises `CannotFetch`: it did not hear, or did not take it."""
    form = urlencode({"logout_token": logout_token(session, party, at=at)}).encode()
    fetching.post(party.backchannel_logout_uri, form, content_type="application/x-www-form-urlencoded")


def logout_token(session: Session, party: RelyingParty, *, at: datetime) -> str:
    """The token (§2.4), signed as the ID tokens of this party are.

    # > §2.4: A Logout Token MUST contain either a sub or a sid Claim, and MAY contain both. The following Claim MUST
    # > NOT be used within the Logout Token: nonce.
    """
    algorithm = party.id_token_signed_response_alg
    key = signing.ring(at=at).signing[algorithm]
    claims = {
        "iss": issuer(),
        "aud": party.client_id,
        "iat": int(at.timestamp()),
        "exp": int((at + LASTS).timestamp()),
        "jti": secrets.token_urlsafe(16),
        "events": {_EVENT: {}},
        "sub": attributes.subject(session.account, sector=party.compared_within),
        "sid": session.sid,
    }
    return jwt.encode({"alg": algorithm, "kid": str(key.kid), "typ": "logout+jwt"}, claims, key, algorithms=[algorithm])
