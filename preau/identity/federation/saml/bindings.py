"""How messages travel: in a query (HTTP-Redirect), in a form (HTTP-POST), both ways. Nothing is believed here yet."""

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from preau.design import moulds
from preau.identity.federation.saml import names, signatures
from preau.identity.federation.saml.xml import LARGEST_MESSAGE, Element, Unreadable, octets, parse
from preau.identity.federation.signing import SamlKey

# Bindings §3.4.3 says 80 octets; services send more, and want it back unchanged.
LONGEST_RELAY_STATE = 512
_LONGEST_ENCODED = LARGEST_MESSAGE * 4 // 3 + 4096
_ONCE = ("SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature", "SAMLEncoding")
_SIGNED_IN_ORDER = ("RelayState", "SigAlg")


@dataclass(frozen=True)
class Incoming:
    """A message as it came. Read `believed()`, never `root`, once the sender is known."""

    root: Element
    relay_state: str
    destination: str  # where it came, as our metadata spells it
    # Of a signed query: what was signed, by what, and the signature.
    signed_octets: bytes = b""
    algorithm: str = ""
    signature: str = field(default="", repr=False)

    @property
    def is_signed(self) -> bool:
        """Whether it claims to be: in the query, or inside."""
        return bool(self.signature) or signatures.is_signed(self.root)

    def believed(self, certificates: Sequence[str], *, accepts_sha1: bool, must_be_signed: bool) -> Element:
        """The message to read, each signature it claims checked. Raises `NotBelieved`."""
        if must_be_signed and not self.is_signed:
            raise signatures.NotBelieved("unsigned, when its metadata says it signs")
        if self.signature:
            signatures.check_query(
                self.signed_octets,
                algorithm=self.algorithm,
                signature=self.signature,
                certificates=certificates,
                accepts_sha1=accepts_sha1,
            )
        if not signatures.is_signed(self.root):
            return self.root
        return signatures.verified(self.root, certificates=certificates, accepts_sha1=accepts_sha1)


Reader = Callable[[HttpRequest], Incoming]


def from_query(request: HttpRequest, name: str = "SAMLRequest") -> Incoming:
    """The message of a query (HTTP-Redirect). Raises `Unreadable`."""
    raw = raw_parameters(request.META.get("QUERY_STRING", ""))
    given = {one: _decoded(value) for one, value in raw.items()}
    if given.get("SAMLEncoding", names.DEFLATE) != names.DEFLATE:
        raise Unreadable("an encoding other than DEFLATE")
    root = parse(_inflated(_from_base64(given.get(name, ""))))
    if bool(given.get("Signature")) != bool(given.get("SigAlg")):
        raise Unreadable("a Signature without its SigAlg, or the other way round")
    # > Bindings §3.4.4.1: the signature value is computed over the original URL-encoded values, in this order. Never
    # > encoded again: others spell the same octets otherwise.
    signed = "&".join(f"{one}={raw[one]}" for one in (name, *_SIGNED_IN_ORDER) if one in raw)
    return Incoming(
        root=root,
        relay_state=relay_state(given.get("RelayState", "")),
        destination=f"{settings.PUBLIC_URL}{request.path}",
        signed_octets=signed.encode("ascii"),
        algorithm=given.get("SigAlg", ""),
        signature=given.get("Signature", ""),
    )


def from_form(request: HttpRequest, name: str = "SAMLRequest") -> Incoming:
    """The message of a form (HTTP-POST). Raises `Unreadable`."""
    if any(len(request.POST.getlist(one)) > 1 for one in _ONCE):
        raise Unreadable("a parameter given twice")
    return Incoming(
        root=parse(_from_base64(request.POST.get(name, ""))),
        relay_state=relay_state(request.POST.get("RelayState", "")),
        destination=f"{settings.PUBLIC_URL}{request.path}",
    )


def raw_parameters(query: str) -> dict[str, str]:
    """The parameters of SAML in a query, as they are spelt. One given twice, or under another spelling, is refused."""
    found: dict[str, str] = {}
    for piece in query.split("&"):
        spelt, _, value = piece.partition("=")
        name = unquote_to_bytes(spelt).decode("utf-8", "replace")
        if name not in _ONCE:
            continue
        if name in found or name != spelt:
            raise Unreadable("a parameter given twice, or under another spelling")
        if not value.isascii():
            raise Unreadable("a parameter that is not encoded")
        found[name] = value
    return found


def to_query(location: str, message: Element, *, name: str, relay_state: str, key: SamlKey) -> str:
    """The address that carries `message`, signed in the query."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    squeezed = squeezer.compress(octets(message)) + squeezer.flush()
    query = f"{name}={quote(base64.b64encode(squeezed).decode(), safe='')}"
    if relay_state:
        query += f"&RelayState={quote(relay_state, safe='')}"
    return f"{location}{'&' if '?' in location else '?'}{signatures.signed_query(query, key=key)}"


def to_form(
    request: HttpRequest, location: str, message: Element, *, name: str, relay_state: str, of: str
) -> HttpResponse:
    """The page that posts `message` (signed inside) to `location`, which our rows hold. `of`: the service's name."""
    encoded = base64.b64encode(octets(message)).decode("ascii")
    return posted_onwards(request, location, {name: encoded, "RelayState": relay_state}, of=of)


def posted_onwards(request: HttpRequest, location: str, fields: Mapping[str, str], *, of: str) -> HttpResponse:
    """A page with one form, which goes by itself to `location`. Only that form leaves, and only by https.

    CSP 3 §6.4.1: form-action is checked on every redirect of what the form gets; services send people on to another
    of their hosts, so that any https address is allowed after the one that is written.
    """
    words = {"location": location, "of": of, "relay_state": fields["RelayState"]}
    ((name, value),) = ((one, value) for one, value in fields.items() if one != "RelayState")
    words |= {"name": name, "value": value}
    response = moulds.filled(request, "federation/posted_onwards.html", words)
    parts = urlsplit(location)
    response._csp_replace = {"form-action": [f"{parts.scheme}://{parts.netloc}", "https:"]}  # type: ignore[attr-defined]
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _decoded(value: str) -> str:
    try:
        return unquote_to_bytes(value.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("a parameter that is not UTF-8") from error


def relay_state(words: str) -> str:
    """A RelayState, given back unchanged. Raises `Unreadable`."""
    if len(words.encode("utf-8", "replace")) > LONGEST_RELAY_STATE:
        raise Unreadable(f"a RelayState of more than {LONGEST_RELAY_STATE} octets")
    if not words.isprintable():
        raise Unreadable("a RelayState that holds forbidden signs")
    return words


def _from_base64(value: str) -> bytes:
    if not value:
        raise Unreadable("no message")
    if len(value) > _LONGEST_ENCODED:
        raise Unreadable("a message that is too long")
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable("a message that is not base64") from error


def _inflated(squeezed: bytes) -> bytes:
    inflater = zlib.decompressobj(-15)
    try:
        clear = inflater.decompress(squeezed, LARGEST_MESSAGE)
    except zlib.error as error:
        raise Unreadable("a message that is not DEFLATE") from error
    if inflater.unconsumed_tail or not inflater.eof:
        raise Unreadable("a message that is cut short, or grows too large")
    return clear
