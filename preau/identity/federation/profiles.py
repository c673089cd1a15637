"""What the operator does with a service by SAML: connect it from its metadata, choose how it is answered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from preau.design import text
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.federation import checks
from preau.identity.federation.checks import CannotRegister
from preau.identity.federation.models import Protocol, RelyingParty, SamlProfile
from preau.identity.federation.registration import PartyFacts, release_of, say
from preau.identity.federation.saml import metadata
from preau.identity.federation.saml.metadata import CannotRead, Described

# > saml2int SDP-MD: metadata without validUntil is refused, unless somebody answers for its end: the operator, a year.
GOOD_FOR = timedelta(days=365)


@dataclass(frozen=True)
class Copy:
    """The metadata of one service: what they say, and their text."""

    described: Described
    xml: str


class SamlFacts(TypedDict, total=False):
    """What the operator chooses for a SAML service; the fields of `SamlProfile`."""

    metadata_url: str
    naming: str
    content_encryption: str
    is_clear_accepted: bool
    signs_assertions: bool
    accepts_sha1: bool
    name_id_formats: Sequence[str]


class NewSamlFacts(PartyFacts, SamlFacts, total=False):
    """Both, when it is connected."""


class NotTheSame(Exception):
    """The new metadata may be somebody else's: the sentences say what is not as it was. The last copy stays."""

    def __init__(self, surprises: list[str]) -> None:
        super().__init__(" ".join(surprises))
        self.surprises = surprises


def read(raw: bytes, *, at: datetime, entity_id: str = "") -> Copy:
    """The metadata in a file; `entity_id` chooses when it describes several services. Raises `CannotRegister`."""
    try:
        described = metadata.read(raw, at=at, entity_id=entity_id)
    except CannotRead as trouble:
        raise CannotRegister(str(trouble), "metadata") from trouble
    return Copy(described, raw.decode("utf-8-sig"))


@transaction.atomic
def register_saml(
    *, client_id: str, copy: Copy, name: str = "", by: str, at: datetime, **facts: Unpack[NewSamlFacts]
) -> RelyingParty:
    """Connect a service by SAML 2.0, as its metadata describes it. Raises `CannotRegister`."""
    _check_free(client_id, copy.described.entity_id)
    said: dict[str, Any] = {"name": name or copy.described.name[:120], **facts}
    own = {field: said.pop(field) for field in SamlFacts.__annotations__ if field in said}
    party = RelyingParty(client_id=client_id, protocol=Protocol.SAML, registered_at=at, audience=["guardian", "pupil"])
    profile = SamlProfile(party=party, entity_id=copy.described.entity_id)
    _take(profile, copy, at=at)
    say(party, said)
    say(profile, own)
    checks.tidied(party)
    checks.check(party, profile)
    party.sector = party.sector or urlsplit(profile.consumers[0]["location"]).netloc
    party.save()
    profile.party = party
    profile.save()
    record(Events.PARTY_REGISTERED, by=by, on=party.key, at=at, **release_of(party))
    return party


@transaction.atomic
def change_profile(party: RelyingParty, *, by: str, at: datetime, **facts: Unpack[SamlFacts]) -> SamlProfile:
    """Change how a service is answered; what is not said stays. Raises `CannotRegister`."""
    profile = _locked(party)
    before = {name: getattr(profile, name) for name in facts}
    say(profile, facts)
    checks.check(profile.party, profile)
    if changed := sorted(name for name, value in before.items() if getattr(profile, name) != value):
        profile.save()
        record(Events.PARTY_CHANGED, by=by, on=party.key, at=at, changed=changed)
    return profile


