"""« Origine du compte »: how an account was activated. Not its source (SIECLE, ONDE), where the person comes from."""

from enum import StrEnum


class Origin(StrEnum):
    """Exact values of the desk's column (specs: EduConnect, « Origine du compte »)."""

    SELF = "self"
    FRANCECONNECT = "franceconnect"
    SCHOOL = "school"
    ATEN = "aten"
    ENT = "ent"
    UNSET = "unset"


LABELS = {
    Origin.SELF: "Responsable",
    Origin.FRANCECONNECT: "FranceConnect",
    Origin.SCHOOL: "Établissement",
    Origin.ATEN: "ATEN",
    Origin.ENT: "ENT",
    Origin.UNSET: "Non renseigné",
}
