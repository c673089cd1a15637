"""The keys that sign: made at first need, parsed once per process (parsing a key costs a hundred signatures).

Which key signs is derived from the clock: the newest whose `signs_from_at` has come. One that is yet to come is already
published, one that was replaced stays so until its last token died. Nothing has to run at the hour of a change.
"""

import json
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.db import IntegrityError, transaction
from joserfc.jwk import ECKey, KeySet, RSAKey

from preau.identity import keys
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.federation.models import KeyUse, SigningKey

# OpenID Connect Core §3.1.3.7: RS256 is what a client that names nothing expects; ES256 costs a tenth.
ALGORITHMS = ("RS256", "ES256")
_PURPOSE = "federation/signing-key"
_FRESH_SECONDS = 60.0
_BITS = 2048
# A replaced key is believed until the last ID token it signed can no longer be shown as a hint: the longest visit.
KEPT = timedelta(hours=24)
# SAML services trust the key, not its dates (saml2int SDP-MD05); the certificate only carries it.
_CERTIFICATE_LIVES = timedelta(days=3650)

Key = RSAKey | ECKey


@dataclass(frozen=True)
class Ring:
    """For OpenID Connect: the key that signs now for each algorithm, and all those whose signatures still count."""

    signing: dict[str, Key]
    published: KeySet


@dataclass(frozen=True)
class SamlKey:
    """A key of the SAML side, with the certificate that carries it in metadata (DER, base64)."""

    kid: str
    private: rsa.RSAPrivateKey
    certificate: str


@dataclass(frozen=True)
class SamlRing:
    """For SAML: the key that signs now, then every certificate that metadata publishes, the present one first."""

    signing: SamlKey
    published: tuple[SamlKey, ...]


_lock = threading.Lock()
_rings: dict[KeyUse, tuple[float, Ring | SamlRing]] = {}


def ring(*, at: datetime) -> Ring:
    """The keys of OpenID Connect, read again at most once a minute. Makes the first ones."""
    found = _fresh(KeyUse.OIDC, at=at)
    assert isinstance(found, Ring)
    return found


def saml_ring(*, at: datetime) -> SamlRing:
    """The keys of SAML, read again at most once a minute. Makes the first one."""
    found = _fresh(KeyUse.SAML, at=at)
    assert isinstance(found, SamlRing)
    return found


def forget() -> None:
    """Read the keys again at the next need (another process changed them, or a test its database)."""
    with _lock:
        _rings.clear()


def public_jwks(*, at: datetime) -> dict[str, object]:
    """What anybody may read (RFC 7517): public halves only."""
    return dict(ring(at=at).published.as_dict(private=False))


def algorithms_of(use: KeyUse) -> tuple[str, ...]:
    """The algorithms that a use signs with."""
    return ALGORITHMS if use is KeyUse.OIDC else ("RS256",)


def published(rows: list[SigningKey], *, at: datetime) -> list[SigningKey]:
    """Of the keys of one use and algorithm, those to publish at `at`, the one that signs first."""
    trusted = sorted((row for row in rows if row.revoked_at is None), key=lambda row: row.number, reverse=True)
    begun = [row for row in trusted if row.signs_from_at <= at]
    to_come = [row for row in trusted if row.signs_from_at > at]
    # A revoked key replaced the one before it all the same: revoking brings back no key whose time was over.
    ever = sorted((row for row in rows if _has_signed(row, at=at)), key=lambda row: row.number, reverse=True)
    replaced_at = {older.pk: newer.signs_from_at for newer, older in pairwise(ever)}
    still_believed = [row for row in begun[1:] if at < replaced_at[row.pk] + KEPT]
    return begun[:1] + to_come + still_believed


def _has_signed(row: SigningKey, *, at: datetime) -> bool:
    return row.signs_from_at <= at and (row.revoked_at is None or row.signs_from_at < row.revoked_at)


def _fresh(use: KeyUse, *, at: datetime) -> Ring | SamlRing:
    with _lock:
        known = _rings.get(use)
        if known is None or time.monotonic() - known[0] > _FRESH_SECONDS:
            known = _rings[use] = (time.monotonic(), _read(use, at=at))
        return known[1]


