"""What the portal asserts of somebody, and how they proved who they are. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from preau.simulators.cast import Colleague

WITH_A_SECOND_FACTOR: Final = "https://refeds.org/profile/mfa"
BY_PASSWORD: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Proof:
    """How one came in: words for the page, methods (RFC 8176), context, and how long ago."""

    words: str
    amr: tuple[str, ...]
    acr: str
    ago: timedelta = timedelta()


PROOFS: Final[Mapping[str, Proof]] = {
    "otp": Proof("Avec un second facteur, à l’instant", ("pwd", "otp"), WITH_A_SECOND_FACTOR),
    "none": Proof("Sans second facteur", ("pwd",), BY_PASSWORD),
    "old": Proof("Avec un second facteur, il y a 2 heures", ("pwd", "otp"), WITH_A_SECOND_FACTOR, timedelta(hours=2)),
}


def id_token(
    colleague: Colleague, proof: Proof, *, issuer: str, client_id: str, nonce: str, at: datetime
) -> dict[str, Any]:
    """The claims of the ID token (OpenID Connect Core §2); it lives five minutes."""
    now = int(at.timestamp())
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": colleague.sub,
        "aud": client_id,
        "iat": now,
        "exp": now + 300,
        "auth_time": int((at - proof.ago).timestamp()),
        "amr": list(proof.amr),
        "acr": proof.acr,
    }
    return {**claims, "nonce": nonce} if nonce else claims


def userinfo(colleague: Colleague) -> dict[str, Any]:
    """The FIM claims of a person: arrays where FIM has arrays, scalars elsewhere."""
    return {"sub": colleague.sub, **colleague.claims}
