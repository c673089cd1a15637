"""Services that only a browser can tell: who leaves carries our LogoutRequest there, its answer back (Profiles §4.4).

One at a time, by a link on the page that says good-bye: nobody is led through a chain that one silent service breaks
(docs/decisions/0023-logout.md). What is needed on the way back stands in the RelayState, sealed.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode

from preau.identity.federation import farewells
from preau.identity.federation.models import Assertion, Farewell, Fate, Protocol, RelyingParty, SamlProfile
from preau.identity.federation.saml import farewell_requests, names
from preau.identity.federation.saml.bindings import Incoming
from preau.identity.federation.saml.messages import NameId
from preau.identity.federation.saml.requests import Refused, check_envelope, issuer_of
from preau.identity.federation.saml.signatures import NotBelieved
from preau.identity.federation.saml.xml import Element, Unreadable
from preau.identity.federation.troubles import Cause
from preau.identity.signin import sessions
from preau.identity.signin.models import Session

PARAMETER = "de"
# Time to read the page, and for a slow service to answer.
GOOD_FOR = timedelta(minutes=30)
_SALT = "federation.saml.carried"


@dataclass(frozen=True)
class Way:
    """Out of a service that a visit, now over, had reached."""

    session: Session
    party: RelyingParty
    begun_at: datetime

    @property
    def seal(self) -> str:
        """What it is, signed by us. Bindings §3.4.3: a RelayState is at most 80 octets."""
        return Signer(salt=_SALT).sign(f"{self.session.pk}.{self.party.pk}.{int(self.begun_at.timestamp())}")

    @property
    def address(self) -> str:
        """Where it begins; empty when no browser can tell the service."""
        if self.party.protocol != Protocol.SAML or not place(self.party.saml):
            return ""
        return f"{reverse('federation:leave_a_party')}?{urlencode({PARAMETER: self.seal})}"

    @property
    def request_id(self) -> str:
        """The ID of its request: found again from the seal, guessed by nobody."""
        return f"_{salted_hmac(_SALT, self.seal, algorithm='sha256').hexdigest()[:40]}"


def ways(session: Session, *, at: datetime) -> list[Way]:
    """Out of each service that knows nothing yet of the end of this visit, and that no machine of ours can tell."""
    return [Way(session, party, at) for party in farewells.untold(session)]


def read(seal: str, *, at: datetime) -> Way | None:
    """The way behind a seal of ours; None when it is not one, too old, or the visit is not over."""
    try:
        session_pk, party_pk, begun = map(int, Signer(salt=_SALT).unsign(seal).split("."))
    except (BadSignature, ValueError):
        return None
    begun_at = datetime.fromtimestamp(begun, UTC)
    session = Session.objects.select_related("account").filter(pk=session_pk).first()
    party = RelyingParty.objects.in_use().filter(pk=party_pk, protocol=Protocol.SAML).select_related("saml").first()
    if session is None or party is None or at - begun_at > GOOD_FOR or sessions.stands(session):
        return None
    return Way(session, party, begun_at)


def begun(way: Way, *, at: datetime) -> Way:
    """The same, begun now: no two requests have the same ID."""
    return replace(way, begun_at=at)


def place(profile: SamlProfile) -> tuple[str, str] | None:
    """By which binding a browser tells the service, and where: Redirect before POST."""
    found = {one["binding"]: str(one["location"]) for one in reversed(profile.logouts)}
    return next(((one, found[one]) for one in (names.REDIRECT, names.POST) if one in found), None)


def request(way: Way, *, to: str, at: datetime) -> Element:
    """The LogoutRequest, unsigned yet: the last name it knew the person by, which is the one its own session has."""
    told = Assertion.objects.filter(profile=way.party.saml, session=way.session).order_by("-pk")
    last = told[0]
    indexes = list(told.filter(name_id=last.name_id).values_list("session_index", flat=True))
    called = NameId(last.name_id, last.name_id_format)
    root = farewell_requests.request(way.party.saml, called, indexes, to=to, at=at)
    root.set("ID", way.request_id)
    return root


def heard(incoming: Incoming, *, at: datetime) -> tuple[Way, bool]:
    """Which service answers, and whether its visit is over. Raises `Refused`.

    > Profiles §4.4.4.2: the <LogoutResponse> message MUST be signed if the HTTP POST or Redirect binding is used.
    """
    way = read(incoming.relay_state, at=at)
    if way is None:
        raise Refused(Cause.STALE_REQUEST, "an answer to no request of ours")
    profile = way.party.saml
    try:
        certificates, sha1 = profile.signing_certificates, profile.accepts_sha1
        root = incoming.believed(certificates, accepts_sha1=sha1, must_be_signed=True)
        if issuer_of(root) != profile.entity_id:
            raise NotBelieved("what is signed names another issuer")
        check_envelope(root, "LogoutResponse", destination=incoming.destination, profile=profile, at=at)
        if root.get("InResponseTo") != way.request_id:
            raise Unreadable("an answer to another request")
        is_over = farewell_requests.status_of(root) == names.SUCCESS
    except Unreadable as error:
        raise Refused(Cause.MALFORMED, str(error), profile=profile) from error
    except NotBelieved as error:
        raise Refused(error.cause, str(error), profile=profile) from error
    if is_over:
        Farewell.objects.update_or_create(
            session=way.session,
            party=way.party,
            defaults={"fate": Fate.TOLD},
            create_defaults={"fate": Fate.TOLD, "asked_at": at},
        )
    return way, is_over
