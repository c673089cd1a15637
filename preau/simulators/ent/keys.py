"""The ENT's own key, made at the first run and kept in `var/`: its certificate stands in the metadata it publishes."""

import base64
import contextlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.conf import settings

# A demo town may be taken years ahead by its clock; services look at the key, not at its dates.
_FROM, _LASTS = datetime(2020, 1, 1, tzinfo=UTC), timedelta(days=36_500)


@dataclass(frozen=True)
class OwnKey:
    """Signs what the ENT asks, opens what it is told. `certificate` is DER in base 64, as metadata write it."""

    private: rsa.RSAPrivateKey
    certificate: str


def own() -> OwnKey:
    """The key of this town."""
    return _read(settings.VAR / "ent.pem")


@lru_cache(maxsize=4)
def _read(path: Path) -> OwnKey:
    if not path.exists():
        _make(path)
    pem = path.read_bytes()
    private = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(private, rsa.RSAPrivateKey), "written below"
    der = x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
    return OwnKey(private, base64.b64encode(der).decode("ascii"))


def _make(path: Path) -> None:
    private = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ENT Les Rives")])
    certificate = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number(), _FROM, _FROM + _LASTS)
        .sign(private, hashes.SHA256())
    )  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.touch(mode=0o600)
    beside.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    with contextlib.suppress(FileExistsError):  # another process was first: its key is everybody's
        os.link(beside, path)
    beside.unlink()
