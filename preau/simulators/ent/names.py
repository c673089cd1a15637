"""The names of SAML 2.0 that this service writes and reads."""

from typing import Final

from lxml.builder import ElementMaker  # type: ignore[import-not-found]  # lxml-stubs leave it out

SAMLP: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
MD: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
MDUI: Final = "urn:oasis:names:tc:SAML:metadata:ui"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
XML: Final = "http://www.w3.org/XML/1998/namespace"
NAMESPACES: Final = {"samlp": SAMLP, "saml": SAML, "md": MD, "ds": DS, "xenc": XENC, "soap": SOAP}

_BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings"
REDIRECT: Final = f"{_BINDINGS}:HTTP-Redirect"
POST: Final = f"{_BINDINGS}:HTTP-POST"
SOAP_BINDING: Final = f"{_BINDINGS}:SOAP"
TRANSIENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
SUCCESS: Final = "urn:oasis:names:tc:SAML:2.0:status:Success"
PARTIAL_LOGOUT: Final = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout"
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
AES256_GCM: Final = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
ENVELOPED: Final = f"{DS}enveloped-signature"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"

PROTOCOL_MAKER: Final = ElementMaker(namespace=SAMLP, nsmap={"samlp": SAMLP, "saml": SAML})
ASSERTION_MAKER: Final = ElementMaker(namespace=SAML, nsmap={"saml": SAML})
METADATA_MAKER: Final = ElementMaker(namespace=MD, nsmap={"md": MD, "mdui": MDUI, "ds": DS})
UI_MAKER: Final = ElementMaker(namespace=MDUI)
SIGNATURE_MAKER: Final = ElementMaker(namespace=DS)
SOAP_MAKER: Final = ElementMaker(namespace=SOAP, nsmap={"soap": SOAP})
