"""What goes wrong with services, in the operator's words: a service only ever says « something failed ».

A trouble names a service and a cause, never a person: it is about how two machines understand each other.
"""

from datetime import datetime, timedelta

from django.db import models, transaction

from preau.identity.federation.models import RelyingParty, Trouble

# Of one service and cause: enough to see when it began and whether it goes on.
KEPT = 20
# A client that tries again each second is one trouble.
_SAME_WITHIN = timedelta(minutes=1)


class Cause(models.TextChoices):
    """Why a service was refused, or a person turned away from it. Each has its line in `ADVICE`."""

    # Both protocols
    UNKNOWN_PARTY = "unknown_party", "Un service qui n’est pas raccordé a voulu faire connecter quelqu’un."
    WRONG_KIND = "wrong_kind", "Une personne d’un profil que ce service n’accepte pas a voulu y entrer."
    NOT_SERVED = "not_served", "Une personne d’un établissement que ce service ne dessert pas a voulu y entrer."
    UNREACHABLE = "unreachable", "Le service n’a pas répondu quand Préau l’a prévenu d’une déconnexion."
    # OpenID Connect
    WRONG_ADDRESS = "wrong_address", "L’adresse de retour (redirect_uri) n’est pas l’une de celles enregistrées."
    WRONG_AFTER_LOGOUT = (
        "wrong_after_logout",
        "L’adresse après déconnexion (post_logout_redirect_uri) n’est pas l’une de celles enregistrées.",
    )
    WRONG_HINT = "wrong_hint", "Le jeton d’identité présenté à la déconnexion (id_token_hint) n’est pas de nous."
    WRONG_REQUEST = "wrong_request", "La demande de connexion est mal formée."
    WRONG_SCOPE = "wrong_scope", "Le service demande une portée (scope) qu’il n’a pas."
    NO_PKCE = "no_pkce", "La demande ne prouve pas sa clé (PKCE, S256)."
    WRONG_PROOF = "wrong_proof", "La preuve de clé (code_verifier) ne correspond pas à la demande."
    WRONG_SECRET = "wrong_secret", "Le service s’est présenté avec un secret, une clé ou une méthode qui ne va pas."
    STALE_CODE = "stale_code", "Le code est arrivé trop tard, ou après la fin de la connexion de la personne."
    CODE_TWICE = "code_twice", "Un même code est arrivé deux fois : ce qu’il avait ouvert est fermé."
    WRONG_CODE = "wrong_code", "Le code n’est pas connu, ou n’est pas à ce service."
    REFRESH_TWICE = (
        "refresh_twice",
        "Un jeton de renouvellement est arrivé deux fois : ce qu’il avait ouvert est fermé.",
    )
    STALE_REFRESH = "stale_refresh", "Un jeton de renouvellement n’est plus valable."
    WRONG_GRANT = "wrong_grant", "Le service demande des jetons d’une manière qui n’est pas admise (grant_type)."
    # SAML
    WRONG_CONSUMER = "wrong_consumer", "L’adresse de réponse (ACS) n’est pas dans les métadonnées du service."
    WRONG_DESTINATION = "wrong_destination", "La demande est adressée à un autre fournisseur d’identité (Destination)."
    WRONG_SIGNATURE = "wrong_signature", "La signature de la demande manque ou ne va pas avec le certificat du service."
    OLD_ALGORITHM = "old_algorithm", "La demande est signée par un algorithme trop ancien (SHA-1)."
    STALE_REQUEST = "stale_request", "La demande est trop ancienne, ou datée de demain : les horloges diffèrent."
    REPLAYED_REQUEST = "replayed_request", "Une même demande est arrivée deux fois."
    MALFORMED = "malformed", "La demande SAML est illisible."
    UNSUPPORTED = "unsupported", "Le service demande ce que Préau ne sait pas donner."
    NO_ENCRYPTION_KEY = "no_encryption_key", "Les métadonnées du service n’ont pas de clé de chiffrement."
    METADATA_EXPIRED = "metadata_expired", "Les métadonnées du service ont expiré."
    METADATA_UNREADABLE = "metadata_unreadable", "Les métadonnées du service n’ont pas pu être relues."


