"""What a service asks: an AuthnRequest, read and checked against what is registered (specs/protocols.md §1.6)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from preau.identity.accounts.models import Kind
from preau.identity.federation.models import SamlProfile
from preau.identity.federation.saml import names, statements
from preau.identity.federation.saml.bindings import Incoming
from preau.identity.federation.saml.signatures import NotBelieved
from preau.identity.federation.saml.xml import (
    Element,
    Unreadable,
    flag,
    identifier,
    instant,
    number,
    only,
    text,
)
from preau.identity.federation.troubles import Cause

# saml2int SDP-G01: clocks differ by three minutes at most; a request is made as it is sent.
SKEW = timedelta(seconds=180)
_LONGEST_ADDRESS = 2000
_COMPARISONS = frozenset({"exact", "minimum", "maximum", "better"})


class Refused(Exception):
    """The request is not answered: people see a page of ours, the operator the cause. Nothing goes anywhere."""

    def __init__(self, cause: Cause, detail: str = "", *, profile: SamlProfile | None = None, said: str = "") -> None:
        super().__init__(cause, detail)
        self.cause, self.detail, self.profile, self.said = cause, detail[:200], profile, said[:256]


class Declined(Exception):
    """The service is told that its request cannot be answered, and why (Core §3.2.2.2), at its own address."""

    def __init__(self, status: str, within: str, said: str) -> None:
        super().__init__(status, within, said)
        self.status, self.within, self.said = status, within, said


@dataclass(frozen=True)
class Contexts:
    """How the service wants people to have proved themselves (Core §3.3.2.2.1)."""

    comparison: str = "exact"
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A request that may be answered: whose, where, how. `request_id` is empty when nobody asked (IdP-initiated)."""

    profile: SamlProfile
    consumer: str
    arrived_at: datetime
    request_id: str = ""
    relay_state: str = ""
    must_prove_again: bool = False
    is_passive: bool = False
    name_id_format: str = ""
    name_qualifier: str = ""
    contexts: Contexts = Contexts()
    # Whose sign-in form the address names: a hint, that nothing signs and that opens nothing.
    hinted: Kind | None = None
    # What makes it unanswerable, once it is known where to say so.
    declined: tuple[str, str, str] | None = None


def read(incoming: Incoming, *, at: datetime) -> Asked:
    """The request of `incoming`. Raises `Refused`."""
    profile: SamlProfile | None = None
    issuer = ""
    try:
        # Who claims to ask: only to know whose keys must have signed.
        issuer = issuer_of(incoming.root)
        profile = party_of(issuer, at=at)
        root = incoming.believed(
            profile.signing_certificates, accepts_sha1=profile.accepts_sha1, must_be_signed=profile.signs_requests
        )
        if issuer_of(root) != profile.entity_id:
            raise NotBelieved("what is signed names another issuer")
        check_envelope(root, "AuthnRequest", destination=incoming.destination, profile=profile, at=at)
        return _asked(root, profile, incoming.relay_state, at=at)
    except Unreadable as error:
        raise Refused(Cause.MALFORMED, str(error), profile=profile, said=issuer) from error
    except NotBelieved as error:
        raise Refused(error.cause, str(error), profile=profile, said=issuer) from error


def unasked(
    *, entity_id: str, consumer: str = "", target: str = "", made_at: datetime | None = None, at: datetime
) -> Asked:
    """A sign-on that begins here, for a service that asked nothing (Profiles §4.1.5). Raises `Refused`."""
    profile = party_of(entity_id, at=at)
    if made_at is not None and abs(at - made_at) > SKEW:
        raise Refused(Cause.STALE_REQUEST, profile=profile)
    return Asked(
        profile=profile, consumer=_consumer(profile, consumer, None, names.POST), relay_state=target, arrived_at=at
    )


def party_of(entity_id: str, *, at: datetime) -> SamlProfile:
    """The service of that name, in use, whose metadata still count. Raises `Refused`."""
    # A name that no database takes (PostgreSQL refuses NUL in a text) is nobody's.
    profile = statements.profile_of(entity_id) if entity_id and "\x00" not in entity_id else None
    if profile is None:
        raise Refused(Cause.UNKNOWN_PARTY, said=entity_id)
    if profile.metadata_expires_at <= at:
        raise Refused(Cause.METADATA_EXPIRED, profile=profile)
    return profile


