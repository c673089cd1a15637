"""Reading a document at an address that somebody else wrote, without being led where only this server can go.

The host is resolved once, each of its addresses judged, and the connection made to one of those: a name that changes
between the judgement and the visit (DNS rebinding) leads nowhere. No proxy, no cookie, no redirect elsewhere.
"""

import ipaddress
import socket
import time
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

LARGEST = 1024 * 1024
CONNECTS_WITHIN, ANSWERS_WITHIN, ENDS_WITHIN = 5.0, 10.0, 20.0
# Told that a visit is over: others wait behind.
_CONNECTS, _ANSWERS, _LARGEST_ANSWER = 3.0, 5.0, 256 * 1024
_REDIRECTS = 3
_CHUNK = 64 * 1024
_PORTS = {"https": 443, "http": 80}


class CannotFetch(Exception):
    """Nothing was read; the sentence says why, and what to check."""


def fetch(url: str, *, largest: int = LARGEST) -> bytes:
    """The document at `url`: at most `largest` bytes, in twenty seconds. Raises `CannotFetch`."""
    ends = time.monotonic() + ENDS_WITHIN
    for _ in range(_REDIRECTS + 1):
        found = _ask(url, largest, ends)
        if isinstance(found, bytes):
            return found
        url = _followed(url, found)
    raise CannotFetch("L’adresse renvoie sans fin à elle-même.")


def post(url: str, body: bytes, *, content_type: str, headers: dict[str, str] | None = None) -> bytes:
    """Say something to `url`, in ten seconds, following nothing. Returns what it answers. Raises `CannotFetch`."""
    scheme, host, port = _place(url)
    address = _resolved(host, port)
    told = {**(headers or {}), "Host": urlsplit(url).netloc, "Content-Type": content_type}
    try:
        with _session(scheme, host, address) as session:
            answer = session.post(
                url, data=body, headers=told, stream=True, allow_redirects=False, timeout=(_CONNECTS, _ANSWERS)
            )
            with answer:
                if answer.status_code not in {200, 204}:
                    raise CannotFetch(f"Le service répond {answer.status_code}.")
                return _body(answer, _LARGEST_ANSWER, time.monotonic() + _ANSWERS)
    except requests.Timeout as trouble:
        raise CannotFetch("Le service n’a pas répondu à temps.") from trouble
    except (requests.RequestException, HTTPError, OSError) as trouble:
        raise CannotFetch("Le service ne répond pas.") from trouble


def check_url(url: str) -> None:
    """Whether `url` may be asked at all. Raises `CannotFetch`."""
    _place(url)


def _ask(url: str, largest: int, ends: float) -> bytes | str:
    """The document, or where it says it has gone."""
    scheme, host, port = _place(url)
    address = _resolved(host, port)
    try:
        with _session(scheme, host, address) as session:
            answer = session.get(
                url, stream=True, allow_redirects=False, timeout=(CONNECTS_WITHIN, ANSWERS_WITHIN),
                headers={"Host": urlsplit(url).netloc, "Accept": "application/samlmetadata+xml, application/xml, */*"},
            )  # fmt: skip
            with answer:
                if answer.is_redirect:
                    return answer.headers["Location"]
                if answer.status_code != 200:
                    raise CannotFetch(f"L’adresse répond {answer.status_code} au lieu du document.")
                return _body(answer, largest, ends)
    except requests.exceptions.SSLError as trouble:
        raise CannotFetch("Le certificat du site ne va pas : il n’est pas reconnu, ou n’est pas le sien.") from trouble
    except requests.Timeout as trouble:
        raise CannotFetch("Le site n’a pas répondu à temps.") from trouble
    except (requests.RequestException, HTTPError, OSError) as trouble:
        raise CannotFetch("Le site ne répond pas.") from trouble


def _session(scheme: str, host: str, address: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount(f"{scheme}://", _ToAddress(host, address))
    return session


def _body(answer: requests.Response, largest: int, ends: float) -> bytes:
    # Counted once inflated, and while it comes: neither an announced length nor a compressed one is believed.
    found = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        found += chunk
        if len(found) > largest:
            raise CannotFetch(f"Le document dépasse {largest // 1024} Kio : ce n’est pas celui d’un seul service.")
        if time.monotonic() > ends:
            raise CannotFetch("Le site est trop lent : le document n’est pas arrivé en entier.")
    return bytes(found)


def _followed(url: str, location: str) -> str:
    there = urljoin(url, location)
    if _place(there) != _place(url):
        raise CannotFetch(f"L’adresse renvoie ailleurs ({urlsplit(there).netloc}) : donnez l’adresse finale elle-même.")
    return there


def _place(url: str) -> tuple[str, str, int]:
    """Scheme, host, port. Raises `CannotFetch` unless https, or http to this very machine in development."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise CannotFetch("Cette adresse ne se lit pas.") from None
    host = parts.hostname or ""
    is_clear_allowed = settings.DEVELOPMENT and _is_loopback_name(host)
    if (
        not host
        or "@" in parts.netloc
        or not (parts.scheme == "https" or (parts.scheme == "http" and is_clear_allowed))
    ):
        raise CannotFetch("Il faut une adresse https complète, sans nom ni mot de passe.")
    return parts.scheme, host, port or _PORTS[parts.scheme]


def _resolved(host: str, port: int) -> str:
    """One address of `host`, all of them being of the public network. Raises `CannotFetch`."""
    try:
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise CannotFetch(f"Aucun site ne porte le nom {host}.") from None
    if not settings.DEVELOPMENT and not all(map(_is_public, found)):
        raise CannotFetch(f"{host} est une adresse du réseau privé : Préau n’y va pas. Donnez le fichier lui-même.")
    # The older protocol first: a machine without a way out by the newer one would wait for nothing.
    return min(found, key=lambda one: ":" in one)


def _is_public(address: str) -> bool:
    read = ipaddress.ip_address(address.partition("%")[0])
    # ::ffff:10.0.0.1 and 64:ff9b::10.0.0.1 are 10.0.0.1 by another road.
    mapped = getattr(read, "ipv4_mapped", None)
    if isinstance(read, ipaddress.IPv6Address) and read in ipaddress.ip_network("64:ff9b::/96"):
        mapped = ipaddress.IPv4Address(int(read) & 0xFFFFFFFF)
    read = mapped or read
    return read.is_global and not read.is_multicast and not read.is_reserved


def _is_loopback_name(host: str) -> bool:
    return host in {"127.0.0.1", "localhost", "::1"}


class _ToAddress(HTTPAdapter):
    """Connects to the address that was judged, and still checks the certificate against the name."""

    def __init__(self, host: str, address: str) -> None:
        self._host, self._address = host, address
        super().__init__(max_retries=0)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """The host of the pool is the judged address."""
        place, options = super().build_connection_pool_key_attributes(request, verify, cert)
        names = {"server_hostname": self._host, "assert_hostname": self._host} if place["scheme"] == "https" else {}
        return {**place, "host": self._address}, {**options, **names}
