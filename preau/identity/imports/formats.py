"""The formats we read, each known by the root of its document, and the reading of files into one export. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from preau.identity.directory import identifiers
from preau.identity.imports import archive, siecle, sts, values, xml
from preau.identity.imports.causes import Cause, Doubt, Refused
from preau.identity.imports.records import Export, FileFacts, Kind, Remark

# Files of the same programs that schools upload by mistake: what they are, in the words of those programs.
_UNUSED = {
    "BEE_ETABLISSEMENTS": "Etablissements",
    "BEE_ETABLISSEMENTS_ELEVES": "EtablissementsEleves",
    "BEE_GEOGRAPHIQUE": "Geographique",
    "ficAlimMENESR": "AAF",
    "BEE_DPPS": "DPPS",
    "BEE_BOURSES": "Bourses",
    "IMPORT_ELEVES": "Import SIECLE",
    "EXPORT_UDT": "UnDeuxTemps",
}


@dataclass(frozen=True, slots=True)
class Format:
    """How the documents under one root are read."""

    kind: Kind
    shape: xml.Shape
    take: Callable[[xml.Row, Export], None]


FORMATS: dict[str, Format] = {
    **{root: Format(kind, shape, siecle.take) for root, (kind, shape) in siecle.SHAPES.items()},
    **{root: Format(kind, shape, sts.take) for root, (kind, shape) in sts.SHAPES.items()},
}


def read(files: Iterable[tuple[str, bytes]]) -> Export:
    """Everything the uploaded files hold, in one export. Raises `Refused`, naming the file, when one can't be read."""
    export = Export()
    for name, content in files:
        try:
            _read_one(name, content, export)
        except Refused as refused:
            raise Refused(refused.cause, file=name, **refused.facts) from refused
    if not export.files:
        raise Refused(Cause.NO_FILE)
    return export


def _read_one(name: str, content: bytes, export: Export) -> None:
    chosen: list[Format] = []

    def choose(root: str) -> xml.Shape:
        chosen.append(_format(root))
        return chosen[0].shape

    header: xml.Row | None = None
    for row in xml.rows(archive.chunks(content), choose):
        if row.name == "header":
            header = header or row
        chosen[0].take(row, export)
    facts = _facts(name, chosen[0].kind, header or xml.Row("header", {}))
    if export.has(facts.kind):
        raise Refused(Cause.SAME_KIND_TWICE, kind=facts.kind)
    if not identifiers.has_uai_key(facts.uai):
        export.remarks.append(Remark.about(Doubt.WRONG_SCHOOL_KEY, "file", facts.kind, uai=facts.uai))
    if not facts.exported_at and facts.kind is not Kind.STAFF:
        export.remarks.append(Remark.about(Doubt.NO_EXPORT_DATE, "file", facts.kind))
    export.files.append(facts)


def _format(root: str) -> Format:
    if found := FORMATS.get(root):
        return found
    if root == "EDT_STS":
        raise Refused(Cause.REVERSED_STS)
    if root in _UNUSED:
        raise Refused(Cause.UNUSED_ROOT, given=_UNUSED[root])
    raise Refused(Cause.UNKNOWN_ROOT, root="".join(c for c in root if c.isprintable())[:60])


def _facts(name: str, kind: Kind, header: xml.Row) -> FileFacts:
    """UAI and year stand in leaves (SIECLE) or in attributes of inner elements (STS)."""
    inner = {part.name: part for part in header.parts}
    uai = identifiers.normalised(header.get("UAJ") or (inner["school"].get("CODE") if "school" in inner else ""))
    if not uai:
        raise Refused(Cause.NO_SCHOOL_CODE)
    year = values.year(header.get("ANNEE_SCOLAIRE") or (inner["year"].get("ANNEE") if "year" in inner else ""))
    if year is None:
        raise Refused(Cause.NO_YEAR)
    exported_at = values.instant(header.get("HORODATAGE"), otherwise=header.get("DATE_EXPORT"))
    return FileFacts(kind, name, uai[:8] if identifiers.has_uai_form(uai[:8]) else uai[:20], year, exported_at)
