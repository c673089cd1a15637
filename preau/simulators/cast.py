"""Who lives in the demo town, as the demo wrote it in the file PREAU_SIMULATORS_CAST; else a small cast of our own.

The file is read again at each request, so the demo may write it when it likes. Every key may be missing::

    {"school": {"name": "Collège Élise-Deroche", "uai": "0991234D"},
     "people": [{"name": "Samira Belkacem", "who": "Mère d’Inès (5e B) et d’Hugo (6e A)", "kind": "guardian",
                 "username": "s.belkacem", "temporary_password": "…", "password": "…",
                 "birth_dates": ["14/03/2014", "02/09/2015"], "email": "samira.belkacem@example.org",
                 "mobile": "06 39 98 00 17",
                 "note": "Sa lettre est à imprimer depuis la console.", "try": ["Activer son compte avec la lettre"]}],
     "staff": [{"sub": "cvasseur", "given_name": "Claire", "family_name": "Vasseur", "who": "Cheffe d’établissement",
                "email": "…", "rne": "0991234D", "title": "DIR", "typensi": "G", "codaca": "099",
                "FrEduFonctAdm": "DIR", "FrEduRne": ["…"], "FrEduRneResp": ["…"], "FrEduResDel": [],
                "totp_seed": "BASE32…"}],
     "citizens": [{"login": "samira", "who": "Mère d’Inès et d’Hugo", "given_names": "Samira,Leïla",
                   "family_name": "BELKACEM", "used_name": "", "birthdate": "1984-02-11", "gender": "female",
                   "birthplace": "99300", "birthcountry": "99100", "email": "samira.belkacem@example.org"}],
     "steps": [{"title": "Importer la base", "text": "…", "url": "http://localhost:8000/gestion/imports/"}]}
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.conf import settings

CLAIMS: Final = (
    *("given_name", "family_name", "email", "rne", "title", "typensi", "codaca", "FrEduFonctAdm"),
    *("FrEduRne", "FrEduRneResp", "FrEduResDel"),
)
KINDS: Final = {"guardian": "Responsable", "pupil": "Élève"}


@dataclass(frozen=True, slots=True)
class Colleague:
    """Someone whom the staff portal lets in. `claims` is what it says of them, `totp_seed` their key (base 32)."""

    sub: str
    name: str
    who: str
    claims: dict[str, Any]
    totp_seed: str = ""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A guardian or a pupil one can be, with what they hold in their hand."""

    name: str
    who: str
    kind: str
    username: str = ""
    temporary_password: str = ""
    password: str = ""
    email: str = ""
    mobile: str = ""
    note: str = ""
    birth_dates: tuple[str, ...] = ()
    tries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TownCast:
    """Everybody, and the walk proposed to whoever discovers the town."""

    school: str
    people: tuple[Somebody, ...]
    staff: tuple[Colleague, ...]
    # As written: FranceConnect's simulator reads them.
    citizens: tuple[dict[str, Any], ...] = ()
    steps: tuple[dict[str, str], ...] = field(default_factory=tuple)

    def colleague(self, sub: str) -> Colleague | None:
        """The one whose portal subject is `sub`, if any."""
        return next((one for one in self.staff if one.sub == sub), None)


def present() -> TownCast:
    """The cast of this moment. An unreadable file is no file: the demo may be writing it."""
    try:
        written = json.loads(Path(settings.CAST_FILE).read_text(encoding="utf-8")) if settings.CAST_FILE else {}
    except (OSError, ValueError):
        written = {}
    return TownCast(
        school=written.get("school", {}).get("name", "Collège Élise-Deroche"),
        people=tuple(_somebody(one) for one in written.get("people", [])),
        staff=tuple(_colleague(one) for one in written.get("staff", STAFF)),
        citizens=tuple(written.get("citizens", ())),
        steps=tuple(written.get("steps", STEPS)),
    )


def _somebody(written: dict[str, Any]) -> Somebody:
    names = ("username", "temporary_password", "password", "email", "mobile", "note")
    given = {name: written.get(name, "") for name in names}
    return Somebody(
        name=written["name"],
        who=written.get("who", ""),
        kind=KINDS.get(written.get("kind", ""), ""),
        birth_dates=tuple(written.get("birth_dates", ())),
        tries=tuple(written.get("try", ())),
        **given,
    )


