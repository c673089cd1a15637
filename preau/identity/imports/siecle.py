"""SIECLE « Base élèves établissement »: pupils, guardians, structures, nomenclature, school (data formats §1). Pure.

Features are detected by their tags, never by VERSION. The shapes name all we may read: DPPS (health), BOURSES,
professions and nationality are not in them.
"""

from preau.identity.directory import identifiers
from preau.identity.imports import values
from preau.identity.imports.causes import Doubt
from preau.identity.imports.records import (
    AddressRow,
    DivisionRow,
    Export,
    Kind,
    LinkRow,
    PersonRow,
    PlacementRow,
    PupilRow,
    Remark,
    SchoolRow,
)
from preau.identity.imports.xml import Row, Shape, block, row

_HEADER = row("header", "UAJ", "ANNEE_SCOLAIRE", "DATE_EXPORT", "HORODATAGE")
_PHONES = ("TEL_PORTABLE", "TEL_PERSONNEL", "TEL_PROFESSIONNEL")
_LINES = ("LIGNE1_ADRESSE", "LIGNE2_ADRESSE", "LIGNE3_ADRESSE", "LIGNE4_ADRESSE")
_NAMES = ("NOM_DE_FAMILLE", "NOM", "NOM_USAGE", "PRENOM")
# Before 2018, one digit; note that 1 was the father and 2 the mother, the reverse of today's 10 and 20.
_OLD_KINSHIP = {"1": "20", "2": "10", "3": "50", "4": "39", "5": "51", "6": "90", "7": "70"}
_FRANCE = "100"
_NOT_A_DIVISION = "INACTIFS"
_KINDS = {"CLG": "lower_secondary", "LYC": "upper_secondary", "LP": "upper_secondary", "LPO": "upper_secondary"}

PUPILS = block(
    PARAMETRES=_HEADER,
    DONNEES=block(
        ELEVES=block(
            ELEVE=row(
                "pupil", *_NAMES, *_PHONES, "ID_NATIONAL", "INE_RNIE", "INE_BEA", "DATE_NAISS", "CODE_SEXE", "MEL",
                "DATE_ENTREE", "DATE_SORTIE", "CODE_MOTIF_SORTIE", attributes=("ELEVE_ID",),
            )
        ),
        STRUCTURES=block(
            STRUCTURES_ELEVE=row(
                "placement", attributes=("ELEVE_ID",), STRUCTURE=row("structure", "CODE_STRUCTURE", "TYPE_STRUCTURE")
            )
        ),
    ),
)  # fmt: skip
GUARDIANS = block(
    PARAMETRES=_HEADER,
    DONNEES=block(
        PERSONNES=block(
            PERSONNE=row(
                "person", *_NAMES, *_PHONES, "LC_CIVILITE", "LL_CIVILITE", "MEL", "ADRESSE_ID",
                attributes=("PERSONNE_ID",),
            )
        ),
        RESPONSABLES=block(
            RESPONSABLE_ELEVE=row(
                "link", "ELEVE_ID", "PERSONNE_ID", "NIVEAU_RESPONSABILITE", "RESP_LEGAL", "CODE_PARENTE"
            )
        ),
        ADRESSES=block(
            ADRESSE=row(
                "address", *_LINES, "BOITE_POSTALE", "CODE_POSTAL", "LIBELLE_POSTAL", "COMMUNE_ETRANGERE", "CODE_PAYS",
                "LL_PAYS", attributes=("ADRESSE_ID",),
            )
        ),
    ),
)  # fmt: skip
STRUCTURES = block(
    PARAMETRES=_HEADER,
    DONNEES=block(
        DIVISIONS=block(
            DIVISION=row(
                "division", "LIBELLE_LONG", attributes=("CODE_STRUCTURE",),
                MEFS_APPARTENANCE=block(MEF_APPARTENANCE=row("mef", "CODE_MEF")),
            )
        )
    ),
)  # fmt: skip
NOMENCLATURE = block(
    PARAMETRES=_HEADER,
    DONNEES=block(MEFS=block(MEF=row("curriculum", "CODE_MEFSTAT", attributes=("CODE_MEF",)))),
)
SCHOOL = block(
    PARAMETRES=_HEADER,
    DONNEES=block(
        UAJ=row(
            "school", *_LINES, "DENOM_PRINC", "DENOM_COMPL", "TELEPHONE", "MEL_1", "CODE_TYPE_ETAB", "CODE_POSTAL",
            "LIBELLE_POSTAL",
        )
    ),
)  # fmt: skip
SHAPES: dict[str, tuple[Kind, Shape]] = {
    "BEE_ELEVES": (Kind.PUPILS, PUPILS),
    "BEE_RESPONSABLES": (Kind.GUARDIANS, GUARDIANS),
    "BEE_STRUCTURES": (Kind.STRUCTURES, STRUCTURES),
    "BEE_NOMENCLATURES": (Kind.NOMENCLATURE, NOMENCLATURE),
    "BEE_COMMUN": (Kind.SCHOOL, SCHOOL),
}


def take(read: Row, into: Export) -> None:
    """Turn one row of a SIECLE file into a neutral row of `into`. Raises `Refused` when it has no key."""
    match read.name:
        case "pupil":
            into.pupils.append(_pupil(read, into))
        case "placement":
            into.placements.append(_placement(read))
        case "person":
            into.persons.append(_person(read))
        case "link":
            into.links.append(_link(read, into))
        case "address":
            into.addresses.append(_address(read))
        case "division":
            into.divisions.extend(_division(read))
        case "curriculum":
            into.grades[read.get("CODE_MEF")] = read.get("CODE_MEFSTAT")[:4]
        case "school":
            into.schools.append(_school(read))


