"""Préau, as its metadata describe it: read when first needed, read again when a signature is of a key not known yet."""

import base64
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import requests
from cryptography.x509 import Certificate, load_der_x509_certificate
from django.conf import settings

from preau.simulators.ent import names, xml

KEPT_SECONDS: Final = 600.0
PATIENCE: Final = (3.05, 5.0)


class Unreachable(Exception):
    """Préau does not answer, or answers something that is not its metadata."""


@dataclass(frozen=True)
class Provider:
    """Its name, its certificates, where its doors are."""

    entity_id: str
    certificates: tuple[Certificate, ...]
    sign_on: str
    sign_out: str


def preau(*, fresh: bool = False) -> Provider:
    """The provider of the street. Raises `Unreachable`."""
    if fresh:
        _read.cache_clear()
    return _read(settings.IDENTITY_URL, int(time.monotonic() / KEPT_SECONDS))


@lru_cache(maxsize=2)
def _read(url: str, period: int) -> Provider:
    # Read on loopback, hence believed. A real service is given the certificate by hand, or checks the signature.
    try:
        answer = requests.get(f"{url}/saml/metadata", timeout=PATIENCE, allow_redirects=False)
        answer.raise_for_status()
        root = xml.parse(answer.content)
    except (requests.RequestException, xml.NotBelieved) as error:
        raise Unreachable(str(error)) from error
    role = root.find("md:IDPSSODescriptor", names.NAMESPACES)
    if role is None:
        raise Unreachable("no IDPSSODescriptor")
    keys = role.iterfind("md:KeyDescriptor[@use='signing']//ds:X509Certificate", names.NAMESPACES)
    return Provider(
        entity_id=root.get("entityID", ""),
        certificates=tuple(load_der_x509_certificate(base64.b64decode(one.text or "")) for one in keys),
        sign_on=_place(role, "SingleSignOnService"),
        sign_out=_place(role, "SingleLogoutService"),
    )


def _place(role: xml.Element, name: str) -> str:
    found = role.find(f"md:{name}[@Binding='{names.REDIRECT}']", names.NAMESPACES)
    if found is None:
        raise Unreachable(f"no {name} by HTTP-Redirect")
    return found.get("Location", "")
