"""The keys that sign: made at first need, parsed once per process (parsing a key costs a hundred signatures)."""

import json
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from joserfc.jwk import ECKey, KeySet

from preau.identity import keys
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.federation.models import SigningKey

ALGORITHM = "ES256"
_PURPOSE = "federation/signing-key"
_FRESH_SECONDS = 60.0


@dataclass(frozen=True)
class Ring:
    """The key that signs now, and all those whose signatures still count."""

    signing: ECKey
    published: KeySet


_lock = threading.Lock()
_ring: tuple[float, Ring] | None = None


def ring(*, at: datetime) -> Ring:
    """The keys in use, read again at most once a minute. Makes the first one."""
    global _ring
    with _lock:
        if _ring is None or time.monotonic() - _ring[0] > _FRESH_SECONDS:
            _ring = (time.monotonic(), _read(at=at))
        return _ring[1]


def forget() -> None:
    """Read the keys again at the next need (another process changed them, or a test its database)."""
    global _ring
    with _lock:
        _ring = None


def public_jwks(*, at: datetime) -> dict[str, object]:
    """What anybody may read (RFC 7517): public halves only."""
    return dict(ring(at=at).published.as_dict(private=False))


def _read(*, at: datetime) -> Ring:
    rows = list(SigningKey.objects.order_by("-id"))
    if not any(row.retired_at is None for row in rows):
        _make(at=at)
        rows = list(SigningKey.objects.order_by("-id"))
    parsed = {row.kid: ECKey.import_key(json.loads(keys.decrypt(_PURPOSE, bytes(row.sealed)))) for row in rows}
    current = next(row for row in rows if row.retired_at is None)
    return Ring(signing=parsed[current.kid], published=KeySet(list(parsed.values())))


def _make(*, at: datetime) -> None:
    """Make the first key. Of two workers that start together, one makes it and the other takes it."""
    kid = secrets.token_urlsafe(12)
    made = ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": ALGORITHM}, private=True)
    sealed = keys.encrypt(_PURPOSE, json.dumps(made.as_dict(private=True)).encode())
    try:
        with transaction.atomic():
            SigningKey.objects.create(kid=kid, algorithm=ALGORITHM, sealed=sealed, made_at=at)
            record(Events.KEY_MADE, by="system:federation", on=f"key:{kid}", at=at, algorithm=ALGORITHM)
    except IntegrityError:
        return
