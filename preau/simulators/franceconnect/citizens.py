"""Who has a FranceConnect account: people of our own, one per oddity of the register. Guardians of the town come first.

The guardians come with the cast file (key ``citizens``, the same names as `Citizen`). All of them are invented.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from preau.simulators import cast

# What each scope gives (FranceConnect v2, « données usagers »).
CLAIMS: Final[dict[str, tuple[str, ...]]] = {
    "openid": (),
    "profile": ("given_name", "given_name_array", "family_name", "birthdate", "gender", "preferred_username"),
    "birth": ("birthplace", "birthcountry"),
    "identite_pivot": (
        *("given_name", "given_name_array", "family_name", "birthdate", "gender", "birthplace", "birthcountry"),
    ),
    "given_name": ("given_name", "given_name_array"),
    "family_name": ("family_name",),
    "gender": ("gender",),
    "birthdate": ("birthdate",),
    "birthplace": ("birthplace",),
    "birthcountry": ("birthcountry",),
    "email": ("email",),
    "preferred_username": ("preferred_username",),
}
FRANCE: Final = "99100"
# « AGE 15-03-01 »: fifteen years old this year, whatever the year.
_AGE: Final = re.compile(r"AGE (\d+)")


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody of the register. `who`: what they are for. Given names are separated by commas; empty: not known."""

    login: str
    who: str
    given_names: str = ""
    family_name: str = ""
    used_name: str = ""
    birthdate: str = ""
    gender: str = ""
    birthplace: str = ""
    birthcountry: str = FRANCE
    email: str = ""
    has_array: bool = True

    @property
    def name(self) -> str:
        """As the page of choice writes them."""
        known = " ".join(part for part in (self.given_names.split(",")[0], self.used_name or self.family_name) if part)
        return known or self.login

    def claims(self, scopes: Iterable[str], *, day: date) -> dict[str, Any]:
        """What these scopes tell of them on `day`: a claim one does not have is absent."""
        given = [name.strip() for name in self.given_names.split(",") if name.strip()]
        known: dict[str, Any] = {
            "given_name": " ".join(given),
            "given_name_array": given if self.has_array else [],
            "family_name": self.family_name,
            "preferred_username": self.used_name,
            "birthdate": _AGE.sub(lambda found: f"{day.year - int(found[1])}", self.birthdate),
            "gender": self.gender,
            "birthplace": self.birthplace,
            "birthcountry": self.birthcountry,
            "email": self.email,
        }
        told = {claim for scope in scopes for claim in CLAIMS[scope]}
        return {name: value for name, value in known.items() if name in told and value}


def of_town() -> list[Citizen]:
    """The guardians of the demo town, as the cast file tells them."""
    names = {each.name for each in fields(Citizen)}
    return [Citizen(**{key: value for key, value in one.items() if key in names}) for one in cast.present().citizens]


def find(login: str) -> Citizen | None:
    """The citizen of that login, if any."""
    return next((one for one in (*of_town(), *ODDITIES) if one.login == login), None)


