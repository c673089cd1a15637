"""The service of test, by SAML (trial.py): its metadata, what it asks, what it believes of the answer."""

import base64
import binascii
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from lxml import etree

from preau.identity.federation import profiles, registration, signing
from preau.identity.federation.attributes import ATTRIBUTES
from preau.identity.federation.models import Notice, Protocol, RelyingParty
from preau.identity.federation.received import NAME_OF_THE_PERSON, PROOF, Line, NotReceived, Received
from preau.identity.federation.saml import messages, names, signatures
from preau.identity.federation.saml.xml import LARGEST_MESSAGE, Element, Unreadable, instant, only, parse, text

CLIENT_ID = "service-d-essai"


def entity_id() -> str:
    """Its name, and where people find it."""
    return f"{settings.PUBLIC_URL}{reverse('federation:trial')}"


def consumer() -> str:
    """Where it takes answers."""
    return f"{settings.PUBLIC_URL}{reverse('federation:trial_received')}"


def start() -> str:
    """Where a sign-on to it begins."""
    return f"{reverse('federation:saml_unasked')}?{urlencode({'providerId': entity_id()})}"


@transaction.atomic
def connect(*, by: str, at: datetime) -> RelyingParty:
    """Connect it, or bring it back for a year: as any other, by its metadata. Raises `CannotRegister`.

    Its answers go from this site to itself: there is nobody to hide them from, it has no key. One signature covers all.
    """
    copy = profiles.read(_metadata(), at=at)
    known = RelyingParty.objects.filter(saml__entity_id=entity_id()).first()
    if known is None:
        return profiles.register_saml(
            client_id=CLIENT_ID, copy=copy, name=gettext("Service d’essai"), scopes=["profile"], notice=Notice.TELL,
            is_clear_accepted=True, signs_assertions=False, by=by, at=at,
        )  # fmt: skip
    profiles.read_again(known, copy, by=by, at=at, is_vouched_for=True)
    if known.disabled_at is not None:
        registration.enable(known, by=by, at=at)
    return known


def is_it(found: RelyingParty) -> bool:
    """Whether this service is the one of this page."""
    return found.protocol == Protocol.SAML and found.saml.entity_id == entity_id()


def read(encoded: str, *, at: datetime) -> Received:
    """What a response says, once it is believed. Raises `NotReceived`."""
    try:
        if len(encoded) > LARGEST_MESSAGE * 2:
            raise Unreadable("more than a message")
        root = parse(base64.b64decode(encoded, validate=True))
        published = [key.certificate for key in signing.saml_ring(at=at).published]
        root = signatures.verified(root, certificates=published)
        lines = _answer(root, at=at)
    except (Unreadable, signatures.NotBelieved, binascii.Error, ValueError) as error:
        raise NotReceived(gettext("Ce n’est pas une réponse de ce site à ce service.")) from error
    etree.indent(root)
    return Received(
        checked=gettext("La signature, le destinataire et l’heure de la réponse sont bons."),
        lines=lines,
        raw={gettext("La réponse, telle qu’elle est arrivée"): etree.tostring(root, encoding="unicode")},
    )


def _answer(root: Element, *, at: datetime) -> list[Line]:
    """The checks of Profiles §4.1.4.3."""
    if root.tag != names.tag(names.SAMLP, "Response") or root.get("Destination") != consumer():
        raise Unreadable("not a Response for this address")
    assertion = _one(root, names.SAML, "Assertion")
    conditions = _one(assertion, names.SAML, "Conditions")
    told = _one(_one(_one(assertion, names.SAML, "Subject"), names.SAML, "SubjectConfirmation"), names.SAML,
                "SubjectConfirmationData")  # fmt: skip
    audience = text(_one(_one(conditions, names.SAML, "AudienceRestriction"), names.SAML, "Audience"))
    if audience != entity_id() or told.get("Recipient") != consumer():
        raise Unreadable("an assertion for somebody else")
    ends = min(instant(one.get("NotOnOrAfter", "")) for one in (told, conditions))
    if not instant(conditions.get("NotBefore", "")) <= at < ends:
        raise NotReceived(gettext("Cette réponse a trop attendu : recommencez."))
    name_id = _one(_one(assertion, names.SAML, "Subject"), names.SAML, "NameID")
    context = text(next(assertion.iter(names.tag(names.SAML, "AuthnContextClassRef")), None))
    called = Line(NAME_OF_THE_PERSON, "NameID", name_id.get("Format", ""), (text(name_id),))
    proof = Line(PROOF, "AuthnContextClassRef", "", (context,))
    return [called, proof, *map(_line, assertion.iter(names.tag(names.SAML, "Attribute")))]


def _line(attribute: Element) -> Line:
    friendly = attribute.get("FriendlyName", "")
    known = (one.words for one in ATTRIBUTES.values() if one.saml and one.saml[1] == friendly)
    values = tuple(text(one) for one in attribute.findall(names.tag(names.SAML, "AttributeValue")))
    return Line(next(known, ""), friendly, attribute.get("Name", ""), values)


def _one(parent: Element, namespace: str, name: str) -> Element:
    found = only(parent, namespace, name)
    if found is None:
        raise Unreadable(f"no {name}")
    return found


def _metadata() -> bytes:
    root = etree.Element(names.tag(names.MD, "EntityDescriptor"), nsmap={"md": names.MD}, entityID=entity_id())
    root.set("ID", messages.new_id())
    role = etree.SubElement(
        root,
        names.tag(names.MD, "SPSSODescriptor"),
        protocolSupportEnumeration=names.SAMLP,
        AuthnRequestsSigned="false",
    )
    place = {"Binding": names.POST, "Location": consumer(), "index": "0", "isDefault": "true"}
    etree.SubElement(role, names.tag(names.MD, "AssertionConsumerService"), place)
    return etree.tostring(root, encoding="utf-8")