ADVICE: dict[Cause, str] = {
    Cause.UNKNOWN_PARTY: "S’il doit l’être, raccordez-le sous le nom qu’il annonce ; sinon, il n’y a rien à faire.",
    Cause.WRONG_KIND: "Si ce profil doit y entrer, ajoutez-le au public du service.",
    Cause.NOT_SERVED: "Si cet établissement doit y entrer, ajoutez-le, ou son académie, à ceux que le service dessert.",
    Cause.UNREACHABLE: "Vérifiez avec le service l’adresse où il attend les déconnexions, et qu’elle répond d’ici.",
    Cause.WRONG_ADDRESS: "Enregistrez l’adresse exacte, lettre pour lettre, ou faites corriger celle du service.",
    Cause.WRONG_AFTER_LOGOUT: "Enregistrez l’adresse exacte, lettre pour lettre, ou faites corriger celle du service.",
    Cause.WRONG_HINT: "Le service doit présenter le jeton reçu d’ici, tel quel : faites vérifier l’émetteur (iss).",
    Cause.WRONG_REQUEST: "Transmettez le détail ci-contre au responsable technique du service.",
    Cause.WRONG_SCOPE: "S’il peut l’avoir, ajoutez cette portée au service ; sinon, faites-la retirer de sa demande.",
    Cause.NO_PKCE: "Faites activer PKCE (S256) par le service ; à défaut, levez l’exigence sur sa fiche.",
    Cause.WRONG_PROOF: "Le service mélange peut-être deux connexions ; un PKCE à moitié réglé donne aussi cela.",
    Cause.WRONG_SECRET: "Vérifiez avec le service son secret et sa méthode (token_endpoint_auth_method) ; au besoin, "
    "donnez-lui un nouveau secret.",
    Cause.STALE_CODE: "Un code vaut une minute : si cela dure, faites vérifier l’horloge et la lenteur du service.",
    Cause.CODE_TWICE: "Le plus souvent, une page rechargée. Si cela dure, quelqu’un rejoue peut-être les réponses.",
    Cause.WRONG_CODE: "Le service mélange peut-être deux fournisseurs d’identité : faites vérifier l’émetteur (iss).",
    Cause.REFRESH_TWICE: "Le service doit garder le dernier jeton reçu. Si ce n’est pas une panne, un jeton a fui.",
    Cause.STALE_REFRESH: "La personne doit se reconnecter : blocage, déconnexion partout, absence. C’est normal.",
    Cause.WRONG_GRANT: "Le service doit employer « authorization_code », et « refresh_token » s’il y a droit.",
    Cause.WRONG_CONSUMER: "Relisez les métadonnées du service, ou faites corriger son adresse.",
    Cause.WRONG_DESTINATION: "Faites vérifier au service l’adresse de connexion : elle est dans nos métadonnées.",
    Cause.WRONG_SIGNATURE: "Relisez les métadonnées du service : son certificat a peut-être changé.",
    Cause.OLD_ALGORITHM: "Faites passer le service à SHA-256 ; à défaut, acceptez SHA-1 sur sa fiche.",
    Cause.STALE_REQUEST: "Faites mettre à l’heure le serveur du service (NTP), et vérifiez le vôtre.",
    Cause.REPLAYED_REQUEST: "Le plus souvent, une page rechargée : la personne repart du service.",
    Cause.MALFORMED: "Transmettez le détail ci-contre au responsable technique du service.",
    Cause.UNSUPPORTED: "Transmettez le détail ci-contre au responsable technique du service.",
    Cause.NO_ENCRYPTION_KEY: "Faites-en ajouter une à ses métadonnées, ou acceptez des réponses en clair.",
    Cause.METADATA_EXPIRED: "Demandez au service ses nouvelles métadonnées, et relisez-les.",
    Cause.METADATA_UNREADABLE: "La dernière bonne copie sert encore : vérifiez l’adresse avec le service.",
}  # fmt: skip


def note(cause: Cause, *, party: RelyingParty | None = None, said: str = "", detail: str = "", at: datetime) -> None:
    """Remember a trouble for the operator. The oldest of the same service and cause make room.

    `said`: who it says it is, when `party` is unknown. `detail`: technical, about the request, never about a person.
    """
    said, detail = _one_line(said, 256), _one_line(detail, 200)
    same = Trouble.objects.filter(party=party, cause=cause)
    if same.filter(said=said, detail=detail, at__gt=at - _SAME_WITHIN).exists():
        return
    with transaction.atomic():
        Trouble.objects.create(party=party, said=said, cause=cause, detail=detail, at=at)
        too_many = same.order_by("-at", "-pk").values_list("pk", flat=True)[KEPT : KEPT + 100]
        if found := list(too_many):
            Trouble.objects.filter(pk__in=found).delete()


def of(party: RelyingParty) -> "models.QuerySet[Trouble]":
    """The troubles of a service, newest first."""
    return Trouble.objects.filter(party=party).order_by("-at", "-pk")


def _one_line(text: str, length: int) -> str:
    # What a stranger sent: shown to the operator as text, without what a terminal or a database would not take.
    return "".join(sign if sign.isprintable() else " " for sign in text)[:length]
