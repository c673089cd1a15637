"""What Préau told this site of somebody, claim by claim, beside what each means. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEANINGS: Final = {
    "sub": _("Un nom opaque, propre à ce site"),
    "kind": _("Le profil, responsable ou élève"),
    "given_name": _("Le prénom"),
    "family_name": _("Le nom"),
    "name": _("Prénom et nom"),
    "email": _("L’adresse électronique"),
    "email_verified": _("L’adresse est-elle confirmée"),
    "children": _("Les enfants, leur date de naissance, leur classe, leur établissement"),
    "division": _("La classe"),
    "school": _("L’établissement"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One claim: what it is, its technical name, its value as it came."""

    meaning: str | Promise
    name: str
    value: str


def lines(claims: Mapping[str, Any]) -> list[Line]:
    """Every claim, those we know first."""
    ranks = {name: rank for rank, name in enumerate(MEANINGS)}
    known = sorted(claims, key=lambda name: ranks.get(name, len(ranks)))
    return [Line(MEANINGS.get(name, _("Ce site ne s’en sert pas")), name, _as_text(claims[name])) for name in known]


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