@transaction.atomic
def read_again(party: RelyingParty, copy: Copy, *, by: str, at: datetime, is_vouched_for: bool = False) -> list[str]:
    """Replace what is known of a service by its newer metadata. Returns the names of what changed.

    `is_vouched_for`: the operator saw what is not as it was, and answers for it. Raises `NotTheSame`, `CannotRegister`.
    """
    profile = _locked(party)
    strange = surprises(profile, copy.described)
    if copy.described.entity_id != profile.entity_id or (strange and not is_vouched_for):
        raise NotTheSame(strange)
    before = {name: getattr(profile, name) for name in copy.described.for_profile()}
    _take(profile, copy, at=at)
    checks.check(profile.party, profile)
    profile.save()
    changed = sorted(name for name, value in before.items() if getattr(profile, name) != value)
    if changed:
        record(Events.METADATA_READ, by=by, on=party.key, at=at, changed=changed)
    return changed


def surprises(profile: SamlProfile, described: Described) -> list[str]:
    """What a service that only renews a key or an address would not do: the work of somebody else, perhaps."""
    found = []
    if described.entity_id != profile.entity_id:
        found.append(f"Ces métadonnées sont d’un autre service : {described.entity_id}.")
    before = {*profile.signing_certificates, *profile.encryption_certificates}
    after = {*described.signing_certificates, *described.encryption_certificates}
    # A key is replaced by publishing the next one beside the old (saml2int SDP-IDP32).
    if before and not before & after:
        found.append("Tous ses certificats ont changé d’un coup, sans que l’ancien soit gardé à côté du nouveau.")
    if profile.encryption_certificates and not described.encryption_certificates:
        found.append("Il n’a plus de clé de chiffrement.")
    if moved := sorted(_hosts(described.consumers) - _hosts(profile.consumers)):
        found.append(f"Ses réponses iraient vers un autre site : {', '.join(moved)}.")
    return found


def _take(profile: SamlProfile, copy: Copy, *, at: datetime) -> None:
    say(profile, copy.described.for_profile())
    profile.metadata = copy.xml
    profile.metadata_read_at = at
    profile.metadata_expires_at = copy.described.valid_until or at + GOOD_FOR


def _check_free(client_id: str, entity_id: str) -> None:
    if RelyingParty.objects.filter(client_id=client_id).exists():
        raise CannotRegister(f"« {client_id} » est déjà pris. Choisissez un autre nom court.", "client_id")
    if known := SamlProfile.objects.filter(entity_id=entity_id).select_related("party").first():
        raise CannotRegister(
            f"Ce service est déjà raccordé, sous le nom « {known.party.client_id} » : "
            "relisez ses métadonnées sur sa fiche.",
            "metadata",
        )


def _locked(party: RelyingParty) -> SamlProfile:
    return SamlProfile.objects.select_for_update().select_related("party").get(party=party)


def _hosts(consumers: Sequence[dict[str, object]]) -> set[str]:
    return {urlsplit(str(one["location"])).netloc for one in consumers}


def short_name(described: Described) -> str:
    """A short name to propose: its host, without what every host has."""
    host = urlsplit(described.entity_id).hostname or described.entity_id
    return re.sub(r"[^A-Za-z0-9-]+", "-", host.removeprefix("www.")).strip("-")[:60]


def in_words(described: Described) -> list[dict[str, str]]:
    """What was read, as facts to look at before the service is connected."""
    end = timezone.localtime(described.valid_until).date() if described.valid_until else None
    found = {
        "entityID": described.entity_id,
        gettext("Nom qu’il se donne"): described.name,
        gettext("Adresses de réponse (ACS)"): ", ".join(str(one["location"]) for one in described.consumers),
        gettext("Adresses de déconnexion"): ", ".join(str(one["location"]) for one in described.logouts)
        or gettext("aucune : une déconnexion d’ici ne ferme pas la session ouverte chez lui"),
        gettext("Certificats"): gettext("%(s)s pour signer, %(e)s pour chiffrer")
        % {"s": len(described.signing_certificates), "e": len(described.encryption_certificates)},
        gettext("Signe ses demandes"): gettext("oui") if described.signs_requests else gettext("non"),
        gettext("Attributs qu’il demande"): ", ".join(described.requested_attributes) or gettext("aucun n’est nommé"),
        gettext("Valables jusqu’au"): text.date_in_words(end)
        if end
        else gettext("sans fin annoncée : un an, puis vous les relirez"),
    }
    return [{"label": label, "value": value} for label, value in found.items()]
