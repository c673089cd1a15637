"""The envelope that machines speak through (SOAP 1.1; Bindings §3.2)."""

from lxml import etree

from preau.identity.federation.saml import names
from preau.identity.federation.saml.xml import Element, Unreadable, only, parse

# > Bindings §3.2.3.2: The requester MAY use the SOAPAction header; its value SHOULD be this.
HEADERS = {"SOAPAction": '"http://www.oasis-open.org/committees/security"'}
CONTENT_TYPE = "text/xml; charset=utf-8"


def wrapped(message: Element) -> bytes:
    """`message`, which is signed, in an envelope."""
    envelope = etree.Element(names.tag(names.SOAP, "Envelope"), nsmap={"soap": names.SOAP})
    etree.SubElement(envelope, names.tag(names.SOAP, "Body")).append(message)
    found: bytes = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    return found


def unwrapped(raw: bytes) -> Element:
    """The one message of an envelope, standing alone. Raises `Unreadable`."""
    envelope = parse(raw)
    if envelope.tag != names.tag(names.SOAP, "Envelope"):
        raise Unreadable("not a SOAP envelope")
    body = only(envelope, names.SOAP, "Body")
    if body is None or len(body) != 1:
        raise Unreadable("not exactly one message in the envelope")
    # Written and read again: what is signed is judged as a document of its own, with its own root.
    return parse(etree.tostring(body[0], with_tail=False, encoding="utf-8"))


def fault() -> bytes:
    """What a machine is answered whose message is not believed: nothing of why (Bindings §3.2.2.1)."""
    found = etree.Element(names.tag(names.SOAP, "Fault"), nsmap={"soap": names.SOAP})
    etree.SubElement(found, "faultcode").text = "soap:Client"
    etree.SubElement(found, "faultstring").text = "This message was not accepted."
    return wrapped(found)
