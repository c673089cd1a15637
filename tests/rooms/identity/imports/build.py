"""A small school's files, as SIECLE and STS-Web write them: what each test changes, and nothing else.

`SchoolFiles()` is a whole, clean base; a case changes a tag, a link or a header, then takes the bytes.
"""

import io
import zipfile
from copy import deepcopy
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

UAI = "0991234D"
OTHER_UAI = "0999901Z"
YEAR = 2026
EXPORTED = "24/11/2026 08:12:45"

Tags = dict[str, object]


def element(tag: str, content: object, **attributes: str) -> str:
    """`content`: None leaves the tag out, a dict nests, a list repeats, `""` is an empty tag."""
    if content is None:
        return ""
    if isinstance(content, list):
        return "".join(element(tag, one) for one in content)
    inner = "".join(element(*pair) for pair in content.items()) if isinstance(content, dict) else escape(str(content))
    names = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{tag}{names}>{inner}</{tag}>\n"


def pupil(key: str, surname: str, first_name: str, born: str, ine: str | None = None, **tags: object) -> Tags:
    """One ELEVE; more tags by their SIECLE names."""
    return {
        "@": key, "ID_NATIONAL": ine, "ELENOET": key[-4:], "NOM_DE_FAMILLE": surname, "PRENOM": first_name,
        "DATE_NAISS": born, "DOUBLEMENT": "0", "CODE_PAYS": "100", "CODE_REGIME": "0 ", "DATE_ENTREE": "01/09/2026",
        "CODE_SEXE": "2", "CODE_PAYS_NAT": "100", "CODE_STATUT": "ST", "CODE_MEF": "10110001110",
        "SCOLARITE_AN_DERNIER": {"CODE_MEF": "10010012110", "CODE_STRUCTURE": "6E Z", "CODE_RNE": UAI}, **tags,
    }  # fmt: skip


def person(key: str, surname: str, first_name: str, mobile: str = "", email: str = "", **tags: object) -> Tags:
    """One PERSONNE."""
    return {
        "@": key, "LC_CIVILITE": "MME", "NOM_DE_FAMILLE": surname, "PRENOM": first_name, "TEL_PORTABLE": mobile,
        "MEL": email, "COMMUNICATION_ADRESSE": "0", "ADRESSE_ID": "300001", "CODE_PROFESSION": "43", **tags,
    }  # fmt: skip


def link(pupil_key: str, person_key: str, level: str | None = "1", kinship: str | None = "10", **tags: object) -> Tags:
    """One RESPONSABLE_ELEVE."""
    return {
        "ELEVE_ID": pupil_key, "PERSONNE_ID": person_key, "NIVEAU_RESPONSABILITE": level, "CODE_PARENTE": kinship,
        "PAIE_FRAIS_SCOLAIRES": "1", "HEBERGE_ELEVE": "true", **tags,
    }  # fmt: skip


def staff(
    key: str, kind: str, surname: str, first_name: str, function: str | None = "ENS", tutor_of: list[Tags] | None = None
) -> Tags:
    """One INDIVIDU; `tutor_of`: PROF_PRINC blocks."""
    return {
        "@": key, "@TYPE": kind, "CIVILITE": "2", "NOM_USAGE": surname, "NOM_PATRONYMIQUE": surname,
        "PRENOM": first_name, "FONCTION": function,
        "PROFS_PRINC": {"PROF_PRINC": tutor_of} if tutor_of else None,
    }  # fmt: skip


def mandate(division: str, start: str | None = "2026-09-01", end: str | None = "2027-08-31") -> Tags:
    """One PROF_PRINC."""
    return {"CODE_STRUCTURE": division, "DATE_DEBUT": start, "DATE_FIN": end}


