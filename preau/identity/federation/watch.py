"""What deserves a look about a service before it breaks: ends that come near, choices that weaken it. Reads only."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from cryptography import x509
from django.utils import timezone

from preau.design import text
from preau.identity.federation import trial
from preau.identity.federation.checks import NONE, PRIVATE_KEY_JWT
from preau.identity.federation.models import ContentEncryption, Protocol, RelyingParty, SamlProfile, SubjectType

# specs/security.md F13: told sixty, thirty and seven days before.
SOON, SOONER, NOW = timedelta(days=60), timedelta(days=30), timedelta(days=7)


class Weight(IntEnum):
    """How loud it is said; the value orders."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def tone(self) -> str:
        """The tone of its notice."""
        return self.name.lower()


@dataclass(frozen=True)
class Remark:
    """A sentence, and what to do about it."""

    weight: Weight
    words: str
    advice: str
    is_an_end: bool = False  # a clock brought it, and brings it nearer


_TRIAL = Remark(
    Weight.INFO,
    "C’est le service d’essai de ce site\u00a0: il montre tout ce qu’il a reçu, et n’en garde rien.",
    "Donnez-lui les droits du service à venir, et coupez-le quand vous avez fini.",
)


def remarks(party: RelyingParty, *, at: datetime) -> list[Remark]:
    """Everything to be said of a service at `at`, the loudest first."""
    profile = getattr(party, "saml", None) if party.protocol == Protocol.SAML else None
    found = [*_of_any(party), *(_ends_of_saml(profile, at) if profile else ())]
    if trial.is_it(party):  # the others are about what travels to somebody else
        found.append(_TRIAL)
    else:
        found += _of_saml(profile) if profile else _of_oidc(party)
    return sorted(found, key=lambda remark: -remark.weight)


def expires_at(party: RelyingParty) -> datetime | None:
    """The first end to come: of its metadata or of its certificates; None for a service that has neither."""
    if party.protocol != Protocol.SAML:
        return None
    profile = party.saml
    ends = (
        profile.metadata_expires_at,
        ends_at(profile.signing_certificates),
        ends_at(profile.encryption_certificates),
    )
    return min(filter(None, ends))


def ends_at(certificates: Iterable[str]) -> datetime | None:
    """When the last of them ends: while a key is replaced, two stand side by side. None when there is none."""
    return max(filter(None, map(_end, certificates)), default=None)


def _end(certificate: str) -> datetime | None:
    try:
        return x509.load_der_x509_certificate(base64.b64decode(certificate)).not_valid_after_utc
    except (ValueError, binascii.Error):
        return None


def _of_any(party: RelyingParty) -> Iterable[Remark]:
    if party.subject_type == SubjectType.PUBLIC:
        yield Remark(
            Weight.INFO,
            "Il reçoit de chaque personne le même nom opaque que les autres services « publics ».",
            "Ces services peuvent comparer ce qu’ils savent d’elle : gardez un nom par service quand rien n’y oblige.",
        )
    if not party.attributes and not set(party.scopes) - {"openid"}:
        yield Remark(
            Weight.INFO,
            "Il n’apprend rien des personnes, qu’un nom opaque.",
            "S’il doit les reconnaître, donnez-lui une portée ou des attributs, et dites pourquoi.",
        )


def _of_oidc(party: RelyingParty) -> Iterable[Remark]:
    if not party.must_prove_key:
        yield Remark(
            Weight.WARNING,
            "Il n’est pas tenu de prouver sa clé (PKCE) : un code volé en chemin pourrait servir à un autre.",
            "Exigez-le dès que ce service sait le faire.",
        )
    if party.token_endpoint_auth_method not in (PRIVATE_KEY_JWT, NONE) and not party.secret_digest:
        yield Remark(Weight.ERROR, "Il n’a pas de secret : il ne peut rien demander.", "Donnez-lui un nouveau secret.")


def _ends_of_saml(profile: SamlProfile, at: datetime) -> Iterable[Remark]:
    renew = (
        "Relisez ses métadonnées." if profile.metadata_url else "Demandez-lui le nouveau fichier, et relisez-le ici."
    )
    yield from _end_near("Ses métadonnées", "ne sont plus valables", profile.metadata_expires_at, at, renew)
    ask = f"Le service doit publier un nouveau certificat à côté de l’ancien. {renew}"
    yield from _end_near(
        "Son certificat de signature", "n’est plus valable", ends_at(profile.signing_certificates), at, ask
    )
    yield from _end_near(
        "Son certificat de chiffrement", "n’est plus valable", ends_at(profile.encryption_certificates), at, ask
    )


def _of_saml(profile: SamlProfile) -> Iterable[Remark]:
    if profile.accepts_sha1:
        yield Remark(
            Weight.WARNING,
            "Ses demandes peuvent être signées en SHA-1, que l’on sait contrefaire.",
            "Faites-le passer à SHA-256, puis retirez cette exception.",
        )
    if not profile.encryption_certificates:
        yield Remark(
            Weight.WARNING,
            "Les réponses lui sont faites en clair : ce qui s’est glissé dans le navigateur peut les lire.",
            "Faites-lui ajouter une clé de chiffrement à ses métadonnées.",
        )
    elif profile.content_encryption == ContentEncryption.CBC:
        yield Remark(
            Weight.INFO,
            "Les réponses sont chiffrées en CBC, que remplace GCM.",
            "Essayez GCM : les services à jour le lisent.",
        )
    if not profile.signs_assertions:
        yield Remark(
            Weight.INFO,
            "La réponse est signée, l’assertion qu’elle contient ne l’est pas à part.",
            "Signez les deux quand rien n’y oblige.",
        )


def _end_near(what: str, over: str, end: datetime | None, at: datetime, advice: str) -> Iterable[Remark]:
    if end is None or end - at > SOON:
        return
    if end <= at:
        yield Remark(Weight.ERROR, f"{what} {over} depuis le {_day(end)}.", advice, is_an_end=True)
        return
    left = end - at
    weight = Weight.ERROR if left <= NOW else Weight.WARNING if left <= SOONER else Weight.INFO
    verb = "finissent" if over.startswith("ne sont") else "finit"
    yield Remark(weight, f"{what} {verb} le {_day(end)} (dans {_days(left)}).", advice, is_an_end=True)


def _day(end: datetime) -> str:
    return text.date_in_words(timezone.localtime(end).date())


def _days(left: timedelta) -> str:
    return f"{left.days} jours" if left.days > 1 else "un jour" if left.days == 1 else "moins d’un jour"
