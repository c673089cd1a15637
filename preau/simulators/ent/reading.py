"""What Préau says: an answer to our request, or the end of a visit. Verified, opened, then read; or `NotBelieved`."""

import base64
import binascii
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, unquote

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from preau.simulators.ent import messages, names, provider, xml
from preau.simulators.ent.keys import own
from preau.simulators.ent.visits import Received, Visit
from preau.simulators.ent.xml import NotBelieved

SKEW: Final = timedelta(minutes=3)
# One school day: what a visit lasts when nothing says less.
LONGEST: Final = timedelta(hours=10)


@dataclass(frozen=True)
class Ending:
    """Préau says that visits are over, by its machine or by the browser of whoever leaves."""

    request_id: str
    name_id: str
    session_indexes: tuple[str, ...]
    relay_state: str = ""


def response(encoded: str, *, at: datetime) -> tuple[str, Visit]:
    """The request that is answered, and who it is."""
    try:
        raw = base64.b64decode(encoded, validate=False)
    except (binascii.Error, ValueError) as error:
        raise NotBelieved("La réponse n’est pas en base 64.") from error
    root = _of_preau(xml.parse(raw), "Response")
    if root.get("Destination") != messages.place("retour/"):
        raise NotBelieved("La réponse est destinée à une autre adresse (Destination).")
    status = xml.find(root, "samlp:Status/samlp:StatusCode")
    if status is None or status.get("Value") != names.SUCCESS:
        raise NotBelieved(f"Préau ne dit pas qui c’est : {_status(root)}.")
    return root.get("InResponseTo", ""), _visit(_assertion(root), root.get("InResponseTo", ""), at=at)


def ending(raw: bytes, *, at: datetime) -> Ending:
    """A LogoutRequest by SOAP (Profiles §4.4)."""
    body = xml.find(xml.parse(raw), "soap:Body")
    if body is None or len(body) != 1:
        raise NotBelieved("L’enveloppe ne porte pas un message et un seul.")
    # Written and read again: what is signed is judged as a document of its own.
    root = _of_preau(xml.parse(etree.tostring(body[0], with_tail=False)), "LogoutRequest")
    return _ending(root, to="deconnexion/annonce/", at=at)


def carried(query: str, *, at: datetime) -> Ending:
    """A LogoutRequest that a browser carries (HTTP-Redirect)."""
    root, relay_state = _of_query(query, "SAMLRequest")
    if root.tag != f"{{{names.SAMLP}}}LogoutRequest" or xml.words(root, "saml:Issuer") != provider.preau().entity_id:
        raise NotBelieved("Le message n’est pas une demande de déconnexion de Préau.")
    return replace(_ending(root, to="deconnexion/retour/", at=at), relay_state=relay_state)


def _ending(root: xml.Element, *, to: str, at: datetime) -> Ending:
    if root.get("Destination") != messages.place(to):
        raise NotBelieved("La demande est destinée à une autre adresse (Destination).")
    if at >= _instant(root.get("NotOnOrAfter", "")) + SKEW:
        raise NotBelieved("La demande est trop ancienne.")
    indexes = tuple((one.text or "").strip() for one in root.findall("samlp:SessionIndex", names.NAMESPACES))
    return Ending(root.get("ID", ""), xml.words(root, "saml:NameID"), indexes)


def is_out_of_preau(query: str) -> bool:
    """Whether this address carries Préau's own word that the visit there is over, as at the services it could tell."""
    try:
        root, _ = _of_query(query, "SAMLResponse")
    except NotBelieved:
        return False
    is_answer = root.tag == f"{{{names.SAMLP}}}LogoutResponse"
    is_ours = root.get("Destination") == messages.place("deconnexion/retour/")
    statuses = [one.get("Value", "") for one in root.findall("samlp:Status//samlp:StatusCode", names.NAMESPACES)]
    # PartialLogout: Préau is left, and some service that it opened could not be told.
    return is_answer and is_ours and (statuses == [names.SUCCESS] or statuses[1:] == [names.PARTIAL_LOGOUT])


def _of_query(query: str, name: str) -> tuple[xml.Element, str]:
    """The message of an address and its RelayState, the signature checked. Raises `NotBelieved`.

    > Bindings §3.4.4.1: the signature covers the query as it was sent, the message, RelayState and SigAlg.
    """
    covered, _, signature = query.partition("&Signature=")
    said = parse_qs(covered)
    try:
        _check_query(covered.encode("ascii"), base64.b64decode(unquote(signature), validate=True))
        packed = base64.b64decode(said[name][0])
        root = xml.parse(zlib.decompressobj(-15).decompress(packed, xml.LARGEST))
    except (KeyError, ValueError, zlib.error, provider.Unreachable) as error:
        raise NotBelieved("L’adresse ne porte pas de message signé de Préau.") from error
    return root, said.get("RelayState", [""])[0]


def _check_query(covered: bytes, signature: bytes) -> None:
    for certificate in provider.preau().certificates:
        public = certificate.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            with suppress(InvalidSignature):
                return public.verify(signature, covered, padding.PKCS1v15(), hashes.SHA256())
    raise NotBelieved("La signature n’est d’aucune clé que Préau publie.")


