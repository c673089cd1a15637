"""The master secret, and one key derived from it for each use.

The secret lives outside the database (``PREAU_SECRET``, or the file ``PREAU_SECRET_FILE``): a stolen database alone
opens nothing. Each digest carries the id of the key that made it, so that a pepper can be rotated: the previous secret
(``PREAU_SECRET_PREVIOUS``) still verifies for as long as it is configured. What must never change
(``FOREVER``: the keys behind subject identifiers) derives from the oldest secret known, ``PREAU_SECRET_FOREVER``.
"""

import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

FOREVER = "forever/"
_NONCE = 12


class CannotDecrypt(Exception):
    """The bytes were not encrypted under a secret this site knows, or were altered."""


def derive(purpose: str, length: int = 32) -> bytes:
    """The key of `length` bytes for one `purpose` (a path such as ``accounts/temporary-password``)."""
    secret = settings.PREAU_SECRET_FOREVER if purpose.startswith(FOREVER) else settings.PREAU_SECRET
    return derive_from(secret, purpose, length)


def digest(purpose: str, *parts: str) -> str:
    """Keyed digest of `parts`, as ``kid$hex``. For machine-made secrets only: a human password takes Argon2id."""
    return f"{key_id(settings.PREAU_SECRET)}${_hmac(derive(purpose), parts)}"


def candidates(purpose: str, *parts: str) -> list[str]:
    """The digests `parts` may be stored under, present secret first: to find a row by its digest."""
    return [f"{key_id(secret)}${_hmac(derive_from(secret, purpose), parts)}" for secret in _secrets()]


def matches(purpose: str, stored: str, *parts: str) -> bool:
    """Whether `stored` is the digest of `parts`, under the present or the previous secret. Constant time."""
    kid, _, expected = stored.partition("$")
    found = False
    for secret in _secrets():
        made = _hmac(derive_from(secret, purpose), parts)
        found |= hmac.compare_digest(key_id(secret), kid) & hmac.compare_digest(made, expected)
    return found


def pseudonym(purpose: str, *parts: str) -> str:
    """A stable, opaque name (64 hexadecimal digits) that never rotates, for example a pairwise subject."""
    return _hmac(derive(FOREVER + purpose), parts)


def long_pseudonym(purpose: str, *parts: str) -> str:
    """The same in 96 hexadecimal digits (HMAC-SHA-384), where others' formats ask for them."""
    return _hmac(derive(FOREVER + purpose), parts, "sha384")


def encrypt(purpose: str, clear: bytes) -> bytes:
    """`clear` sealed with AES-256-GCM under the key of `purpose`."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(derive(purpose)).encrypt(nonce, clear, purpose.encode())


def decrypt(purpose: str, sealed: bytes) -> bytes:
    """The bytes given to `encrypt`. Raises `CannotDecrypt`."""
    for secret in _secrets():
        try:
            key = derive_from(secret, purpose)
            return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
        except InvalidTag:
            continue
    raise CannotDecrypt(purpose)


def _secrets() -> list[str]:
    return [settings.PREAU_SECRET, *settings.PREAU_SECRET_PREVIOUS]


@lru_cache(maxsize=256)
def derive_from(secret: str, purpose: str, length: int = 32) -> bytes:
    """The key of `purpose` under a given master secret: for what verifies under the previous one too."""
    return HKDF(algorithm=SHA256(), length=length, salt=b"preau", info=purpose.encode()).derive(secret.encode())


@lru_cache(maxsize=8)
def key_id(secret: str) -> str:
    """The public name of a master secret, written in each digest."""
    return derive_from(secret, "key-id", 4).hex()


def _hmac(key: bytes, parts: tuple[str, ...], algorithm: str = "sha256") -> str:
    # Lengths go in, so that ("ab", "c") and ("a", "bc") differ.
    message = b"".join(len(raw := part.encode()).to_bytes(4) + raw for part in parts)
    return hmac.digest(key, message, algorithm).hex()
