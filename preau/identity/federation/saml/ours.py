"""Our own metadata: who we are for services, signed, with the keys that sign now and next (Metadata §2)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from lxml import etree

from preau.design import frame
from preau.identity.federation import signing
from preau.identity.federation.saml import messages, names, signatures
from preau.identity.federation.saml.xml import Element, octets, written

# Services read them again before that: a key is published well before it signs.
VALID_FOR = timedelta(days=7)
SSO = {names.REDIRECT: "/idp/profile/SAML2/Redirect/SSO", names.POST: "/idp/profile/SAML2/POST/SSO"}
SLO = {
    names.REDIRECT: "/idp/profile/SAML2/Redirect/SLO",
    names.POST: "/idp/profile/SAML2/POST/SLO",
    names.SOAP_BINDING: "/idp/profile/SAML2/SOAP/SLO",
}
_LANGUAGE = names.tag(names.XML, "lang")


def document(*, at: datetime) -> bytes:
    """The signed EntityDescriptor."""
    ring = signing.saml_ring(at=at)
    prefixes = {one: names.PREFIXES[one] for one in ("md", "mdui", "ds")}
    root = etree.Element(names.tag(names.MD, "EntityDescriptor"), nsmap=prefixes)
    root.set("entityID", messages.entity_id())
    root.set("ID", messages.new_id())
    root.set("validUntil", written(at + VALID_FOR))
    _describe(root, ring)
    _present(root)
    return octets(signatures.sign(root, key=ring.signing))


def _describe(root: Element, ring: signing.SamlRing) -> None:
    help_page = f"{settings.PUBLIC_URL}{frame.address('support:home')}"
    role = _md(root, "IDPSSODescriptor", protocolSupportEnumeration=names.SAMLP, errorURL=help_page)
    shown = etree.SubElement(_md(role, "Extensions"), names.tag(names.MDUI, "UIInfo"))
    name, what = frame.frame()["name"], _("Les comptes des responsables et des élèves")
    for element, words in (("DisplayName", name), ("Description", what), ("InformationURL", help_page)):
        etree.SubElement(shown, names.tag(names.MDUI, element), {_LANGUAGE: "fr"}).text = words
    for key in ring.published:
        info = etree.SubElement(_md(role, "KeyDescriptor", use="signing"), names.tag(names.DS, "KeyInfo"))
        data = etree.SubElement(info, names.tag(names.DS, "X509Data"))
        etree.SubElement(data, names.tag(names.DS, "X509Certificate")).text = key.certificate
    for binding, path in SLO.items():
        _md(role, "SingleLogoutService", Binding=binding, Location=f"{settings.PUBLIC_URL}{path}")
    for name_format in (names.TRANSIENT, names.PERSISTENT, names.EMAIL):
        _md(role, "NameIDFormat", name_format)
    for binding, path in SSO.items():
        _md(role, "SingleSignOnService", Binding=binding, Location=f"{settings.PUBLIC_URL}{path}")


def _present(root: Element) -> None:
    name = frame.frame()["name"]
    organisation = _md(root, "Organization")
    for element, words in (("Name", name), ("DisplayName", name), ("URL", settings.PUBLIC_URL)):
        _md(organisation, f"Organization{element}", words, **{_LANGUAGE: "fr"})
    contact = _md(root, "ContactPerson", contactType="technical")
    _md(contact, "Company", name)
    _md(contact, "EmailAddress", f"mailto:{_address()}")


def _address() -> str:
    found: str = settings.CONTACT_EMAIL or settings.DEFAULT_FROM_EMAIL
    return found.rpartition("<")[2].rstrip("> ")


def _md(parent: Element, name: str, words: str = "", **attributes: str) -> Element:
    child = etree.SubElement(parent, names.tag(names.MD, name), attributes)
    if words:
        child.text = words
    return child