def _pupil(read: Row, into: Export) -> PupilRow:
    key = values.key(read.get("ELEVE_ID"), of="pupil")
    dates = {}
    for tag in ("DATE_NAISS", "DATE_ENTREE", "DATE_SORTIE"):
        written = read.get(tag)
        dates[tag] = values.day(written)
        if written and not dates[tag]:
            into.remarks.append(Remark.about(Doubt.UNREADABLE_DATE, "pupil", key, tag=tag))
    return PupilRow(
        key=key,
        birth_name=values.name(read.get("NOM_DE_FAMILLE", "NOM")),
        used_name=values.name(read.get("NOM_USAGE")),
        first_name=values.name(read.get("PRENOM")),
        ine=identifiers.normalised(read.get("ID_NATIONAL", "INE_RNIE", "INE_BEA")),
        birth_on=dates["DATE_NAISS"],
        sex={"1": "M", "2": "F"}.get(read.get("CODE_SEXE"), ""),
        email=read.get("MEL"),
        mobiles=tuple(filter(None, map(read.get, _PHONES))),
        entered_on=dates["DATE_ENTREE"],
        left_on=dates["DATE_SORTIE"],
        exit_reason=read.get("CODE_MOTIF_SORTIE")[:2],
        has_unreadable_exit=bool(read.get("DATE_SORTIE")) and not dates["DATE_SORTIE"],
    )


def _placement(read: Row) -> PlacementRow:
    """Divisions only; groups are left. PIX ignores the division called « Inactifs », and so do we."""
    codes = {values.code(part.get("CODE_STRUCTURE")) for part in read.parts if part.get("TYPE_STRUCTURE") == "D"}
    divisions = sorted(code for code in codes if code and code.upper() != _NOT_A_DIVISION)
    return PlacementRow(values.key(read.get("ELEVE_ID"), of="placement"), tuple(divisions))


def _person(read: Row) -> PersonRow:
    return PersonRow(
        key=values.key(read.get("PERSONNE_ID"), of="person"),
        birth_name=values.name(read.get("NOM_DE_FAMILLE", "NOM")),
        used_name=values.name(read.get("NOM_USAGE")),
        first_name=values.name(read.get("PRENOM")),
        title=values.title(read.get("LC_CIVILITE"), read.get("LL_CIVILITE")),
        phones=tuple(filter(None, map(read.get, _PHONES))),
        email=read.get("MEL"),
        address=read.get("ADRESSE_ID"),
    )


def _link(read: Row, into: Export) -> LinkRow:
    """Legal = every level tag present says so; none present = not legal (design §5)."""
    pupil, person = values.key(read.get("ELEVE_ID"), of="link"), values.key(read.get("PERSONNE_ID"), of="link")
    new, old = read.get("NIVEAU_RESPONSABILITE"), read.get("RESP_LEGAL")
    said = [new == "1"] * bool(new) + [old in ("1", "2")] * bool(old)
    if not said or (not old and new not in ("1", "2", "3")):
        into.remarks.append(Remark.about(Doubt.NO_LEVEL, "link", f"{person}>{pupil}"))
    elif len(set(said)) > 1:
        into.remarks.append(Remark.about(Doubt.LEVELS_DISAGREE, "link", f"{person}>{pupil}"))
    is_legal = bool(said) and all(said)
    return LinkRow(pupil, person, _level(new, old, is_legal=is_legal), is_legal, kinship(read.get("CODE_PARENTE")))


def _level(new: str, old: str, *, is_legal: bool) -> int:
    if is_legal:
        return 1
    if new in ("2", "3"):
        return int(new)
    return 3 if old == "0" and not new else 0


def kinship(code: str) -> str:
    """Today's two-digit code. The length decides: a file of 2009 has new-style links with old-style codes."""
    if len(code) == 2 and code.isascii() and code.isdigit():
        return code
    return _OLD_KINSHIP.get(code, "")


def _address(read: Row) -> AddressRow:
    town = " ".join(filter(None, (read.get("CODE_POSTAL"), read.get("LIBELLE_POSTAL")))) or read.get(
        "COMMUNE_ETRANGERE"
    )
    country = read.get("LL_PAYS") if read.get("CODE_PAYS") not in ("", _FRANCE) else ""
    lines = (*map(read.get, _LINES), read.get("BOITE_POSTALE"), town, country)
    return AddressRow(read.get("ADRESSE_ID"), tuple(line for line in map(values.name, lines) if line))


def _division(read: Row) -> list[DivisionRow]:
    code = values.code(read.get("CODE_STRUCTURE"))
    if not code or code.upper() == _NOT_A_DIVISION:
        return []
    mefs = tuple(part.get("CODE_MEF") for part in read.parts if part.get("CODE_MEF"))
    return [DivisionRow(code, values.name(read.get("LIBELLE_LONG"))[:60], mefs)]


def _school(read: Row) -> SchoolRow:
    return SchoolRow(
        name=values.name(f"{read.get('DENOM_PRINC')} {read.get('DENOM_COMPL')}"),
        kind=_KINDS.get(read.get("CODE_TYPE_ETAB"), ""),
        address=", ".join(filter(None, map(read.get, _LINES)))[:200],
        postcode=read.get("CODE_POSTAL")[:10],
        town=values.name(read.get("LIBELLE_POSTAL"))[:60],
        phone=read.get("TELEPHONE")[:20],
        email=values.email(read.get("MEL_1")),
    )
