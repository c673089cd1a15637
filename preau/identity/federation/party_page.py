"""What the operator's pages show of services: the list, one of them in plain words. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from preau.design import text
from preau.design.templatetags.design import listed, moment
from preau.identity.accounts.models import Kind
from preau.identity.directory.models import Academy, School
from preau.identity.federation import preview, watch
from preau.identity.federation.attributes import ATTRIBUTES
from preau.identity.federation.models import Protocol, RelyingParty, Trouble
from preau.identity.federation.troubles import ADVICE, Cause

LATELY = timedelta(days=7)
TROUBLES_SHOWN = 100
HEADS = (
    "Service",
    "Protocole",
    "État",
    "Dernière visite",
    {"label": "Erreurs en 7 jours", "css": "end"},
    "Valable jusqu’au",
)
LEARNT_HEADS = ("Attribut", "Ce que c’est", "Pourquoi")
TROUBLE_HEADS = ("Quand", "Ce qui s’est passé", "Que faire")


@dataclass(frozen=True)
class Row:
    """A service in the list."""

    party: RelyingParty
    visited_at: datetime | None
    troubles: int
    expires_at: datetime | None
    remarks: list[watch.Remark]

    @property
    def state(self) -> tuple[str, str]:
        """The shape of its tag, and its words."""
        if self.party.disabled_at is not None:
            return "disabled", gettext("Coupé")
        if any(one.weight is watch.Weight.ERROR for one in self.remarks):
            return "expired", gettext("À régler")
        return "active", gettext("En service")


@dataclass(frozen=True)
class ToldTrouble:
    """What went wrong, in plain words."""

    at: datetime
    said: str
    words: str
    advice: str
    detail: str


def rows(*, at: datetime) -> list[Row]:
    """Every service, by name; with what deserves a look."""
    lately = Count("troubles", filter=Q(troubles__at__gt=at - LATELY), distinct=True)
    found = list(RelyingParty.objects.select_related("saml").annotate(lately=lately).order_by("disabled_at", "name"))
    visits = _visits(found)
    return [
        Row(party, visits.get(party.pk), party.lately, watch.expires_at(party), watch.remarks(party, at=at))
        for party in found
    ]


def pressing(found: Iterable[Row]) -> list[tuple[RelyingParty, watch.Remark]]:
    """What the operator should do something about, of the services in use, the loudest first."""
    loud = [
        (row.party, remark)
        for row in found
        if row.party.disabled_at is None
        for remark in row.remarks
        if remark.is_an_end or remark.weight is watch.Weight.ERROR
    ]
    return sorted(loud, key=lambda one: -one[1].weight)


def visited_at(party: RelyingParty) -> datetime | None:
    """When somebody last entered it."""
    return _visits([party]).get(party.pk)


def _visits(parties: list[RelyingParty]) -> dict[int, datetime]:
    here = RelyingParty.objects.filter(pk__in=[party.pk for party in parties]).order_by()
    found = {party.pk: party.visited_at for party in parties if party.visited_at is not None}
    for name in ("authorizationcode__made_at", "saml__assertions__issued_at"):
        for pk, at in here.annotate(visited=Max(name)).values_list("pk", "visited"):
            if at is not None:
                found[pk] = max(at, found.get(pk, at))
    return found


def facts(party: RelyingParty, *, at: datetime) -> list[dict[str, Any]]:
    """What one reads first."""
    seen = visited_at(party)
    words = seen and moment(seen, at)
    found = [
        _fact(gettext("Nom court"), party.client_id),
        _fact(gettext("Protocole"), party.get_protocol_display()),
        _fact(gettext("Pour qui"), listed([f"{Kind(kind).label.lower()}s" for kind in party.audience])),
        _fact(gettext("Où"), places(party)),
        _fact(gettext("Dernière visite"), words or gettext("Aucune")),
        _fact(gettext("Avant d’y entrer, la personne"), party.get_notice_display()),
        _fact(gettext("Nom opaque de la personne"), party.get_subject_type_display()),
    ]
    return found


def places(party: RelyingParty) -> SafeString | str:
    """Where it serves, by name."""
    academies = Academy.objects.in_bulk(party.academies)
    schools = School.objects.in_bulk(party.schools)
    names = [str(academies.get(code) or gettext("académie %(code)s") % {"code": code}) for code in party.academies]
    names += [f"{schools[uai].name} ({uai})" if uai in schools else uai for uai in party.schools]
    return listed(names) if names else gettext("Partout")


def technical(party: RelyingParty) -> list[dict[str, Any]]:
    """How it is spoken to."""
    return _saml(party) if party.protocol == Protocol.SAML else _oidc(party)


def learnt(party: RelyingParty) -> list[dict[str, str]]:
    """Every attribute it may have: its name, what it is, why."""
    names = preview.released(party)
    return [
        {"name": name, "words": attribute.words, "why": preview.reason(name, party)}
        for name, attribute in ATTRIBUTES.items()
        if name in names and (party.protocol == Protocol.OIDC or attribute.saml)
    ]


def told(found: "QuerySet[Trouble]") -> list[ToldTrouble]:
    """These troubles, newest first."""
    return [
        ToldTrouble(
            one.at,
            one.said,
            Cause(one.cause).label if one.cause in Cause.values else one.cause,
            ADVICE[Cause(one.cause)] if one.cause in Cause.values else "",
            one.detail,
        )
        for one in found[:TROUBLES_SHOWN]
    ]


def _oidc(party: RelyingParty) -> list[dict[str, Any]]:
    method = party.token_endpoint_auth_method or gettext("son secret, par l’une ou l’autre méthode")
    return [
        _fact(gettext("Adresses de retour"), _addresses(party.redirect_uris)),
        _fact(gettext("Après déconnexion"), _addresses(party.post_logout_redirect_uris)),
        _fact(gettext("Apprend les déconnexions à"), _addresses([party.backchannel_logout_uri])),
        _fact(gettext("Prouve qui il est par"), method),
        _fact(gettext("Signature de ses jetons"), party.id_token_signed_response_alg),
        _fact(gettext("Réponse de userinfo"), party.userinfo_signed_response_alg or gettext("JSON simple")),
        _fact(gettext("Preuve de clé (PKCE)"), gettext("exigée") if party.must_prove_key else gettext("non exigée")),
        _fact(gettext("En l’absence de la personne"), gettext("oui") if party.may_refresh else gettext("non")),
        _fact(gettext("Formes d’EduConnect"), gettext("oui") if party.speaks_educonnect else gettext("non")),
    ]


def _saml(party: RelyingParty) -> list[dict[str, Any]]:
    profile = party.saml
    signed = gettext("la réponse et l’assertion") if profile.signs_assertions else gettext("la réponse seule")
    names = [gettext("éphémère"), *profile.name_id_formats]
    sealed = (
        profile.get_content_encryption_display() if profile.encryption_certificates else gettext("aucun : en clair")
    )
    wanted = gettext("toujours") if profile.signs_requests else gettext("s’il veut")
    return [
        _fact("entityID", _addresses([profile.entity_id])),
        _fact(gettext("Adresses de réponse (ACS)"), _addresses([one["location"] for one in profile.consumers])),
        _fact(gettext("Adresses de déconnexion"), _addresses([one["location"] for one in profile.logouts])),
        _fact(gettext("Noms des attributs"), profile.get_naming_display()),
        _fact(gettext("Chiffrement"), sealed),
        _fact(gettext("Nous signons"), signed),
        _fact(gettext("Il signe ses demandes"), wanted),
        _fact("SHA-1", gettext("accepté") if profile.accepts_sha1 else gettext("refusé")),
        _fact(gettext("Noms de la personne"), ", ".join(names)),
        _fact(gettext("Certificats"), _certificates(profile.signing_certificates, profile.encryption_certificates)),
        _fact(gettext("Métadonnées lues"), moment(profile.metadata_read_at)),
        _fact(gettext("Valables jusqu’au"), text.date_in_words(profile.metadata_expires_at.date())),
        _fact(gettext("Relues chaque jour à"), _addresses([profile.metadata_url])),
    ]


def _certificates(signing: list[str], encryption: list[str]) -> str:
    parts = [
        ngettext("%(n)s pour signer", "%(n)s pour signer", len(signing)) % {"n": len(signing)},
        ngettext("%(n)s pour chiffrer", "%(n)s pour chiffrer", len(encryption)) % {"n": len(encryption)},
    ]
    return ", ".join(parts)


def _addresses(found: Iterable[str]) -> SafeString | str:
    shown = [one for one in dict.fromkeys(found) if one]
    if not shown:
        return gettext("aucune")
    return format_html_join(mark_safe("<br>"), '<bdi dir="ltr">{}</bdi>', ((one,) for one in shown))


def _fact(label: str, value: Any) -> dict[str, Any]:
    return {"label": label, "value": value}
