"""What a relying party learns about a person: nothing, unless a scope it may ask for says so. Pure."""

from collections.abc import Iterable

# Scope → claims. `openid` alone is an opaque name. One line, one reason an operator can read.
SCOPES: dict[str, tuple[frozenset[str], str]] = {
    "openid": (frozenset({"sub", "kind"}), "Un nom opaque, propre à ce service, et le profil"),
    "profile": (frozenset({"given_name", "family_name"}), "Saluer la personne par son nom"),
    "email": (frozenset({"email", "email_verified"}), "Lui écrire"),
    "children": (
        frozenset({"children", "division", "school"}),
        "Montrer à un responsable ses enfants, à un élève sa classe",
    ),
}


def released(scope: str | Iterable[str]) -> frozenset[str]:
    """The claims that `scope` (already cut to what the party may ask) lets out. An unknown scope lets out nothing."""
    asked = scope.split() if isinstance(scope, str) else scope
    return frozenset().union(*(SCOPES[one][0] for one in asked if one in SCOPES))
