"""Documents of others: parsed without DTD nor network, believed by their signature. And ours, signed."""

from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.x509 import Certificate
from lxml import etree
from signxml import SignatureConfiguration, XMLSigner, XMLVerifier
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException

from preau.simulators.ent import names
from preau.simulators.ent.keys import OwnKey

Element = etree._Element
LARGEST = 256 * 1024
_SIGNER = XMLSigner(
    signature_algorithm=SignatureMethod.RSA_SHA256,
    digest_algorithm=DigestAlgorithm.SHA256,
    c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
)


class NotBelieved(Exception):
    """What came is no message of Préau's for us; the sentence, in French, is for whoever plugs a service in."""


def parse(raw: bytes) -> Element:
    """The root of a document. Raises `NotBelieved`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(raw[: LARGEST + 1], parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotBelieved("Ce qui est arrivé n’est pas du XML.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotBelieved("Le document porte une DTD : il est refusé.")
    return root


def find(within: Element, path: str) -> Element | None:
    """The one element at `path`, with the prefixes of names.py. Raises `NotBelieved` when there are two."""
    found = within.findall(path, names.NAMESPACES)
    if len(found) > 1:
        raise NotBelieved(f"Deux éléments {path} : lequel compterait ?")
    return found[0] if found else None


def words(within: Element, path: str) -> str:
    """Its text, or nothing."""
    found = find(within, path)
    return "" if found is None or len(found) else (found.text or "").strip()


def sign(root: Element, key: OwnKey) -> Element:
    """A copy of `root`, which has an ID and begins with its Issuer, holding its signature after it."""
    signed: Element = _SIGNER.sign(root, key=key.private, cert=None, always_add_key_value=True)
    signed.insert(1, signed[-1])
    return signed


def believed(root: Element, certificates: Sequence[Certificate]) -> Element:
    """What the signature of `root` covers, to be read instead of it. Raises `NotBelieved`.

    > SAML 2.0 Core §5.4.2: Signatures MUST contain a single <ds:Reference> containing a same-document reference to the
    > ID attribute value of the root element of the assertion or protocol message being signed.
    """
    signature = _checked_shape(root)
    # What a message says of its own key counts for nothing: keys come from Préau's metadata.
    for said in signature.findall("ds:KeyInfo", names.NAMESPACES):
        signature.remove(said)
    for certificate in certificates:
        expected = SignatureConfiguration(
            location="./", expect_references=1, verification_time=certificate.not_valid_before_utc
        )
        try:
            found = XMLVerifier().verify(root, x509_cert=certificate, expect_config=expected, id_attribute="ID")
        except (SignXMLException, InvalidSignature, ValueError, TypeError):
            continue
        covered = None if isinstance(found, list) else found.signed_xml
        if covered is not None and covered.tag == root.tag and covered.get("ID") == root.get("ID"):
            return covered
    raise NotBelieved("La signature n’est d’aucune clé que Préau publie.")


def _checked_shape(root: Element) -> Element:
    """The one signature, where it must be, saying only what it may (signature wrapping)."""
    signatures = list(root.iter(f"{{{names.DS}}}Signature"))
    if len(signatures) != 1 or signatures[0].getparent() is not root:
        raise NotBelieved("Il faut une signature et une seule, dans l’élément racine.")
    identifiers = [one.get("ID") for one in root.iter() if one.get("ID") is not None]
    if len(identifiers) != len(set(identifiers)):
        raise NotBelieved("Un même identifiant est porté deux fois.")
    references = list(signatures[0].iter(f"{{{names.DS}}}Reference"))
    if len(references) != 1 or not root.get("ID") or references[0].get("URI") != f"#{root.get('ID')}":
        raise NotBelieved("La signature couvre autre chose que le message.")
    transforms = [one.get("Algorithm") for one in signatures[0].iter(f"{{{names.DS}}}Transform")]
    if transforms != [names.ENVELOPED, names.EXCLUSIVE]:
        raise NotBelieved("La signature transforme le message avant de le couvrir.")
    return signatures[0]
