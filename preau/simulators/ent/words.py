"""What each attribute means, in the words of people. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from preau.design.text import person_name
from preau.simulators.ent.visits import Received

_ARC = "urn:oid:1.3.6.1.4.1.20326.10.999.1"
# Name → what it is. The numbers are EduConnect's and LDAP's; two attributes have a name and no number.
MEANINGS: Final = {
    "urn:oid:2.5.4.42": "Prénom",
    "urn:oid:2.5.4.4": "Nom",
    "urn:oid:0.9.2342.19200300.100.1.3": "Adresse électronique",
    f"{_ARC}.5": "Où envoyer qui se déconnecte",
    f"{_ARC}.6": "Instant de la connexion",
    f"{_ARC}.7": "Profil et degré d’enseignement",
    f"{_ARC}.57": "Numéro de compte opaque",
    f"{_ARC}.64": "Empreinte du numéro national d’élève",
    f"{_ARC}.67": "Date de naissance",
    f"{_ARC}.72": "Établissement de l’élève",
    f"{_ARC}.73": "Niveau de l’élève",
    f"{_ARC}.76": "Civilité de l’élève",
    "FrEduVecteur": "Qui c’est, et pour quel élève de quel établissement",
    "FrEduCtRefId": "Numéro dans l’annuaire de l’académie",
}
PROFILES: Final = {
    "resp1d": "responsable, premier degré", "resp2d": "responsable, second degré",
    "eleve1d": "élève, premier degré", "eleve2d": "élève, second degré",
}  # fmt: skip
_VECTORS: Final = {"1": "responsable", "2": "responsable", "3": "élève", "4": "élève"}


@dataclass(frozen=True)
class Line:
    """An attribute for the page: what it is, its technical name, its values and what the ENT makes of them."""

    meaning: str
    technical: str
    values: Sequence[tuple[str, str]]


def lines(attributes: Sequence[Received]) -> list[Line]:
    """Every attribute that came, those we know by their meaning first."""
    ranks = {name: rank for rank, name in enumerate(MEANINGS)}
    known = sorted(attributes, key=lambda one: ranks.get(one.name, len(ranks)))
    return [
        Line(
            MEANINGS.get(one.name, "Attribut que cet ENT ne connaît pas"),
            one.name if one.friendly in ("", one.name) else f"{one.friendly} · {one.name}",
            [(value, in_words(one.name, value)) for value in one.values],
        )
        for one in known
    ]


def in_words(name: str, value: str) -> str:
    """What the ENT makes of one value, when it is not plain already."""
    if name == f"{_ARC}.7":
        return PROFILES.get(value, "")
    if name == "FrEduVecteur" and value.count("|") == 4:
        kind, family_name, given_name, pupil, uai = value.split("|")
        return f"{given_name} {family_name}, {_VECTORS.get(kind, 'profil inconnu')}, élève n° {pupil} de {uai}"
    return ""


def greeting(attributes: Sequence[Received]) -> str:
    """How to call who is signed in: by their names, else as their vector says."""
    said = {one.name: one.values for one in attributes}
    first, last = ((said.get(key) or ("",))[0] for key in ("urn:oid:2.5.4.42", "urn:oid:2.5.4.4"))
    vector = (said.get("FrEduVecteur") or ("",))[0].split("|")
    if not (first or last) and len(vector) == 5:
        first, last = vector[2], vector[1]
    return person_name(first, last)


def profile(attributes: Sequence[Received]) -> str:
    """« responsable, second degré », or nothing."""
    said = [value for one in attributes if one.name == f"{_ARC}.7" for value in one.values]
    return " et ".join(PROFILES[one] for one in said if one in PROFILES)