def check_envelope(root: Element, name: str, *, destination: str, profile: SamlProfile, at: datetime) -> None:
    """What every message must be: of its kind, for us, of now. Raises `Refused`, `Unreadable`."""
    if root.tag != names.tag(names.SAMLP, name):
        raise Unreadable(f"not an {name}")
    identifier(root)
    # > Bindings §3.5.5.2: If the message is signed, the Destination attribute MUST contain the URL to which the sender
    # > has instructed the user agent to deliver the message. entcore signs and writes none; one that is there is ours.
    named = root.get("Destination", "")
    if named and named != destination:
        raise Refused(Cause.WRONG_DESTINATION, named, profile=profile)
    made_at = instant(root.get("IssueInstant", ""))
    if abs(at - made_at) > SKEW:
        raise Refused(Cause.STALE_REQUEST, root.get("IssueInstant", ""), profile=profile)


def issuer_of(root: Element) -> str:
    """Who says it sends this message: nothing is proved yet. Raises `Unreadable`."""
    issuer = only(root, names.SAML, "Issuer")
    if issuer is not None and issuer.get("Format", names.ENTITY) not in {names.ENTITY, names.UNSPECIFIED}:
        raise Unreadable("an Issuer that is not a service")
    said = text(issuer)
    if len(said) > 256:
        raise Unreadable("an Issuer of more than 256 signs")
    return said


def _asked(root: Element, profile: SamlProfile, relay_state: str, *, at: datetime) -> Asked:
    binding = root.get("ProtocolBinding", names.POST)
    policy = only(root, names.SAMLP, "NameIDPolicy")
    if policy is not None and any(len(value) > 256 for value in policy.attrib.values()):
        raise Unreadable("a NameIDPolicy of more than 256 signs")
    asked = Asked(
        profile=profile,
        consumer=_consumer(
            profile,
            root.get("AssertionConsumerServiceURL", ""),
            number(root, "AssertionConsumerServiceIndex"),
            names.POST,
        ),
        arrived_at=at,
        request_id=identifier(root),
        relay_state=relay_state,
        must_prove_again=flag(root, "ForceAuthn"),
        is_passive=flag(root, "IsPassive"),
        name_id_format=policy.get("Format", "") if policy is not None else "",
        name_qualifier=policy.get("SPNameQualifier", "") if policy is not None else "",
    )
    try:
        if root.get("Version") != "2.0":
            raise Declined(names.VERSION_MISMATCH, "", "Version 2.0 is spoken here")
        if binding != names.POST:
            raise Declined(names.RESPONDER, names.UNSUPPORTED_BINDING, "answers go by HTTP-POST")
        if only(root, names.SAML, "Subject") is not None:
            raise Declined(names.REQUESTER, names.REQUEST_UNSUPPORTED, "a request names no Subject here")
        return replace(asked, contexts=_contexts(only(root, names.SAMLP, "RequestedAuthnContext")))
    except Declined as refusal:
        return replace(asked, declined=(refusal.status, refusal.within, refusal.said))


def _contexts(requested: Element | None) -> Contexts:
    if requested is None:
        return Contexts()
    comparison = requested.get("Comparison", "exact")
    if comparison not in _COMPARISONS:
        raise Unreadable("an unknown Comparison")
    if requested.find(names.tag(names.SAML, "AuthnContextDeclRef")) is not None:
        raise Declined(names.RESPONDER, names.NO_AUTHN_CONTEXT, "contexts are known by their class")
    classes = [text(one) for one in requested.findall(names.tag(names.SAML, "AuthnContextClassRef"))]
    return Contexts(comparison, tuple(one[:100] for one in classes[:10]))


def _consumer(profile: SamlProfile, address: str, index: int | None, binding: str) -> str:
    """Where the answer goes: the address asked for, else its index, else the default (specs/protocols.md §1.6).

    > Core §3.4.1: AssertionConsumerServiceURL and AssertionConsumerServiceIndex are mutually exclusive. entcore writes
    > both: the address wins. Either way it is a registered one, letter for letter.
    """
    places = [one for one in profile.consumers if one["binding"] == binding]
    if address:
        found = [one for one in places if one["location"] == address]
    elif index is not None:
        found = [one for one in places if one["index"] == index]
    else:
        found = [default(places)] if places else []
    if not found:
        asked = address[:_LONGEST_ADDRESS] or (f"index {index}" if index is not None else "none for HTTP-POST")
        raise Refused(Cause.WRONG_CONSUMER, asked, profile=profile)
    return str(found[0]["location"])


def default(places: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The one marked as default, else the first not marked otherwise, else the first (Metadata §2.2.3)."""
    marked = [one for one in places if one.get("is_default")]
    return (marked or [one for one in places if one.get("is_default") is None] or list(places))[0]
