"""STS-Web `sts_emp_<UAI>_<YEAR>.xml`: staff, and who is form tutor of which division (data formats §2). Pure.

STS gives people to expect, never a way to authenticate them. Birth dates, grades and subjects are not read.
"""

from preau.identity.imports import values
from preau.identity.imports.causes import Doubt
from preau.identity.imports.records import DivisionRow, Export, Kind, Remark, SchoolRow, StaffRow, TutorRow
from preau.identity.imports.xml import Row, Shape, block, row

_SCHOOL = (
    "DENOM_PRINC", "DENOM_COMPL", "CODE_NATURE", "ADRESSE", "COMMUNE", "CODE_POSTAL", "TELEPHONE",
)  # fmt: skip
STAFF = block(
    PARAMETRES=row(
        "header",
        UAJ=row("school", *_SCHOOL, attributes=("CODE",), ACADEMIE=row("academy", "CODE", "LIBELLE")),
        ANNEE_SCOLAIRE=row("year", attributes=("ANNEE",)),
    ),
    DONNEES=block(
        INDIVIDUS=block(
            INDIVIDU=row(
                "staff", "CIVILITE", "NOM_USAGE", "NOM_PATRONYMIQUE", "PRENOM", "FONCTION", attributes=("ID", "TYPE"),
                PROFS_PRINC=block(PROF_PRINC=row("tutor", "CODE_STRUCTURE", "DATE_DEBUT", "DATE_FIN")),
            )
        ),
        STRUCTURE=block(DIVISIONS=block(
            DIVISION=row(
                "division", "LIBELLE_LONG", attributes=("CODE",),
                MEFS_APPARTENANCE=block(
                    MEF_APPARTENANCE=row("mef", attributes=("CODE",)), MEF=row("mef", attributes=("CODE",))
                ),
            )
        )),
    ),
)  # fmt: skip
SHAPES: dict[str, tuple[Kind, Shape]] = {"STS_EDT": (Kind.STAFF, STAFF)}
_TITLES = {"1": "M.", "2": "MME", "3": "MME"}
# CODE_NATURE of the national directory: 340 is a collège; the other 3xx are lycées; 1xx are écoles.
_LOWER_SECONDARY = ("340", "350", "352", "390")


def take(read: Row, into: Export) -> None:
    """Turn one row of an STS file into neutral rows of `into`. Raises `Refused` when it has no key."""
    match read.name:
        case "staff":
            _staff(read, into)
        case "division":
            if code := values.code(read.get("CODE")):
                mefs = tuple(part.get("CODE") for part in read.parts if part.get("CODE"))
                into.divisions.append(DivisionRow(code, values.name(read.get("LIBELLE_LONG"))[:60], mefs, Kind.STAFF))
        case "header":
            into.schools.extend(_school(part) for part in read.parts if part.name == "school")


def _staff(read: Row, into: Export) -> None:
    kind, key = values.key(read.get("TYPE"), of="staff"), values.key(read.get("ID"), of="staff")
    birth_name = values.name(read.get("NOM_PATRONYMIQUE", "NOM_USAGE"))
    used_name = values.name(read.get("NOM_USAGE"))
    into.staff.append(
        StaffRow(
            kind=kind,
            key=key,
            birth_name=birth_name,
            used_name=used_name if used_name != birth_name else "",
            first_name=values.name(read.get("PRENOM")),
            title=_TITLES.get(read.get("CIVILITE"), ""),
            function=values.code(read.get("FONCTION"))[:10],
        )
    )
    for part in read.parts:
        dates = [values.day(part.get(tag)) for tag in ("DATE_DEBUT", "DATE_FIN")]
        for tag, found in zip(("DATE_DEBUT", "DATE_FIN"), dates, strict=True):
            if part.get(tag) and not found:
                into.remarks.append(Remark.about(Doubt.UNREADABLE_DATE, "staff", f"{kind}:{key}", tag=tag))
        into.tutors.append(TutorRow(kind, key, values.code(part.get("CODE_STRUCTURE")), *dates))


def _school(read: Row) -> SchoolRow:
    academy = next((part for part in read.parts if part.name == "academy"), Row("academy", {}))
    nature = read.get("CODE_NATURE")
    kinds = {"1": "primary", "3": "upper_secondary"}
    return SchoolRow(
        name=values.name(f"{read.get('DENOM_PRINC')} {read.get('DENOM_COMPL')}"),
        kind="lower_secondary" if nature in _LOWER_SECONDARY else kinds.get(nature[:1], ""),
        academy=academy.get("CODE")[:3],
        academy_name=values.name(academy.get("LIBELLE"))[:60],
        address=values.name(read.get("ADRESSE")),
        postcode=read.get("CODE_POSTAL")[:10],
        town=values.name(read.get("COMMUNE"))[:60],
        phone=read.get("TELEPHONE")[:20],
        source=Kind.STAFF,
    )
