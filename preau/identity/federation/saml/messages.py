"""The messages we send, built by lxml: nothing of a person or of a service is ever pasted into XML."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from lxml import etree

from preau.identity.federation.saml import names
from preau.identity.federation.saml.xml import Element, clean, written

# entcore wants NotBefore strictly in the past; pass Culture refuses what is ten minutes old (specs/protocols.md §1.7).
BEGAN_BEFORE = timedelta(seconds=60)
LASTS = timedelta(minutes=5)


@dataclass(frozen=True)
class Attribute:
    """One attribute, as this service reads it."""

    name: str
    friendly_name: str
    name_format: str
    values: Sequence[str]


@dataclass(frozen=True)
class NameId:
    """How a person is called before one service."""

    value: str
    name_format: str


@dataclass(frozen=True)
class Told:
    """What an assertion says."""

    name_id: NameId
    session_index: str
    authenticated_at: datetime
    visit_ends_at: datetime
    context: str
    attributes: Sequence[Attribute]


def entity_id() -> str:
    """Our name for services."""
    return f"{settings.PUBLIC_URL}/idp"


def new_id() -> str:
    """An ID: an xs:ID, 160 bits."""
    return f"_{secrets.token_hex(20)}"


def message(name: str, *, to: str, at: datetime, answers: str = "", by_soap: bool = False) -> Element:
    """A message of the protocol (Response, LogoutRequest, LogoutResponse), to be filled, signed and sent `to`."""
    prefixes = names.MACHINE_PREFIXES if by_soap else {one: names.PREFIXES[one] for one in ("samlp", "saml")}
    root = etree.Element(names.tag(names.SAMLP, name), nsmap=prefixes)
    root.set("ID", new_id())
    if answers:
        root.set("InResponseTo", answers)
    root.set("Version", "2.0")
    root.set("IssueInstant", written(at))
    root.set("Destination", to)
    _saml(root, "Issuer", entity_id())
    return root


def set_status(root: Element, status: str, within: str = "", said: str = "") -> None:
    """How it went (Core §3.2.2)."""
    holder = etree.SubElement(root, names.tag(names.SAMLP, "Status"))
    code = etree.SubElement(holder, names.tag(names.SAMLP, "StatusCode"), Value=status)
    if within:
        etree.SubElement(code, names.tag(names.SAMLP, "StatusCode"), Value=within)
    if said:
        etree.SubElement(holder, names.tag(names.SAMLP, "StatusMessage")).text = said


def name_id(parent: Element, called: NameId, *, party: str) -> None:
    """The NameID, with both qualifiers: ENTs give them back when they sign out."""
    attributes = {"Format": called.name_format}
    if called.name_format in {names.TRANSIENT, names.PERSISTENT}:
        attributes |= {"NameQualifier": entity_id(), "SPNameQualifier": party}
    _saml(parent, "NameID", called.value, **attributes)


def assertion(told: Told, *, party: str, to: str, answers: str, at: datetime) -> Element:
    """The assertion for the service `party`, delivered `to` one address, in the form of specs/protocols.md §1.7."""
    prefixes = {one: names.PREFIXES[one] for one in ("saml", "xs", "xsi")}
    root = etree.Element(names.tag(names.SAML, "Assertion"), nsmap=prefixes)
    root.set("ID", new_id())
    root.set("Version", "2.0")
    root.set("IssueInstant", written(at))
    _saml(root, "Issuer", entity_id())
    subject = _saml(root, "Subject")
    name_id(subject, told.name_id, party=party)
    confirmation = _saml(subject, "SubjectConfirmation", Method=names.BEARER)
    data = {"NotOnOrAfter": written(at + LASTS), "Recipient": to}
    _saml(confirmation, "SubjectConfirmationData", **data, **({"InResponseTo": answers} if answers else {}))
    until = {"NotBefore": written(at - BEGAN_BEFORE), "NotOnOrAfter": written(at + LASTS)}
    _saml(_saml(_saml(root, "Conditions", **until), "AudienceRestriction"), "Audience", party)
    proof = {"AuthnInstant": written(told.authenticated_at), "SessionNotOnOrAfter": written(told.visit_ends_at)}
    statement = _saml(root, "AuthnStatement", SessionIndex=told.session_index, **proof)
    _saml(_saml(statement, "AuthnContext"), "AuthnContextClassRef", told.context)
    if told.attributes:
        _attributes(_saml(root, "AttributeStatement"), told.attributes)
    return root


def _attributes(statement: Element, attributes: Sequence[Attribute]) -> None:
    kind = names.tag(names.XSI, "type")
    for one in attributes:
        described = {"Name": one.name, "NameFormat": one.name_format, "FriendlyName": one.friendly_name}
        attribute = _saml(statement, "Attribute", **described)
        for value in one.values:
            _saml(attribute, "AttributeValue", value, **{kind: "xs:string"})


def _saml(parent: Element, name: str, words: str = "", **attributes: str) -> Element:
    child = etree.SubElement(parent, names.tag(names.SAML, name), attributes)
    if words:
        child.text = clean(words)
    return child
