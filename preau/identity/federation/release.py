"""What a relying party learns about a person: nothing, unless a scope it was given, or its own list, says so. Pure.

OpenID Connect asks by scopes; SAML does not ask, and gets what its scopes and its list let out.
"""

from collections.abc import Iterable

# EduConnect's own: `ect.scope.cnx` is the sign-in itself, `ect.scope.<service>` the list agreed with that service.
EDUCONNECT = "ect.scope."
OFFLINE = "offline_access"

# Scope → attributes. One line, one reason an operator can read.
SCOPES: dict[str, tuple[frozenset[str], str]] = {
    "openid": (frozenset({"sub", "kind"}), "Un nom opaque, propre à ce service, et le profil"),
    "profile": (frozenset({"given_name", "family_name", "name"}), "Saluer la personne par son nom"),
    "email": (frozenset({"email", "email_verified"}), "Lui écrire"),
    "children": (
        frozenset({"children", "division", "school"}),
        "Montrer à un responsable ses enfants, à un élève sa classe",
    ),
    "ect.scope.cnx": (
        frozenset({"FrEduCtDateConnexion", "FrEduCtPersonAffiliation", "FrEduOrigAuth"}),
        "Savoir de quel profil est la personne, et comment elle s’est connectée",
    ),
    "ent": (
        frozenset(
            {"FrEduCtPersonAffiliation", "FrEduVecteur", "FrEduCtRefId", "FrEduCtId", "given_name", "family_name"}
        ),
        "Retrouver la personne dans l’annuaire de l’ENT",
    ),
    "pupil": (
        frozenset(
            {"FrEduCtId", "FrEduCtEleveINEHash", "FrEduCtDateNaissance", "FrEduCtEleveUAI", "FrEduCtEleveNiveau"}
        ),
        "Ouvrir à un élève un droit qui dépend de son âge, de son niveau et de son établissement",
    ),
    OFFLINE: (frozenset(), "Agir pour la personne quand elle n’est pas là, jusqu’à ce qu’elle dise non"),
}
# Not about the person: where one signs out. Every SAML service gets it.
ALWAYS_BY_SAML = frozenset({"FrEduUrlRetour"})


def may_ask(scope: str, *, given: Iterable[str]) -> bool:
    """Whether a party that was given these scopes may ask for `scope`."""
    return scope in set(given) and (scope in SCOPES or scope.startswith(EDUCONNECT))


def released(
    scope: str | Iterable[str],
    *,
    own: Iterable[str] = (),
    given: Iterable[str] = (),
    claims: Iterable[str] = (),
) -> frozenset[str]:
    """The attributes that `scope` (already cut to what the party may ask) lets out. An unknown scope lets out nothing.

    `own`: the party's list, which ``ect.scope.<service>`` stands for. `claims`: attributes asked one by one (OpenID
    Connect Core §5.5); of these, only what the scopes `given` to the party, or its list, would let out.
    """
    asked = scope.split() if isinstance(scope, str) else list(scope)
    return _of_scopes(asked, own) | (frozenset(claims) & (_of_scopes(given, own) | frozenset(own)))


def released_by_saml(scopes: Iterable[str], *, own: Iterable[str] = ()) -> frozenset[str]:
    """The attributes of a SAML response: all that the party's scopes and list let out, and where one signs out."""
    return _of_scopes(scopes, own) | frozenset(own) | ALWAYS_BY_SAML


def _of_scopes(scopes: Iterable[str], own: Iterable[str]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for one in scopes:
        if one in SCOPES:
            found |= SCOPES[one][0]
        elif one.startswith(EDUCONNECT):
            found |= frozenset(own)
    return found