ODDITIES: Final = (
    Citizen(
        *("reference", "La personne de référence : tout est connu", "Isaline,Rose,Maud", "VERNEUIL"),
        *("", "1981-05-17", "female", "75110"), email="isaline.verneuil@example.org",
    ),
    Citizen(
        *("nom-usage", "Un nom d’usage, autre que le nom de naissance", "Perrine", "ACHARD", "LORMEAU"),
        *("1979-02-03", "female", "69385"), email="perrine.lormeau@example.org",
    ),
    Citizen(
        *("nom-compose", "Nom et prénom composés", "Jean-Loup", "BRAS-DE-FER", "", "1976-10-30", "male", "33063"),
        email="jl.bdf@example.org",
    ),
    Citizen(
        *("prenom-espace", "Un prénom qui contient une espace : seul le tableau des prénoms le dit", "Marie Lou,Odile"),
        *("TISSERAND", "", "1984-01-09", "female", "59350"), email="mlt@example.org",
    ),
    Citizen(
        *("sans-tableau", "Pas de tableau des prénoms (given_name_array)", "Gaspard,Aimé", "POULIGNY", ""),
        *("1980-08-08", "male", "87085"), email="gaspard@example.org", has_array=False,
    ),
    Citizen(
        *("nom-long", "Un nom de plus de cinquante caractères", "Maximilienne-Théodora,Ambroisine,Philomène"),
        *("DE LA HAUTEFEUILLE-MONTGRAIN DE SAINT-AUBERT LEZ-VALLIÈRES", "", "1977-07-07", "female", "21231"),
        email="m@example.org",
    ),
    Citizen(
        *("accents", "Accents, ligatures, cédille", "Loïc,Cœur", "ÇŒURDEFROŸ-ÆGIDE", "", "1985-12-25", "male", "56121"),
        email="loic@example.org",
    ),
    Citizen(
        *("15-ans", "Moins de 16 ans : un mineur qui arrive comme responsable", "Anouk", "RIVOIRE", ""),
        *("AGE 15-03-01", "female", "38185"), email="anouk@example.org",
    ),
    Citizen(
        *("17-ans", "Moins de 18 ans", "Sacha", "DELORMEAU", "", "AGE 17-11-30", "male", "44109"),
        email="sacha@example.org",
    ),
    Citizen(
        *("20-ans", "Jeune majeur", "Naïs", "COLOMBIER", "", "2006-04-12", "female", "34172"),
        email="nais@example.org",
    ),
    Citizen(
        *("genre-indefini", "Genre « unspecified »", "Camille", "HARDOUIN", "", "1983-06-06", "unspecified", "14118"),
        email="camille@example.org",
    ),
    Citizen(
        *("sans-genre", "Genre absent", "Dominique", "FERRAND", "", "1975-09-14", "", "76540"), email="dom@example.org"
    ),
    Citizen(
        *("mois-00", "Né un jour dont on ignore le mois", "Ousmane", "DIABATÉ", "", "1977-00-03", "male", "", "99335"),
        email="ousmane@example.org",
    ),
    Citizen(
        *("jour-00", "Présumée née en novembre 1988", "Shirin", "AZADI", "", "1988-11-00", "female", "", "99204"),
        email="shirin@example.org",
    ),
    Citizen(
        *("annee", "Présumé né en 1971 : le registre n’a que l’année", "Mamadou", "KOUROUMA", "", "1971", "male", ""),
        *("99330",), email="mk@example.org",
    ),
    Citizen(
        *("annee-mois", "Présumée née en mars 1982 : le registre n’a ni jour ni zéro", "Nour", "AL-SAYED", ""),
        *("1982-03", "female", "", "99206"), email="nour@example.org",
    ),
    Citizen(*("sans-prenom", "Aucun prénom", "", "RAJAONARY", "", "1986-02-02", "female"), email="r@example.org"),
    Citizen(*("sans-nom", "Aucun nom de naissance", "Surya", "", "", "1989-07-21", "male"), email="surya@example.org"),
    Citizen(*("sans-courriel", "Aucune adresse électronique", "Robert", "GAUTRAIS", "", "1968-01-19", "male", "53130")),
    Citizen(
        *("corse-1", "Jumelle presque : Corse, code à lettre", "Ghjulia", "CASABIANDA", "", "1987-09-08", "female"),
        *("2A041",), email="ghjulia@example.org",
    ),
    Citizen(
        *("corse-2", "Même nom, même jour, autre commune", "Lisandru", "CASABIANDA", "", "1987-09-08", "male", "2B033"),
        email="lisandru@example.org",
    ),
    Citizen(
        *("algerie", "Née en Algérie : pas de commune", "Yasmina", "BOUZIANE", "", "1982-05-05", "female", "", "99352"),
        email="yasmina@example.org",
    ),
    Citizen(
        *("portugal", "Né au Portugal : pas de commune", "Tiago", "FONSECA", "", "1978-03-22", "male", "", "99139"),
        email="tiago@example.org",
    ),
    Citizen(
        *("polynesie", "Née en Polynésie : code de commune d’outre-mer", "Hinatea", "TERIIPAIA", "", "1990-10-10"),
        *("female", "98735"), email="hinatea@example.org",
    ),
    Citizen(
        *("lieu-sale", "Un lieu de naissance en toutes lettres, là où il faut un code", "Karima", "SELLAMI", ""),
        *("1981-12-12", "female", "Tunis", "99351"), email="karima@example.org",
    ),
    Citizen(
        *("invisible", "Un caractère qui retourne le sens de lecture", "Ana\u202esirob", "LEROUX\u2066", ""),
        *("1984-04-04", "female", "35238"), email="ana@example.org",
    ),
)  # fmt: skip