def reseal(row: SigningKey) -> None:
    """Encrypt the private half again, under the present master secret. Raises `keys.CannotDecrypt`."""
    row.sealed = keys.encrypt(_PURPOSE, keys.decrypt(_PURPOSE, bytes(row.sealed)))
    row.save(update_fields=["sealed"])


def ends_at(row: SigningKey) -> datetime | None:
    """When the certificate of a SAML key ends; None for a key of OpenID Connect, which has none."""
    if not row.certificate:
        return None
    return x509.load_pem_x509_certificate(row.certificate.encode("ascii")).not_valid_after_utc


def _read(use: KeyUse, *, at: datetime) -> Ring | SamlRing:
    in_order: dict[str, list[SigningKey]] = {}
    for algorithm in algorithms_of(use):
        rows = list(SigningKey.objects.filter(use=use, algorithm=algorithm))
        if not any(row.revoked_at is None and row.signs_from_at <= at for row in rows):
            following = max((row.number for row in rows), default=0) + 1
            make(use, algorithm, signs_from_at=at, by="system:federation", at=at, number=following)
            rows = list(SigningKey.objects.filter(use=use, algorithm=algorithm))
        in_order[algorithm] = published(rows, at=at)
    if use is KeyUse.SAML:
        saml = tuple(_saml_key(row) for row in in_order["RS256"])
        return SamlRing(signing=saml[0], published=saml)
    parsed = {algorithm: [_jwk(row) for row in rows] for algorithm, rows in in_order.items()}
    return Ring(
        signing={algorithm: keys_[0] for algorithm, keys_ in parsed.items()},
        published=KeySet([key for keys_ in parsed.values() for key in keys_]),
    )


def make(
    use: KeyUse, algorithm: str, *, signs_from_at: datetime, by: str, at: datetime, number: int | None = None
) -> SigningKey | None:
    """Make the next key of a use. Of two workers that do so at once, one makes it; the other gets None.

    `number`: the one that whoever saw it missing expects, so that a neighbour's, made since, is not doubled.
    """
    kid = secrets.token_urlsafe(12)
    if use is KeyUse.SAML:
        private = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
        clear, certificate = _pem(private), _certificate(private, at=at)
    else:
        clear, certificate = json.dumps(_new_jwk(algorithm, kid).as_dict(private=True)).encode(), ""
    following = number or following_number(use, algorithm)
    try:
        with transaction.atomic():
            made = SigningKey.objects.create(
                kid=kid,
                use=use,
                algorithm=algorithm,
                number=following,
                sealed=keys.encrypt(_PURPOSE, clear),
                certificate=certificate,
                made_at=at,
                signs_from_at=signs_from_at,
            )
            record(Events.KEY_MADE, by=by, on=f"key:{kid}", at=at, algorithm=algorithm, use=use.value)
    except IntegrityError:
        return None
    return made


def following_number(use: KeyUse, algorithm: str) -> int:
    """The number of the key that would be made now."""
    newest = SigningKey.objects.filter(use=use, algorithm=algorithm).order_by("-number").first()
    return newest.number + 1 if newest else 1


def _new_jwk(algorithm: str, kid: str) -> Key:
    facts = {"kid": kid, "use": "sig", "alg": algorithm}
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", facts, private=True)  # type: ignore[arg-type]
    return RSAKey.generate_key(_BITS, facts, private=True)  # type: ignore[arg-type]


def _jwk(row: SigningKey) -> Key:
    facts = json.loads(keys.decrypt(_PURPOSE, bytes(row.sealed)))
    return ECKey.import_key(facts) if row.algorithm == "ES256" else RSAKey.import_key(facts)


def _saml_key(row: SigningKey) -> SamlKey:
    private = serialization.load_pem_private_key(keys.decrypt(_PURPOSE, bytes(row.sealed)), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    lines = [line for line in row.certificate.splitlines() if not line.startswith("-----")]
    return SamlKey(kid=row.kid, private=private, certificate="".join(lines))


def _pem(private: rsa.RSAPrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _certificate(private: rsa.RSAPrivateKey, *, at: datetime) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, settings.PUBLIC_URL.partition("://")[2][:64])])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + _CERTIFICATE_LIVES)
    )
    return built.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode("ascii")