def _of_preau(root: xml.Element, name: str) -> xml.Element:
    """What Préau signed of this message. Its keys may have turned since they were read."""
    if root.tag != f"{{{names.SAMLP}}}{name}":
        raise NotBelieved(f"Le message n’est pas de la sorte attendue ({name}).")
    try:
        try:
            signed = xml.believed(root, provider.preau().certificates)
        except NotBelieved:
            signed = xml.believed(root, provider.preau(fresh=True).certificates)
    except provider.Unreachable as error:
        raise NotBelieved("Préau ne répond pas : ses clés ne peuvent être lues.") from error
    if xml.words(signed, "saml:Issuer") != provider.preau().entity_id:
        raise NotBelieved("Le message n’est pas de Préau (Issuer).")
    return signed


def _assertion(root: xml.Element) -> xml.Element:
    """The assertion, which the signature of the response covers; opened with our key when it is sealed."""
    sealed = xml.find(root, "saml:EncryptedAssertion/xenc:EncryptedData")
    clear = xml.find(root, "saml:Assertion") if sealed is None else xml.parse(_opened(sealed))
    if clear is None or clear.tag != f"{{{names.SAML}}}Assertion":
        raise NotBelieved("La réponse ne porte pas d’assertion.")
    return clear


def _opened(sealed: xml.Element) -> bytes:
    method = xml.find(sealed, "xenc:EncryptionMethod")
    if method is None or method.get("Algorithm") != names.AES256_GCM:
        raise NotBelieved("L’assertion est chiffrée autrement que nos métadonnées ne le demandent.")
    try:
        key = base64.b64decode(xml.words(sealed, "ds:KeyInfo/xenc:EncryptedKey/xenc:CipherData/xenc:CipherValue"))
        content = base64.b64decode(xml.words(sealed, "xenc:CipherData/xenc:CipherValue"))
        # SHA-1 is what the algorithm rsa-oaep-mgf1p means; collisions play no part in it.
        oaep = OAEP(mgf=MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)  # noqa: S303
        return AESGCM(own().private.decrypt(key, oaep)).decrypt(content[:12], content[12:], None)
    except (ValueError, InvalidTag) as error:
        raise NotBelieved("L’assertion n’est pas chiffrée pour notre clé.") from error


def _visit(assertion: xml.Element, request_id: str, *, at: datetime) -> Visit:
    """The checks of Profiles §4.1.4.3, in their order of mattering."""
    if xml.words(assertion, "saml:Issuer") != provider.preau().entity_id:
        raise NotBelieved("L’assertion n’est pas de Préau (Issuer).")
    told = xml.find(assertion, "saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData")
    if told is None or told.get("Recipient") != messages.place("retour/"):
        raise NotBelieved("L’assertion est pour une autre adresse (Recipient).")
    if not request_id or told.get("InResponseTo") != request_id:
        raise NotBelieved("L’assertion ne répond à aucune demande de cet ENT (InResponseTo).")
    conditions = xml.find(assertion, "saml:Conditions")
    if conditions is None or xml.words(conditions, "saml:AudienceRestriction/saml:Audience") != messages.entity_id():
        raise NotBelieved("L’assertion est pour un autre service (Audience).")
    ends = min(_instant(one.get("NotOnOrAfter", "")) for one in (told, conditions))
    if at >= ends + SKEW or at < _instant(conditions.get("NotBefore", "")) - SKEW:
        raise NotBelieved("L’assertion n’est pas de cette heure : les horloges diffèrent (Conditions).")
    name, statement = xml.find(assertion, "saml:Subject/saml:NameID"), xml.find(assertion, "saml:AuthnStatement")
    if name is None or statement is None:
        raise NotBelieved("L’assertion ne dit pas de qui elle parle (NameID, AuthnStatement).")
    until = statement.get("SessionNotOnOrAfter")
    return Visit(
        name_id=(name.text or "").strip(),
        name_id_attributes={str(key): str(value) for key, value in name.attrib.items()},
        session_index=statement.get("SessionIndex", ""),
        context=xml.words(statement, "saml:AuthnContext/saml:AuthnContextClassRef"),
        until=_instant(until) if until else at + LONGEST,
        attributes=tuple(
            Received(
                one.get("Name", ""),
                one.get("FriendlyName", ""),
                tuple((value.text or "").strip() for value in one.findall("saml:AttributeValue", names.NAMESPACES)),
            )
            for one in assertion.findall("saml:AttributeStatement/saml:Attribute", names.NAMESPACES)
        ),
    )


def _status(root: xml.Element) -> str:
    codes = root.findall("samlp:Status//samlp:StatusCode", names.NAMESPACES)
    said = [one.get("Value", "").rpartition(":")[2] for one in codes]
    return ", ".join([*said, xml.words(root, "samlp:Status/samlp:StatusMessage")]).strip(", ")


def _instant(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(UTC)
    except ValueError as error:
        raise NotBelieved("Une date de la réponse ne se lit pas.") from error
