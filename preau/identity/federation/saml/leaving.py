"""A service asks to sign a person out (Profiles §4.4): what it asks, whose visit, what it is answered."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from preau.identity.federation import farewells, signing
from preau.identity.federation.models import Assertion, Farewell, Fate, SamlProfile
from preau.identity.federation.saml import messages, names, signatures
from preau.identity.federation.saml.bindings import Incoming
from preau.identity.federation.saml.requests import SKEW, Refused, check_envelope, issuer_of, party_of
from preau.identity.federation.saml.signatures import NotBelieved
from preau.identity.federation.saml.xml import Element, Unreadable, identifier, instant, only, text
from preau.identity.federation.troubles import Cause
from preau.identity.signin import sessions
from preau.identity.signin.models import Session

_ASYNC = "{urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo}Asynchronous"


@dataclass(frozen=True)
class Leaving:
    """A request that is believed: the visits it is about, none when the service names nobody it was told of."""

    profile: SamlProfile
    request_id: str
    relay_state: str
    visits: tuple[Session, ...]
    wants_no_answer: bool


def read(incoming: Incoming, *, at: datetime) -> Leaving:
    """The request of `incoming`, always signed. Raises `Refused`.

    > saml2int SDP-IDP25: <LogoutRequest> messages MUST be signed.
    """
    profile: SamlProfile | None = None
    issuer = ""
    try:
        issuer = issuer_of(incoming.root)
        profile = party_of(issuer, at=at)
        root = incoming.believed(profile.signing_certificates, accepts_sha1=profile.accepts_sha1, must_be_signed=True)
        if issuer_of(root) != profile.entity_id:
            raise NotBelieved("what is signed names another issuer")
        check_envelope(root, "LogoutRequest", destination=incoming.destination, profile=profile, at=at)
        until = root.get("NotOnOrAfter", "")
        if until and at - instant(until) >= SKEW:
            raise Refused(Cause.STALE_REQUEST, until, profile=profile)
        return Leaving(
            profile=profile,
            request_id=identifier(root),
            relay_state=incoming.relay_state,
            visits=_visits(root, profile),
            wants_no_answer=next(root.iter(_ASYNC), None) is not None,
        )
    except Unreadable as error:
        raise Refused(Cause.MALFORMED, str(error), profile=profile, said=issuer) from error
    except NotBelieved as error:
        raise Refused(error.cause, str(error), profile=profile, said=issuer) from error


def _visits(root: Element, profile: SamlProfile) -> tuple[Session, ...]:
    """Those of which this very service was told under this name. A request that comes again finds no newer visit.

    > Core §3.7.3.1: If no SessionIndex is specified, all sessions associated with the principal MUST be terminated.
    """
    name_id = text(only(root, names.SAML, "NameID"))
    indexes = [text(one) for one in root.findall(names.tag(names.SAMLP, "SessionIndex"))]
    if not name_id:
        return ()
    told = Assertion.objects.filter(profile=profile, name_id=name_id)
    if indexes:
        told = told.filter(session_index__in=indexes[:50])
    else:
        told = told.filter(issued_at__lte=instant(root.get("IssueInstant", "")))
    found = {one.session_id: one.session for one in told.select_related("session__account").order_by("pk")}
    return tuple(found.values())


@transaction.atomic
def end(leaving: Leaving, *, at: datetime) -> None:
    """End the visits, in every browser. The service that asked knows already."""
    party = leaving.profile.party
    for visit in leaving.visits:
        sessions.end_named(visit.sid, by=party.key, at=at)
    knows = [Farewell(session=visit, party=party, fate=Fate.TOLD, asked_at=at) for visit in leaving.visits]
    Farewell.objects.bulk_create(knows, ignore_conflicts=True)


def place(profile: SamlProfile, binding: str) -> str:
    """Where its metadata wait for the answer by `binding`, or empty."""
    found = (one for one in profile.logouts if one["binding"] == binding)
    return next((str(one.get("response_location") or one["location"]) for one in found), "")


def answer(leaving: Leaving, *, to: str, at: datetime) -> Element:
    """The LogoutResponse, unsigned yet.

    > Core §3.7.3.2: if the session authority is unable to propagate the logout to all session participants, it MUST
    > include a second-level status code of PartialLogout.
    """
    root = messages.message("LogoutResponse", to=to, at=at, answers=leaving.request_id, by_soap=not to)
    if not to:
        del root.attrib["Destination"]
    if not leaving.visits:
        messages.set_status(root, names.REQUESTER, names.UNKNOWN_PRINCIPAL, "nobody by that name for this service")
    elif any(farewells.untold(visit, but=leaving.profile.party) for visit in leaving.visits):
        messages.set_status(root, names.RESPONDER, names.PARTIAL_LOGOUT, "other services cannot be told")
    else:
        messages.set_status(root, names.SUCCESS)
    return root


def signed(answer: Element, *, at: datetime) -> Element:
    """The same, signed inside."""
    return signatures.sign(answer, key=signing.saml_ring(at=at).signing)