@dataclass
class SchoolFiles:
    """The cast: Samira Belkacem has Inès (5E B) and Hugo (6E A); Adama Coulibaly (5E B) has a mother and a father."""

    uai: str = UAI
    year: int = YEAR
    exported: str | None = EXPORTED
    pupils: list[Tags] = field(default_factory=lambda: [
        pupil("500101", "BELKACEM", "Inès", "03/02/2014", "990000101DJ"),
        pupil("500102", "BELKACEM", "Hugo", "11/06/2015", "990000102DH"),
        pupil("500103", "COULIBALY", "Adama", "29/02/2012", "990000103DG"),
    ])  # fmt: skip
    placements: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=lambda: [
        ("500101", [("5ANG GR2", "G"), ("5E B", "D")]), ("500102", [("6E A", "D")]), ("500103", [("5E B", "D")]),
    ])  # fmt: skip
    persons: list[Tags] = field(default_factory=lambda: [
        person("700201", "BELKACEM", "Samira", "+33639980021", "samira.belkacem@example.org"),
        person("700202", "COULIBALY", "Fatou", "+33639980022", "fatou.coulibaly@example.org"),
        person("700203", "COULIBALY", "Moussa", "", "", LC_CIVILITE="M."),
    ])  # fmt: skip
    links: list[Tags] = field(default_factory=lambda: [
        link("500101", "700201"), link("500102", "700201"), link("500103", "700202"),
        link("500103", "700203", kinship="20"),
    ])  # fmt: skip
    addresses: list[Tags] = field(default_factory=lambda: [
        {"@": "300001", "LIGNE1_ADRESSE": "12 ALLÉE DES CŒURS-VAILLANTS", "LIGNE2_ADRESSE": "", "CODE_POSTAL": "99300",
         "CODE_PAYS": "100", "LL_PAYS": "FRANCE", "LIBELLE_POSTAL": "LE PRÉ-SOUS-BOIS"},
    ])  # fmt: skip
    divisions: list[tuple[str, str, list[str]]] = field(default_factory=lambda: [
        ("5E B", "CINQUIEME B", ["10110001110", "1011000111U"]), ("6E A", "SIXIEME A", ["10010012110"]),
    ])  # fmt: skip
    people: list[Tags] = field(default_factory=lambda: [
        staff("9301", "epp", "KERVELLA", "Maïwenn", tutor_of=[mandate("5E B")]),
        staff("12", "dir", "VASSEUR", "Claire", "DIR"),
        staff("12", "local", "TRAORÉ", "Awa"),
    ])  # fmt: skip

    def but(self, **changes: object) -> "SchoolFiles":
        """The same school with these lists or headers instead."""
        other = deepcopy(self)
        for name, value in changes.items():
            setattr(other, name, value)
        return other

    def with_pupil(self, index: int, **tags: object) -> "SchoolFiles":
        """The same school, one pupil's tags changed (None removes)."""
        return self.but(pupils=[{**one, **tags} if n == index else one for n, one in enumerate(self.pupils)])

    def with_person(self, index: int, **tags: object) -> "SchoolFiles":
        """The same school, one person's tags changed."""
        return self.but(persons=[{**one, **tags} if n == index else one for n, one in enumerate(self.persons)])

    def with_link(self, index: int, **tags: object) -> "SchoolFiles":
        """The same school, one link's tags changed."""
        return self.but(links=[{**one, **tags} if n == index else one for n, one in enumerate(self.links)])

    # The documents ----------------------------------------------------------------------------------------------------
    def eleves(self, encoding: str = "ISO-8859-15") -> bytes:
        """ElevesSansAdresses.xml."""
        rows = "".join(self._row("ELEVE", one, "ELEVE_ID") for one in self.pupils)
        placed = "".join(
            element("STRUCTURES_ELEVE", {"STRUCTURE": [{"CODE_STRUCTURE": c, "TYPE_STRUCTURE": t} for c, t in codes]},
                    ELEVE_ID=key)
            for key, codes in self.placements
        )  # fmt: skip
        blocks = f"<ELEVES>{rows}</ELEVES><STRUCTURES>{placed}</STRUCTURES><DPPS><DPP>secret</DPP></DPPS><BOURSES />"
        return self._document("BEE_ELEVES", blocks, encoding)

    def responsables(self, encoding: str = "ISO-8859-15") -> bytes:
        """ResponsablesAvecAdresses.xml."""
        persons = "".join(self._row("PERSONNE", one, "PERSONNE_ID") for one in self.persons)
        links = "".join(element("RESPONSABLE_ELEVE", one) for one in self.links)
        addresses = "".join(self._row("ADRESSE", one, "ADRESSE_ID") for one in self.addresses)
        blocks = f"<PERSONNES>{persons}</PERSONNES><RESPONSABLES>{links}</RESPONSABLES><ADRESSES>{addresses}</ADRESSES>"
        return self._document("BEE_RESPONSABLES", blocks, encoding)

    def structures(self) -> bytes:
        """Structures.xml."""
        rows = "".join(
            element("DIVISION", {"LIBELLE_LONG": label, "CODE_RNE": self.uai, "MEFS_APPARTENANCE":
                    {"MEF_APPARTENANCE": [{"CODE_MEF": mef} for mef in mefs]}}, CODE_STRUCTURE=code)
            for code, label, mefs in self.divisions
        )  # fmt: skip
        group = '<GROUPE CODE_STRUCTURE="5ANG GR2"><DIVISIONS_APPARTENANCE><DIVISION_APPARTENANCE><CODE_STRUCTURE>5E B</CODE_STRUCTURE></DIVISION_APPARTENANCE></DIVISIONS_APPARTENANCE></GROUPE>'  # noqa: E501
        return self._document("BEE_STRUCTURES", f"<DIVISIONS>{rows}</DIVISIONS><GROUPES>{group}</GROUPES>")

    def nomenclature(self) -> bytes:
        """Nomenclature.xml."""
        mefs = "".join(
            element("MEF", {"FORMATION": "X", "CODE_MEFSTAT": stat}, CODE_MEF=mef)
            for mef, stat in {"10010012110": "21110010012", "10110001110": "21120010001"}.items()
        )
        return self._document("BEE_NOMENCLATURES", f"<MEFS>{mefs}</MEFS>")

    def communs(self) -> bytes:
        """Communs.xml: PARAMETRES/UAJ is a text, DONNEES/UAJ a block."""
        block = {"DENOM_PRINC": "COLLEGE", "DENOM_COMPL": "ÉLISE-DEROCHE", "TELEPHONE": "0199001234",
                 "CODE_TYPE_ETAB": "CLG", "CODE_POSTAL": "99300", "LIBELLE_POSTAL": "LE PRÉ-SOUS-BOIS"}  # fmt: skip
        year = {"DATE_DEBUT_ELEVE": "01/09/2026"}
        return self._document("BEE_COMMUN", element("UAJ", block) + element("ANNEE_SCOLAIRE", year))

    def sts(self, root: str = "STS_EDT") -> bytes:
        """sts_emp_UAI_YEAR.xml."""
        school = {"ACADEMIE": {"CODE": "099", "LIBELLE": "FICTIVE"}, "DENOM_PRINC": "COLLEGE",
                  "DENOM_COMPL": "ÉLISE-DEROCHE", "CODE_NATURE": "340", "ADRESSE": "1 RUE DES LILAS",
                  "COMMUNE": "LE PRÉ-SOUS-BOIS", "CODE_POSTAL": "99300", "TELEPHONE": "0199001234"}  # fmt: skip
        header = element("UAJ", school, CODE=self.uai) + element(
            "ANNEE_SCOLAIRE", {"DATE_DEBUT": "2026-09-01"}, ANNEE=str(self.year)
        )
        individuals = "".join(
            element("INDIVIDU", {k: v for k, v in one.items() if k[0] != "@"}, ID=str(one["@"]), TYPE=str(one["@TYPE"]))
            for one in self.people
        )
        divisions = "".join(
            element("DIVISION", {"LIBELLE_LONG": label, "MEFS_APPARTENANCE": {"MEF_APPARTENANCE": None}}, CODE=code)
            for code, label, _ in self.divisions
        )
        people = f"<INDIVIDUS>{individuals}</INDIVIDUS><STRUCTURE><DIVISIONS>{divisions}</DIVISIONS></STRUCTURE>"
        text = f"<{root}><PARAMETRES>{header}</PARAMETRES><DONNEES>{people}</DONNEES></{root}>"
        return f'<?xml version="1.0" encoding="ISO-8859-15"?>\n{text}'.encode("iso-8859-15")

    def all(self) -> list[tuple[str, bytes]]:
        """Every file a school has, zipped as SIECLE does; STS-Web does not zip."""
        return [
            ("ExportXML_ElevesSansAdresses.zip", zipped("ElevesSansAdresses.xml", self.eleves())),
            ("ExportXML_ResponsablesAvecAdresses.zip", zipped("ResponsablesAvecAdresses.xml", self.responsables())),
            ("ExportXML_Structures.zip", zipped("Structures.xml", self.structures())),
            ("Nomenclature.xml", self.nomenclature()),
            ("Communs.xml", self.communs()),
            (f"sts_emp_{self.uai}_{self.year}.xml", self.sts()),
        ]

    def people_files(self) -> list[tuple[str, bytes]]:
        """Pupils and guardians only."""
        return [("Eleves.xml", self.eleves()), ("Responsables.xml", self.responsables())]

    def _row(self, tag: str, row: Tags, key: str) -> str:
        return element(tag, {k: v for k, v in row.items() if k != "@"}, **{key: str(row["@"])})

    def _document(self, root: str, blocks: str, encoding: str = "ISO-8859-15") -> bytes:
        header = element("PARAMETRES", {
            "UAJ": self.uai, "ANNEE_SCOLAIRE": str(self.year),
            "DATE_EXPORT": self.exported[:10] if self.exported else None, "HORODATAGE": self.exported,
        })  # fmt: skip
        text = f'<{root} VERSION="4.0">\n{header}<DONNEES>{blocks}</DONNEES></{root}>'
        declaration = f'<?xml version="1.0" encoding="{encoding}"?>\n'
        return declaration.encode("ascii") + text.encode(encoding, errors="replace")


def zipped(name: str, content: bytes, **others: bytes) -> bytes:
    """A zip of one member, and of `others` by name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        for other, data in others.items():
            archive.writestr(other, data)
    return file.getvalue()
