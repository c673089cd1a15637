"""A service's machine is told by SOAP that a visit is over (Profiles §4.4, Bindings §3.2)."""

from datetime import datetime, timedelta

from lxml import etree

from preau.identity.federation import fetching, signing
from preau.identity.federation.fetching import CannotFetch
from preau.identity.federation.models import Assertion, RelyingParty, SamlProfile
from preau.identity.federation.saml import messages, names, signatures, soap
from preau.identity.federation.saml.messages import NameId
from preau.identity.federation.saml.xml import Element, Unreadable, only, written
from preau.identity.signin.models import Session

_LASTS = timedelta(minutes=5)


def place(profile: SamlProfile) -> str:
    """Where its machine is told, or empty."""
    return next((str(one["location"]) for one in profile.logouts if one["binding"] == names.SOAP_BINDING), "")


def tell(session: Session, party: RelyingParty, *, at: datetime) -> None:
    """Say to `party` that `session` is over, once for each name it knows the person by. Raises `CannotFetch`."""
    profile = party.saml
    told: dict[NameId, list[str]] = {}
    for one in Assertion.objects.filter(profile=profile, session=session).order_by("pk"):
        told.setdefault(NameId(one.name_id, one.name_id_format), []).append(one.session_index)
    for name_id, indexes in told.items():
        asked = request(profile, name_id, indexes, to=place(profile), at=at, by_soap=True)
        signed = signatures.sign(asked, key=signing.saml_ring(at=at).signing)
        answer = fetching.post(place(profile), soap.wrapped(signed), content_type="text/xml", headers=soap.HEADERS)
        _check(answer, signed.get("ID", ""), profile)


def request(
    profile: SamlProfile, name_id: NameId, indexes: list[str], *, to: str, at: datetime, by_soap: bool = False
) -> Element:
    """The LogoutRequest, unsigned yet."""
    root = messages.message("LogoutRequest", to=to, at=at, by_soap=by_soap)
    root.set("NotOnOrAfter", written(at + _LASTS))
    messages.name_id(root, name_id, party=profile.entity_id)
    for index in indexes:
        etree.SubElement(root, names.tag(names.SAMLP, "SessionIndex")).text = index
    return root


def status_of(root: Element) -> str:
    """How a LogoutResponse says that it went (Core §3.2.2), or empty. Raises `Unreadable`."""
    status = only(root, names.SAMLP, "Status")
    code = None if status is None else only(status, names.SAMLP, "StatusCode")
    return "" if code is None else code.get("Value", "")


def _check(answer: bytes, request_id: str, profile: SamlProfile) -> None:
    """The service says that its visit is over: in answer to this request, its signature being its own if it has one.

    SHA-1 counts here, whatever the profile says: mod_shib 3.4 signs what it answers by SOAP with it alone, and no
    signature at all would do, the address being its own.
    """
    try:
        root = soap.unwrapped(answer)
        if signatures.is_signed(root):
            root = signatures.verified(root, certificates=profile.signing_certificates, accepts_sha1=True)
        status = status_of(root)
    except (Unreadable, signatures.NotBelieved) as error:
        raise CannotFetch(f"Réponse illisible à la déconnexion : {error}") from error
    if root.tag != names.tag(names.SAMLP, "LogoutResponse") or root.get("InResponseTo") != request_id:
        raise CannotFetch("Le service a répondu autre chose qu’à cette déconnexion.")
    if status != names.SUCCESS:
        raise CannotFetch(f"Le service dit non : {status[:120]}")
