"""Whether what an operator says of a service holds together: one sentence per mistake, raised where it is found."""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from preau.identity.accounts.models import Kind
from preau.identity.directory import identifiers
from preau.identity.federation.attributes import ATTRIBUTES
from preau.identity.federation.models import Notice, Protocol, RelyingParty, SamlProfile
from preau.identity.federation.release import EDUCONNECT, SCOPES

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# specs/protocols.md §5.1, SDP-G02: identifiers of at most 256 characters.
LONGEST_ENTITY = 256
PERSISTENT, EMAIL = "persistent", "email"
ALGORITHMS = ("RS256", "ES256")
PRIVATE_KEY_JWT, NONE = "private_key_jwt", "none"
METHODS = ("", "client_secret_basic", "client_secret_post", PRIVATE_KEY_JWT, NONE)
# A word of an address under /gestion/services/: no service may be called so.
RESERVED = frozenset({"ajouter", "erreurs"})
_SHORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", re.ASCII)
_ACADEMY = re.compile(r"[0-9]{1,3}", re.ASCII)
# RFC 7517 §9.2 and RFC 7518 §6: what only the holder of a key has.
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class CannotRegister(Exception):
    """The sentence says which answer is wrong, and what is expected. `field` names the answer, when one alone is."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.field = sentence, field


def tidied(party: RelyingParty) -> None:
    """Lists without doubles, codes as the directory writes them. Raises `CannotRegister` for a code that is none."""
    party.scopes = _once(party.scopes)
    if party.protocol == Protocol.OIDC:
        party.scopes = _once(["openid", *party.scopes])
    party.attributes, party.audience = _once(party.attributes), _once(party.audience)
    party.academies = _once(_academy(code) for code in party.academies)
    party.schools = _once(_school(code) for code in party.schools)


def check(party: RelyingParty, profile: SamlProfile | None = None) -> None:
    """Raise `CannotRegister` for the first thing that does not hold."""
    if not _SHORT_NAME.fullmatch(party.client_id) or party.client_id in RESERVED:
        raise CannotRegister(
            f"Nom court refusé : {party.client_id}. Prenez des lettres, chiffres, points, tirets, sans "
            "espace ni accent (60 au plus).",
            "client_id",
        )
    if not party.name.strip() or len(party.name) > 120:
        raise CannotRegister("Donnez au service le nom que les familles liront (120 caractères au plus).", "name")
    _check_release(party)
    if profile is None:
        _check_oidc(party)
    else:
        _check_saml(party, profile)


def check_address(address: str, field: str = "") -> None:
    """An address where people or messages are sent: https, whole, nothing that could mean another place."""
    parts = _parts(address)
    is_safe = parts is not None and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
    if parts is None or not is_safe or not parts.hostname or parts.fragment or "@" in parts.netloc or "*" in address:
        raise CannotRegister(
            f"Adresse refusée : {address}. Il faut une adresse https complète, sans fragment ni joker "
            "(http seulement vers cette machine).",
            field,
        )


def _parts(address: str) -> SplitResult | None:
    if not address.isascii() or not address.isprintable() or " " in address or "\\" in address:
        return None
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  (raises when it is no number)
    except ValueError:
        return None
    return parts


def _check_release(party: RelyingParty) -> None:
    own = [one for one in party.scopes if one.startswith(EDUCONNECT)]
    if unknown := sorted(set(party.scopes) - SCOPES.keys() - set(own)):
        raise CannotRegister(
            f"Portée inconnue : {', '.join(unknown)}. Connues : {', '.join(SCOPES)}, et {EDUCONNECT}<service>.",
            "scopes",
        )
    if unknown := sorted(set(party.attributes) - ATTRIBUTES.keys()):
        raise CannotRegister(
            f"Attribut inconnu : {', '.join(unknown)}. Connus : {', '.join(ATTRIBUTES)}.", "attributes"
        )
    if party.attributes and not party.reason.strip():
        raise CannotRegister(
            "Des attributs sont donnés en propre à ce service : dites pourquoi (la convention, l’article, l’usage).",
            "reason",
        )
    if unknown := sorted(set(party.audience) - set(Kind.values)):
        raise CannotRegister(f"Public inconnu : {', '.join(unknown)}. Connus : {', '.join(Kind.values)}.", "audience")
    if party.notice not in Notice.values:
        raise CannotRegister(f"Choix inconnu : {party.notice}. Connus : {', '.join(Notice.values)}.", "notice")
    if not party.audience:
        raise CannotRegister("Dites pour qui est ce service : responsables, élèves, ou les deux.", "audience")


def _check_oidc(party: RelyingParty) -> None:
    if not party.redirect_uris:
        raise CannotRegister("Donnez au moins une adresse de retour (redirect_uri).", "redirect_uris")
    for field in ("redirect_uris", "post_logout_redirect_uris"):
        for address in getattr(party, field):
            check_address(address, field)
    if party.backchannel_logout_uri:
        check_address(party.backchannel_logout_uri, "backchannel_logout_uri")
    if party.id_token_signed_response_alg not in ALGORITHMS:
        raise CannotRegister(
            "Algorithme de signature inconnu. Choisissez RS256 ou ES256.", "id_token_signed_response_alg"
        )
    if party.userinfo_signed_response_alg not in ("", *ALGORITHMS):
        raise CannotRegister("Algorithme inconnu. Choisissez RS256, ES256 ou rien.", "userinfo_signed_response_alg")
    if party.token_endpoint_auth_method not in METHODS:
        raise CannotRegister(f"Méthode inconnue. Connues : {', '.join(METHODS[1:])}.", "token_endpoint_auth_method")
    # > RFC 9700 §2.1.1: public clients MUST use PKCE.
    if party.token_endpoint_auth_method == NONE and not party.must_prove_key:
        raise CannotRegister(
            "Sans secret, la preuve de clé (PKCE) est la seule protection : exigez-la.", "must_prove_key"
        )
    _check_keys(party)


def _check_keys(party: RelyingParty) -> None:
    if party.token_endpoint_auth_method == PRIVATE_KEY_JWT and not party.jwks.get("keys"):
        raise CannotRegister("private_key_jwt demande les clés publiques du service (JWKS).", "jwks")
    if not party.jwks:
        return
    keys = party.jwks.get("keys") if isinstance(party.jwks, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise CannotRegister('Ces clés ne se lisent pas : il faut un JWKS, {"keys": […]}.', "jwks")
    if any(_PRIVATE & key.keys() for key in keys):
        raise CannotRegister(
            "Ces clés contiennent une partie privée : le service ne doit la confier à personne, pas même à vous. "
            "Demandez-lui d’en changer, et ne donnez que les clés publiques.",
            "jwks",
        )
    try:
        KeySet.import_key_set({"keys": keys})
    except (JoseError, ValueError, TypeError, KeyError) as trouble:
        raise CannotRegister("Ces clés ne se lisent pas : il faut un JWKS de clés RSA ou EC.", "jwks") from trouble


def _check_saml(party: RelyingParty, profile: SamlProfile) -> None:
    if not profile.entity_id or len(profile.entity_id) > LONGEST_ENTITY:
        raise CannotRegister(f"L’entityID du service manque, ou dépasse {LONGEST_ENTITY} caractères.", "metadata")
    if not profile.consumers:
        raise CannotRegister(
            "Ces métadonnées n’ont aucune adresse de réponse en HTTP-POST (AssertionConsumerService).", "metadata"
        )
    for consumer in profile.consumers:
        check_address(consumer["location"], "metadata")
    for logout in profile.logouts:
        for address in filter(None, (logout["location"], logout.get("response_location"))):
            check_address(address, "metadata")
    if unknown := sorted(set(profile.name_id_formats) - {PERSISTENT, EMAIL}):
        raise CannotRegister(f"Format de NameID inconnu : {', '.join(unknown)}.", "name_id_formats")
    if EMAIL in profile.name_id_formats and not party.reason.strip():
        raise CannotRegister("L’adresse électronique comme nom de la personne : dites pourquoi.", "reason")
    # > saml2int SDP-IDP11: identity providers MUST encrypt assertions sent by HTTP-POST.
    if not profile.encryption_certificates and not profile.is_clear_accepted:
        raise CannotRegister(
            "Ce service ne donne aucune clé de chiffrement : les réponses voyageraient en clair. Faites-en ajouter une "
            "à ses métadonnées ; à défaut, acceptez-le expressément.",
            "is_clear_accepted",
        )


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _academy(code: str) -> str:
    if not _ACADEMY.fullmatch(code.strip()):
        raise CannotRegister(
            f"Code d’académie refusé : {code}. Il a de un à trois chiffres, par exemple 10.", "academies"
        )
    return code.strip().zfill(3)


def _school(code: str) -> str:
    try:
        return identifiers.uai(code)
    except identifiers.NotAUai as trouble:
        raise CannotRegister(
            f"Code d’établissement refusé : {code}. Il a sept chiffres et une lettre, par exemple 0991234D.", "schools"
        ) from trouble
