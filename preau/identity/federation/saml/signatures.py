"""Signatures: of ours and of others. A key comes from registered metadata, never from the message."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from urllib.parse import quote

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree
from signxml import SignatureConfiguration, XMLVerifier
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException

from preau.identity.federation.saml import names
from preau.identity.federation.saml.xml import Element
from preau.identity.federation.signing import SamlKey
from preau.identity.federation.troubles import Cause

# saml2int SDP-ALG01; SHA-1 is added for the few services whose profile says so. Never HMAC, whose « key » is public.
_METHODS = {
    names.RSA_SHA256: (SignatureMethod.RSA_SHA256, hashes.SHA256()),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": (SignatureMethod.RSA_SHA384, hashes.SHA384()),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": (SignatureMethod.RSA_SHA512, hashes.SHA512()),
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256": (SignatureMethod.ECDSA_SHA256, hashes.SHA256()),
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384": (SignatureMethod.ECDSA_SHA384, hashes.SHA384()),
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512": (SignatureMethod.ECDSA_SHA512, hashes.SHA512()),
}
_OLD_METHODS = {names.RSA_SHA1: (SignatureMethod.RSA_SHA1, hashes.SHA1())}  # noqa: S303 — by the profile's flag only
_OLD_NAMES = frozenset({names.RSA_SHA1, f"{names.DS}sha1"})
_DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
_PREFIX = "ds"
_PREFIX_BY_SOAP = next(one for one, namespace in names.MACHINE_PREFIXES.items() if namespace == names.DS)
_SIGNATURE = names.tag(names.DS, "Signature")
# All that signxml lets through when what it is given is no signature: its own errors, lxml's when the schema or the
# canonical form will not have it, and what reading an absent element raises.
_UNCHECKABLE = (
    SignXMLException,
    InvalidSignature,
    UnsupportedAlgorithm,
    etree.LxmlError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
)
_IDENTIFIERS = ("ID", "Id", "id", names.tag(names.XML, "id"))


class NotBelieved(Exception):
    """A signature is missing, wrong, of a key we were not given, or covers something else than what is read."""

    cause = Cause.WRONG_SIGNATURE


class TooOld(NotBelieved):
    """Signed with SHA-1, which the operator did not accept of this service: its key may well be the right one."""

    cause = Cause.OLD_ALGORITHM


def sign(element: Element, *, key: SamlKey) -> Element:
    """`element`, which has an ID and stands alone, holding its signature: after its Issuer, or first in metadata.

    The steps are the norm's (XML Signature §3.1), the canonical form lxml's, the signature `cryptography`'s: signxml,
    which checks what others send, reads the document again four times to make one (docs/decisions/0024).
    """
    digest = base64.b64encode(hashlib.sha256(_canonical(element)).digest()).decode("ascii")
    prefix = _PREFIX_BY_SOAP if element.prefix in names.MACHINE_PREFIXES else _PREFIX
    signature = etree.Element(_SIGNATURE, nsmap={prefix: names.DS})
    described = _described(f"#{element.get('ID')}", digest, prefix)
    made = key.private.sign(_canonical(described), padding.PKCS1v15(), hashes.SHA256())
    signature.append(described)
    _ds(signature, "SignatureValue").text = base64.b64encode(made).decode("ascii")
    _ds(_ds(_ds(signature, "KeyInfo"), "X509Data"), "X509Certificate").text = key.certificate
    begins_with_issuer = element[0].tag == names.tag(names.SAML, "Issuer")
    element.insert(1 if begins_with_issuer else 0, signature)
    return element


def _described(reference: str, digest: str, prefix: str) -> Element:
    """What is signed: how, what, and its digest (the SignedInfo, XML Signature §4.4)."""
    info = etree.Element(names.tag(names.DS, "SignedInfo"), nsmap={prefix: names.DS})
    _ds(info, "CanonicalizationMethod", Algorithm=names.EXCLUSIVE)
    _ds(info, "SignatureMethod", Algorithm=names.RSA_SHA256)
    to = _ds(info, "Reference", URI=reference)
    transforms = _ds(to, "Transforms")
    _ds(transforms, "Transform", Algorithm=names.ENVELOPED)
    _ds(transforms, "Transform", Algorithm=names.EXCLUSIVE)
    _ds(to, "DigestMethod", Algorithm=f"{names.XENC}sha256")
    _ds(to, "DigestValue").text = digest
    return info


def _canonical(element: Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def _ds(parent: Element, name: str, **attributes: str) -> Element:
    return etree.SubElement(parent, names.tag(names.DS, name), attributes)


def is_signed(root: Element) -> bool:
    """Whether anything in this document claims to be signed."""
    return next(root.iter(_SIGNATURE), None) is not None


def verified(root: Element, *, certificates: Sequence[str], accepts_sha1: bool = False) -> Element:
    """What the signature of `root` covers, to be read instead of `root`. Raises `NotBelieved`.

    > SAML 2.0 Core §5.4.2: Signatures MUST contain a single <ds:Reference> containing a same-document reference to the
    > ID attribute value of the root element of the assertion or protocol message being signed.
    """
    signature = _checked_shape(root)
    key_info = signature.find(names.tag(names.DS, "KeyInfo"))
    if key_info is not None:  # what a message says of its own key counts for nothing
        signature.remove(key_info)
    if not accepts_sha1 and _OLD_NAMES & {one.get("Algorithm", "") for one in signature.iter()}:
        raise TooOld("signed with SHA-1, which is not accepted of this service")
    methods = _METHODS | _OLD_METHODS if accepts_sha1 else _METHODS
    digests = _DIGESTS | {DigestAlgorithm.SHA1} if accepts_sha1 else _DIGESTS
    for certificate in certificates:
        read = _certificate(certificate)
        expected = SignatureConfiguration(
            location="./",
            expect_references=1,
            signature_methods=frozenset(method for method, _ in methods.values()),
            digest_algorithms=digests,
            verification_time=read.not_valid_before_utc,  # saml2int SDP-MD06: the key counts, not its dates
        )
        try:
            found = XMLVerifier().verify(root, x509_cert=read, expect_config=expected, id_attribute="ID")
        except _UNCHECKABLE:
            continue
        covered = None if isinstance(found, list) else found.signed_xml
        if covered is not None and covered.tag == root.tag and covered.get("ID") == root.get("ID"):
            return covered
    raise NotBelieved("no registered key made this signature")


def signed_query(query: str, *, key: SamlKey) -> str:
    """`query` (``SAMLResponse=…&RelayState=…``, encoded) with its SigAlg and Signature (Bindings §3.4.4.1)."""
    query += f"&SigAlg={quote(names.RSA_SHA256, safe='')}"
    made = key.private.sign(query.encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
    return f"{query}&Signature={quote(base64.b64encode(made).decode(), safe='')}"


def check_query(
    octets: bytes, *, algorithm: str, signature: str, certificates: Sequence[str], accepts_sha1: bool = False
) -> None:
    """Check the signature of a query over its very octets (Bindings §3.4.4.1). Raises `NotBelieved`."""
    methods = _METHODS | _OLD_METHODS if accepts_sha1 else _METHODS
    if algorithm in _OLD_METHODS and not accepts_sha1:
        raise TooOld("signed by rsa-sha1, which is not accepted of this service")
    if algorithm not in methods:
        raise NotBelieved(f"signed by {algorithm[:80]}, which is not accepted")
    method, digest = methods[algorithm]
    try:
        made = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotBelieved("a signature that is not base64") from error
    for certificate in certificates:
        public = _certificate(certificate).public_key()
        try:
            if isinstance(public, rsa.RSAPublicKey) and method.name.startswith("RSA_"):
                return public.verify(made, octets, padding.PKCS1v15(), digest)
            if isinstance(public, ec.EllipticCurvePublicKey) and method.name.startswith("ECDSA_"):
                return _verify_by_curve(public, made, octets, digest)
        except InvalidSignature:
            continue
    raise NotBelieved("no registered key made this signature")


def _verify_by_curve(
    public: ec.EllipticCurvePublicKey, made: bytes, octets: bytes, digest: hashes.HashAlgorithm
) -> None:
    """Both ways of writing what a curve signs: mod_shib's is the norm's, Java's OpenSAML sends DER.

    > XML Signature 1.1 §6.4.3: the octet string is the concatenation of r and s, each of the length of the curve.
    """
    size = (public.curve.key_size + 7) // 8
    if len(made) == 2 * size:
        r, s = (int.from_bytes(half) for half in (made[:size], made[size:]))
        with suppress(InvalidSignature):
            return public.verify(encode_dss_signature(r, s), octets, ec.ECDSA(digest))
    return public.verify(made, octets, ec.ECDSA(digest))


def _checked_shape(root: Element) -> Element:
    """The one signature of a document, where it must be, saying only what it may say (signature wrapping)."""
    signatures = list(root.iter(_SIGNATURE))
    if len(signatures) != 1 or signatures[0].getparent() is not root:
        raise NotBelieved("not exactly one signature, in the root element")
    seen = [value for one in root.iter() for name in _IDENTIFIERS if (value := one.get(name)) is not None]
    if len(seen) != len(set(seen)):
        raise NotBelieved("an identifier that stands twice")
    signature = signatures[0]
    references = list(root.iter(names.tag(names.DS, "Reference")))
    signed_info = signature.findall(names.tag(names.DS, "SignedInfo"))
    if len(signed_info) != 1 or len(references) != 1 or references[0].getparent() is not signed_info[0]:
        raise NotBelieved("not exactly one reference")
    if references[0].get("URI") != f"#{root.get('ID')}":
        raise NotBelieved("a signature of something else than the message")
    if next(signature.iter(names.tag(names.DS, "Object"), names.tag(names.DS, "RetrievalMethod")), None) is not None:
        raise NotBelieved("a signature that holds or fetches something")
    # > SAML 2.0 Core §5.4.4: Signatures SHOULD NOT contain transforms other than enveloped-signature or exc-c14n.
    transforms = [one.get("Algorithm") for one in root.iter(names.tag(names.DS, "Transform"))]
    if not transforms or transforms[0] != names.ENVELOPED or transforms[1:] not in ([names.EXCLUSIVE], []):
        raise NotBelieved("a transform that is not accepted")
    method = signed_info[0].find(names.tag(names.DS, "CanonicalizationMethod"))
    if method is None or method.get("Algorithm") != names.EXCLUSIVE:
        raise NotBelieved("a canonical form that is not accepted")
    return signature


@lru_cache(maxsize=512)
def _certificate(der: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(base64.b64decode(der))
