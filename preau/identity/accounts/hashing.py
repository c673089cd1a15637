"""Argon2id over a peppered password, computed one at a time in a low-priority thread of each worker (hash_queue.py)."""

import hashlib
import hmac
from functools import cache
from typing import Any

import argon2
from django.conf import settings
from django.contrib.auth.hashers import BasePasswordHasher

from preau.identity import keys
from preau.identity.accounts.hash_queue import HashQueue

_PURPOSE = "accounts/password-pepper"


class PepperedArgon2(BasePasswordHasher):
    """``preau_argon2$kid$<argon2 string>``. The pepper lives outside the database and its id in the hash."""

    algorithm = "preau_argon2"
    library = "argon2"

    def salt(self) -> str:
        """Argon2 draws its own."""
        return ""

    def encode(self, password: str, salt: str) -> str:
        """Hash `password` with the present pepper."""
        kid, peppered = _pepper(password, settings.PREAU_SECRET)
        return f"{self.algorithm}${kid}{in_hash_thread(_argon2().hash, peppered)}"

    def verify(self, password: str, encoded: str) -> bool:
        """Whether `password` made `encoded`, under the present or the previous pepper."""
        _, kid, rest = encoded.split("$", 2)
        for secret in [settings.PREAU_SECRET, *settings.PREAU_SECRET_PREVIOUS]:
            own_kid, peppered = _pepper(password, secret)
            if own_kid == kid:
                return bool(in_hash_thread(_verify, "$" + rest, peppered))
        return False

    def must_update(self, encoded: str) -> bool:
        """Weaker parameters than today's, or an older pepper."""
        _, kid, rest = encoded.split("$", 2)
        return kid != _pepper("", settings.PREAU_SECRET)[0] or _argon2().check_needs_rehash("$" + rest)

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        """What may be shown of a hash: its algorithm."""
        return {"algorithm": self.algorithm}

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Argon2's cost is in its parameters: nothing to add."""


def spend_the_same_time(password: str) -> None:
    """Hash for nothing: an unknown username must cost what a known one costs (design.md §6.10)."""
    in_hash_thread(_argon2().hash, _pepper(password, settings.PREAU_SECRET)[1])


@cache
def _argon2() -> argon2.PasswordHasher:
    return argon2.PasswordHasher(
        time_cost=settings.ARGON2_TIME_COST, memory_cost=settings.ARGON2_MEMORY_KIB, parallelism=1
    )


def _verify(encoded: str, peppered: bytes) -> bool:
    try:
        return _argon2().verify(encoded, peppered)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def _pepper(password: str, secret: str) -> tuple[str, bytes]:
    key = keys.derive_from(secret, _PURPOSE)
    return keys.key_id(secret), hmac.new(key, password.encode(), hashlib.sha256).digest()


_queue = HashQueue()


def in_hash_thread(function: Any, *arguments: Any, is_let_in: bool = False) -> Any:
    """Run in the worker's own hash thread. Raises `Busy` when too many wait; not for who `is_let_in` already."""
    return _queue.run(function, *arguments, is_let_in=is_let_in)
