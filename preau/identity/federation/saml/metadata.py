"""Reading the metadata of a service: one EntityDescriptor, or one entity of an EntitiesDescriptor. Pure of our rows."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.utils.translation import gettext as _

from preau.identity.federation.saml import names
from preau.identity.federation.saml.signatures import NotBelieved, verified
from preau.identity.federation.saml.xml import Element, Unreadable, flag, instant, number, parse, text

LARGEST = 1024 * 1024
LONGEST_ENTITY_ID = 256  # saml2int SDP-G02
_LONGEST_LOCATION = 2000
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_WEAKEST_RSA, _WEAKEST_EC = 2048, 256  # saml2int SDP-MD07
_USES = ("signing", "encryption")


class CannotRead(Exception):
    """The sentence says what is wrong with the metadata, and what to ask of the service."""


@dataclass(frozen=True)
class Described:
    """What a service says of itself. Lists are in its own order."""

    entity_id: str
    consumers: list[dict[str, Any]]
    logouts: list[dict[str, Any]]
    signing_certificates: list[str]
    encryption_certificates: list[str]
    encryption_methods: list[str]
    signs_requests: bool
    name_id_formats: list[str]
    requested_attributes: list[str]
    valid_until: datetime | None
    # Language → name to show (mdui), or its organisation's.
    names: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name to show: French, English, any, else its identifier."""
        found = [self.names[one] for one in ("fr", "en") if one in self.names] or list(self.names.values())
        return (found or [self.entity_id])[0]

    def for_profile(self) -> dict[str, Any]:
        """The fields of a SamlProfile that come from metadata, but their text and when they were read."""
        return {
            "entity_id": self.entity_id,
            "consumers": self.consumers,
            "logouts": self.logouts,
            "signing_certificates": self.signing_certificates,
            "encryption_certificates": self.encryption_certificates,
            "encryption_methods": self.encryption_methods,
            "signs_requests": self.signs_requests,
        }


def read(xml: bytes, *, at: datetime, entity_id: str = "", certificate: str = "") -> Described:
    """What metadata say. `entity_id` chooses one of several; `certificate` (DER, base64) must have signed them.

    Raises `CannotRead`.
    """
    try:
        root = parse(xml, largest=LARGEST)
        if certificate:
            root = verified(root, certificates=[certificate])
        entity = _chosen(root, entity_id)
        return _described(entity, _role(entity), at=at)
    except Unreadable as error:
        raise CannotRead(
            _("Ces métadonnées ne se lisent pas (%(why)s). Demandez au service le fichier tel qu’il le publie.")
            % {"why": error}
        ) from error
    except NotBelieved as error:
        raise CannotRead(
            _(
                "La signature de ces métadonnées n’est pas celle du certificat attendu (%(why)s). "
                "Vérifiez auprès du service l’adresse et le certificat."
            )
            % {"why": error}
        ) from error


def _chosen(root: Element, entity_id: str) -> Element:
    found = list(root.iter(names.tag(names.MD, "EntityDescriptor")))
    if entity_id:
        found = [one for one in found if one.get("entityID") == entity_id]
    if not found:
        raise CannotRead(_("Aucun service n’est décrit dans ce fichier. Demandez ses métadonnées SAML 2.0 au service."))
    if len(found) > 1:
        raise CannotRead(_("Ce fichier décrit plusieurs services : donnez l’entityID de celui à raccorder."))
    named = found[0].get("entityID", "")
    if not named or len(named) > LONGEST_ENTITY_ID or not named.isprintable():
        raise CannotRead(_("L’identifiant (entityID) est absent, ou dépasse 256 signes : le service doit le corriger."))
    return found[0]


def _role(entity: Element) -> Element:
    for role in entity.findall(names.tag(names.MD, "SPSSODescriptor")):
        if names.SAMLP in role.get("protocolSupportEnumeration", "").split():
            return role
    raise CannotRead(
        _("Ces métadonnées ne sont pas celles d’un service SAML 2.0 (SPSSODescriptor). Demandez celles du service.")
    )


