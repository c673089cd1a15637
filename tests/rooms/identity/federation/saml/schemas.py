"""The schemas of OASIS and of the W3C, as pysaml2 ships them: what we send is judged by them. Nothing is fetched."""

from functools import cache
from importlib.resources import files

from lxml import etree
from saml2.data import schemas

_XSD = "http://www.w3.org/2001/XMLSchema"
# In the order in which they need one another: a namespace already read is not asked for at the address that another
# schema names.
_FILES = {
    "http://www.w3.org/XML/1998/namespace": "xml.xsd",
    "http://www.w3.org/2000/09/xmldsig#": "xmldsig-core-schema.xsd",
    "http://www.w3.org/2001/04/xmlenc#": "xenc-schema.xsd",
    "http://www.w3.org/2009/xmlenc11#": "xenc-schema-11.xsd",
    "http://schemas.xmlsoap.org/soap/envelope/": "envelope.xsd",
    "urn:oasis:names:tc:SAML:2.0:assertion": "saml-schema-assertion-2.0.xsd",
    "urn:oasis:names:tc:SAML:2.0:protocol": "saml-schema-protocol-2.0.xsd",
    "urn:oasis:names:tc:SAML:2.0:metadata": "saml-schema-metadata-2.0.xsd",
    "urn:oasis:names:tc:SAML:metadata:ui": "sstc-saml-metadata-ui-v1.0.xsd",
}


def judged(root: etree._Element) -> etree._Element:
    """The same element, which is as its schema says."""
    # Written and read again: the judge sees what travels, not what surrounds it here.
    _schema().assertValid(etree.fromstring(etree.tostring(root, with_tail=False)))
    return root


@cache
def _schema() -> etree.XMLSchema:
    root = etree.fromstring(b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>')
    for namespace, name in _FILES.items():
        where = str(files(schemas).joinpath(name))
        etree.SubElement(root, f"{{{_XSD}}}import", namespace=namespace, schemaLocation=where)
    return etree.XMLSchema(root)
