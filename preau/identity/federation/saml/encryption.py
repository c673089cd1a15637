"""Encrypting an assertion for the one service that may read it (XML Encryption), with `cryptography` alone."""

import base64
import os
from collections.abc import Sequence
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from preau.identity.federation.saml import names
from preau.identity.federation.saml.xml import Element, octets

# Content: algorithm → octets of its key. saml2int SDP-ALG01: GCM; CBC for services that know nothing else.
_KEY_SIZES = {names.AES256_GCM: 32, names.AES128_GCM: 16, names.AES256_CBC: 32, names.AES128_CBC: 16}
_GCM = (names.AES256_GCM, names.AES128_GCM)
_CBC = (names.AES256_CBC, names.AES128_CBC)


def algorithm_for(chosen: str, *, restricted_to: Sequence[str]) -> str:
    """The content algorithm for a service: of the operator's family (`gcm`, `cbc`), cut to what its metadata lists.

    > SAML 2.0 Metadata §2.4.1.1: <md:EncryptionMethod> specifies an algorithm and settings supported by the entity.
    """
    preferred = _CBC + _GCM if chosen == "cbc" else _GCM + _CBC
    listed = [one for one in preferred if one in restricted_to]
    return listed[0] if listed else preferred[0]


def usable(certificates: Sequence[str]) -> str | None:
    """The first certificate whose key can carry ours (RSA), or None."""
    return next((one for one in certificates if _public_key(one) is not None), None)


def encrypted(assertion: Element, *, certificate: str, recipient: str, algorithm: str) -> Element:
    """`assertion` as an EncryptedAssertion that only the key of `certificate` opens."""
    public = _public_key(certificate)
    assert public is not None, "usable() said so"
    content_key = os.urandom(_KEY_SIZES[algorithm])
    root = etree.Element(names.tag(names.SAML, "EncryptedAssertion"), nsmap={"saml": names.SAML})
    data = _child(root, names.XENC, "EncryptedData", Type=f"{names.XENC}Element")
    _child(data, names.XENC, "EncryptionMethod", Algorithm=algorithm)
    # Inside EncryptedData: entcore resolves no other place (specs/protocols.md §1.7).
    key = _child(_child(data, names.DS, "KeyInfo"), names.XENC, "EncryptedKey", Recipient=recipient)
    # No xenc11:MGF child, and SHA-1 as digest: some know only the mgf1p of 2001; collisions play no part in it.
    method = _child(key, names.XENC, "EncryptionMethod", Algorithm=names.RSA_OAEP)
    _child(method, names.DS, "DigestMethod", Algorithm=f"{names.DS}sha1")
    oaep = OAEP(mgf=MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)  # noqa: S303 — see above
    _value(key, public.encrypt(content_key, oaep))
    _value(data, _sealed(octets(assertion), content_key, algorithm))
    return root


def _sealed(clear: bytes, key: bytes, algorithm: str) -> bytes:
    if algorithm in _GCM:  # XML Encryption 1.1 §5.2.4: IV of 96 bits, then the text, then the tag
        nonce = os.urandom(12)
        return nonce + AESGCM(key).encrypt(nonce, clear, None)
    nonce, padder = os.urandom(16), padding.PKCS7(128).padder()  # §5.2.1: the last octet counts the padding
    sealing = Cipher(algorithms.AES(key), modes.CBC(nonce)).encryptor()
    return nonce + sealing.update(padder.update(clear) + padder.finalize()) + sealing.finalize()


def _value(parent: Element, content: bytes) -> None:
    holder = _child(parent, names.XENC, "CipherData")
    _child(holder, names.XENC, "CipherValue").text = base64.b64encode(content).decode("ascii")


def _child(parent: Element, namespace: str, name: str, **attributes: str) -> Element:
    prefixes = {"xenc": names.XENC} if namespace == names.XENC else {"ds": names.DS}
    return etree.SubElement(parent, names.tag(namespace, name), attributes, nsmap=prefixes)


@lru_cache(maxsize=512)
def _public_key(der: str) -> rsa.RSAPublicKey | None:
    public = x509.load_der_x509_certificate(base64.b64decode(der)).public_key()
    return public if isinstance(public, rsa.RSAPublicKey) else None