def _described(entity: Element, role: Element, *, at: datetime) -> Described:
    until = [instant(value) for one in (role, *role.iterancestors()) if (value := one.get("validUntil"))]
    if until and min(until) <= at:
        raise CannotRead(_("Ces métadonnées ont expiré. Demandez au service ses métadonnées du jour."))
    consumers = [
        {**_endpoint(one), "index": number(one, "index"), "is_default": _is_default(one)}
        for one in role.findall(names.tag(names.MD, "AssertionConsumerService"))
    ]
    if not any(one["binding"] == names.POST for one in consumers):
        raise CannotRead(
            _("Ce service n’a pas d’adresse de retour par HTTP-POST (AssertionConsumerService) : il doit la publier.")
        )
    certificates = {use: list(_certificates(role, use)) for use in _USES}
    return Described(
        entity_id=entity.get("entityID", ""),
        consumers=consumers,
        logouts=[_endpoint(one) for one in role.findall(names.tag(names.MD, "SingleLogoutService"))],
        signing_certificates=certificates["signing"],
        encryption_certificates=certificates["encryption"],
        encryption_methods=list(_methods(role)),
        signs_requests=flag(role, "AuthnRequestsSigned"),
        name_id_formats=[text(one) for one in role.findall(names.tag(names.MD, "NameIDFormat"))],
        requested_attributes=[
            one.get("Name", "")[:256] for one in role.iter(names.tag(names.MD, "RequestedAttribute"))
        ],
        valid_until=min(until) if until else None,
        names=_names(entity, role),
    )


def _endpoint(element: Element) -> dict[str, Any]:
    location, answers_to = element.get("Location", ""), element.get("ResponseLocation", "")
    for address in filter(None, (location, answers_to)):
        _check_location(address)
    if not location:
        raise Unreadable("an endpoint without Location")
    found: dict[str, Any] = {"binding": element.get("Binding", ""), "location": location}
    if element.tag == names.tag(names.MD, "SingleLogoutService"):
        found["response_location"] = answers_to
    return found


def _check_location(address: str) -> None:
    parts = _parts(address)
    is_plain = address.isascii() and address.isprintable() and not set(address) & set(" \"'<>\\;,")
    if parts is None or not is_plain or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise CannotRead(
            _("Adresse refusée : %(address)s. Il faut une adresse https complète (http seulement vers cette machine).")
            % {"address": address[:200]}
        )
    if len(address) > _LONGEST_LOCATION:
        raise CannotRead(_("Une adresse dépasse 2 000 signes : le service doit la raccourcir."))


def _parts(address: str) -> SplitResult | None:
    """Of an https address, or of one of this machine; None for any other."""
    try:
        parts = urlsplit(address)
    except ValueError:  # brackets that hold no address
        return None
    return parts if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK) else None


def _is_default(element: Element) -> bool | None:
    return flag(element, "isDefault") if element.get("isDefault") is not None else None


def _certificates(role: Element, use: str) -> Iterable[str]:
    # > Metadata §2.4.1.1: If the "use" attribute is omitted, the contained key may be used for both of the above
    # > purposes. Never for none: a key without `use` once switched signatures off elsewhere (CVE-2026-16443).
    for descriptor in role.findall(names.tag(names.MD, "KeyDescriptor")):
        if descriptor.get("use", use) == use:
            for one in descriptor.iter(names.tag(names.DS, "X509Certificate")):
                yield _checked_certificate("".join(text(one).split()))


def _checked_certificate(der: str) -> str:
    try:
        public = x509.load_der_x509_certificate(base64.b64decode(der, validate=True)).public_key()
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise CannotRead(_("Un certificat de ces métadonnées ne se lit pas : le service doit le corriger.")) from error
    is_strong = (isinstance(public, rsa.RSAPublicKey) and public.key_size >= _WEAKEST_RSA) or (
        isinstance(public, ec.EllipticCurvePublicKey) and public.curve.key_size >= _WEAKEST_EC
    )
    if not is_strong:
        raise CannotRead(
            _("Une clé de ces métadonnées est trop faible : il faut RSA 2 048 bits au moins, ou une courbe de 256.")
        )
    return der


def _methods(role: Element) -> Iterable[str]:
    for descriptor in role.findall(names.tag(names.MD, "KeyDescriptor")):
        if descriptor.get("use", "encryption") == "encryption":
            for one in descriptor.findall(names.tag(names.MD, "EncryptionMethod")):
                yield one.get("Algorithm", "")[:200]


def _names(entity: Element, role: Element) -> dict[str, str]:
    shown = list(role.iter(names.tag(names.MDUI, "DisplayName")))
    shown = shown or list(entity.iter(names.tag(names.MD, "OrganizationDisplayName")))
    found = {one.get(names.tag(names.XML, "lang"), "")[:12]: text(one)[:120] for one in shown}
    return {language: words for language, words in found.items() if words}
