"""The names of SAML 2.0, XML Signature and XML Encryption, as their norms write them."""

from functools import cache

SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
MDUI = "urn:oasis:names:tc:SAML:metadata:ui"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
XS = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
# The prefixes we write.
PREFIXES = {"samlp": SAMLP, "saml": SAML, "ds": DS, "xenc": XENC, "md": MD, "mdui": MDUI, "xs": XS, "xsi": XSI}
# By SOAP: pysaml2 writes what it takes out of an envelope again, with these prefixes in the order it meets them, before
# it checks the signature. It finds them already so.
MACHINE_PREFIXES = {"ns0": SAMLP, "ns1": SAML, "ns2": DS}

REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SOAP_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"
DEFLATE = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"

UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"

BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
BY_URI = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
BY_NAME = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"

PASSWORD_OVER_TLS = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"  # noqa: S105 — a norm's name
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"  # noqa: S105 — a norm's name
ANY_CONTEXT = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"
TWO_FACTORS = "https://refeds.org/profile/mfa"

_STATUS = "urn:oasis:names:tc:SAML:2.0:status"
SUCCESS = f"{_STATUS}:Success"
REQUESTER = f"{_STATUS}:Requester"
RESPONDER = f"{_STATUS}:Responder"
VERSION_MISMATCH = f"{_STATUS}:VersionMismatch"
NO_PASSIVE = f"{_STATUS}:NoPassive"
NO_AUTHN_CONTEXT = f"{_STATUS}:NoAuthnContext"
INVALID_NAME_ID_POLICY = f"{_STATUS}:InvalidNameIDPolicy"
REQUEST_DENIED = f"{_STATUS}:RequestDenied"
REQUEST_UNSUPPORTED = f"{_STATUS}:RequestUnsupported"
UNSUPPORTED_BINDING = f"{_STATUS}:UnsupportedBinding"
UNKNOWN_PRINCIPAL = f"{_STATUS}:UnknownPrincipal"
PARTIAL_LOGOUT = f"{_STATUS}:PartialLogout"

RSA_SHA1 = f"{DS}rsa-sha1"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ENVELOPED = f"{DS}enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"

AES128_GCM = f"{XENC11}aes128-gcm"
AES256_GCM = f"{XENC11}aes256-gcm"
AES128_CBC = f"{XENC}aes128-cbc"
AES256_CBC = f"{XENC}aes256-cbc"
RSA_OAEP = f"{XENC}rsa-oaep-mgf1p"


@cache
def tag(namespace: str, name: str) -> str:
    """A name as lxml writes it: ``{namespace}name``. Of ours only: they are kept."""
    return f"{{{namespace}}}{name}"