def _colleague(written: dict[str, Any]) -> Colleague:
    return Colleague(
        sub=written["sub"],
        name=f"{written['given_name']} {written['family_name']}",
        who=written.get("who") or written.get("title", ""),
        claims={name: written[name] for name in CLAIMS if written.get(name) is not None},
        totp_seed=written.get("totp_seed", ""),
    )


def _at(uai: str, function: str, kind: str = "CLG$340") -> str:
    """A posting, FrEduRne: UAI$UAJ$secteur$fonction$UAI_UAJ$Tn$TTY$TNA."""
    return f"{uai}$UAJ$PU${function}${uai}$T3${kind}"


def _one(sub: str, given_name: str, family_name: str, who: str, title: str, **claims: Any) -> dict[str, Any]:
    uai = claims.get("rne", "0991234D")
    return {
        "sub": sub,
        "given_name": given_name,
        "family_name": family_name,
        "who": who,
        "email": f"{given_name}.{family_name}@example.org".lower().replace("ï", "i").replace("é", "e"),
        "rne": uai,
        "title": title,
        "typensi": "G",
        "codaca": "099",
        "FrEduFonctAdm": title,
        "FrEduRne": [_at(uai, title)],
        "FrEduRneResp": [],
        "FrEduResDel": [],
        **claims,
    }


# Seeds are for show: the demo writes those it enrolled. "X" in a claim is the portal's way of saying "nothing".
STAFF: Final = (
    _one(
        *("cvasseur", "Claire", "Vasseur", "Cheffe d’établissement", "DIR"),
        FrEduRneResp=["0991234D$UAJ$PU$N$T3$CLG$340"],
        totp_seed="KRUGKIDQOJXXM2LTNFXW4IDDN5SGKIDH",
    ),
    _one(
        *("rbenali", "Rachid", "Benali", "Adjoint de la cheffe d’établissement", "DIR"),
        FrEduRneResp=["X"],
        totp_seed="KRUGKIDEMVYHK5DZEBUXGIDINFZSA3DF",
    ),
    _one(
        *("mkervella", "Maïwenn", "Kervella", "Professeure principale de la 5e B", "ENS"),
        totp_seed="KRUGKIDUOV2G64RANFZSAYLUEBUGK4TF",
    ),
    _one("epoirier", "Étienne", "Poirier", "Professeur principal de la 3e C", "ENS"),
    _one("atraore", "Awa", "Traoré", "Professeure, principale d’aucune classe", "ENS"),
    _one("omarchand", "Odile", "Marchand", "Secrétaire, sans délégation", "ADM"),
    _one(
        *("plegrand", "Pascale", "Legrand", "Cheffe d’un autre établissement", "DIR"),
        rne="0999902A",
        FrEduRneResp=["0999902A$UAJ$PU$N$T3$CLG$340"],
    ),
    _one(
        *("nfontaine", "Nadia", "Fontaine", "Assistance académique, au rectorat", "ADM"),
        rne="0999900Y",
        FrEduRne=[_at("0999900Y", "ADM", "RECT$802")],
    ),
    _one(
        *("ymorvan", "Yann", "Morvan", "Exploitant, à la DSI du rectorat", "ADM"),
        rne="0999900Y",
        FrEduRne=[_at("0999900Y", "ADM", "RECT$802")],
    ),
)
STEPS: Final = (
    {
        "title": "Préparer la rentrée",
        "text": "Entrez à la console par le portail des personnels, en cheffe d’établissement : importez la base, "
        "regardez qui n’est pas notifié, notifiez, imprimez.",
    },
    {
        "title": "Recevoir la lettre",
        "text": "Ouvrez la boîte aux lettres : les courriels arrivent là, et nulle part ailleurs.",
    },
    {
        "title": "Activer un compte",
        "text": "Sur Préau, en responsable puis en élève, avec ce que la lettre ou la fiche donne.",
    },
    {
        "title": "Passer le temps",
        "text": "Avancez l’horloge de trois mois : une lettre de la rentrée n’ouvre plus rien.",
    },
)
