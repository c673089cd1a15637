"""Writes a school's base as the files a school really has: SIECLE zip files and the STS-Web export.

Shapes: specification of the formats, § 1 (SIECLE) and § 2 (STS). ISO-8859-15, one XML per zip, written as a stream:
memory does not grow with the school. Two dialects: today's, and the one before 2018, still met in archives.
"""
# size: two file families told tag by tag, in the order the ministry writes them

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import count
from pathlib import Path
from typing import IO, Any

from lxml import etree

from preau.demo import rows
from preau.demo.codes import (
    CIVILITIES,
    EXIT_REASONS,
    KINSHIPS,
    LEVELS,
    MEFS,
    ORIGINS,
    REGIMES,
    SCHOOL_KINDS,
    STATUSES,
    SUBJECTS,
)
from preau.demo.crowd import national
from preau.demo.rows import (
    LEGAL,
    AddressRow,
    DivisionRow,
    Family,
    GuardianRow,
    LinkRow,
    PupilRow,
    SchoolBase,
    StaffRow,
    ine_bea,
)

ENCODING = "ISO-8859-15"
EXPORTED_AT = time(7, 12, 45)
# Direction controls are not in ISO-8859-15 either, but reach us as character references from other writers: the hostile
# names of the cast need them, so they are not turned into « ? » like the rest.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Dialect(Enum):
    """Which writing of the SIECLE files."""

    CURRENT = "current"
    BEFORE_2018 = "before-2018"


# VERSION of the roots seen with each dialect (§ 1.1): informational only, readers must go by the tags.
_VERSIONS = {
    Dialect.CURRENT: {
        "ELEVES": "4.0", "RESPONSABLES": "2.1", "STRUCTURES": "2.0", "NOMENCLATURES": "4.0", "COMMUN": "1.7",
    },
    Dialect.BEFORE_2018: {
        "ELEVES": "2.0", "RESPONSABLES": "1.8", "STRUCTURES": "1.9", "NOMENCLATURES": "3.1", "COMMUN": "1.7",
    },
}  # fmt: skip
# Kinship before 2018 had one digit and the opposite order: 1 father, 2 mother (§ 1.8).
_OLD_KINSHIP = {
    rows.MOTHER: "2", rows.FATHER: "1", rows.TUTOR: "3", rows.OTHER_FAMILY: "4", rows.ASCENDANT: "4",
    rows.CHILD_WELFARE: "5", rows.ONESELF: "7", rows.FOSTER_CARER: "6", rows.OTHER: "6",
}  # fmt: skip


def write_files(
    base: SchoolBase,
    into: Path,
    *,
    dialect: Dialect = Dialect.CURRENT,
    with_addresses: bool = False,
    exported_at: datetime | None = None,
) -> list[Path]:
    """Write the six files of `base` into the folder `into`, made if needed. Returns their paths.

    `with_addresses` chooses ElevesAvecAdresses over ElevesSansAdresses. `exported_at`: local time in France, without
    zone, as the files write it; the morning of the base's day unless given. The same base gives the same bytes.
    """
    into.mkdir(parents=True, exist_ok=True)
    pupils = "ElevesAvecAdresses" if with_addresses else "ElevesSansAdresses"
    writers: dict[str, Callable[[_Siecle], None]] = {
        pupils: lambda siecle: siecle.pupils(with_addresses=with_addresses),
        "ResponsablesAvecAdresses": _Siecle.guardians,
        "Structures": _Siecle.divisions,
        "Nomenclature": _Siecle.code_lists,
        "Communs": _Siecle.school,
    }
    written = []
    first = exported_at or datetime.combine(base.on, EXPORTED_AT)
    for rank, (stem, write) in enumerate(writers.items()):
        instant = first + timedelta(seconds=17 * rank)
        path = into / f"ExportXML_{stem}.zip"
        with _single_member(path, f"{stem}.xml", instant) as stream:
            write(_Siecle(base, stream, dialect, instant))
        written.append(path)
    # STS-Web does not zip its export (§ 2).
    path = into / f"sts_emp_{base.school.uai}_{base.year}.xml"
    with path.open("wb") as stream:
        _write_staff(base, stream)
    return [*written, path]


@contextmanager
def _single_member(path: Path, name: str, at: datetime) -> Iterator[IO[bytes]]:
    """The stream of the one member of a new zip file, dated `at` so that the same base gives the same bytes."""
    member = zipfile.ZipInfo(name, date_time=at.timetuple()[:6])
    member.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w") as archive, archive.open(member, "w") as stream:
        yield stream


# Elements -----------------------------------------------------------------------------------------------------------
def exported(text: str) -> str:
    """What the ministry's exporter makes of a text: a character outside ISO-8859-15 becomes « ? » (§ 1.1)."""
    if text.isascii():
        return text
    return "".join(c if c in _DIRECTIONS else c.encode(ENCODING, "replace").decode(ENCODING) for c in text)


def _put(under: etree._Element, tag: str, text: str | None = "", **attributes: str) -> etree._Element:
    """Add `<tag>text</tag>` under an element: "" writes the empty tag, None the self-closed one."""
    child = etree.SubElement(under, tag, {name: exported(value) for name, value in attributes.items()})
    child.text = None if text is None else exported(text)
    return child


def _put_if(under: etree._Element, tag: str, text: str) -> None:
    """Add the tag only when there is something: NULL in the ministry's base is an absent tag."""
    if text:
        _put(under, tag, text)


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


class _Document:
    """A stream of XML, indented as the ministry's are."""

    def __init__(self, stream: IO[bytes], step: int) -> None:
        self.stream = stream
        self.step = step
        self.depth = 0
        self.xml: Any = None

    @contextmanager
    def element(self, tag: str, **attributes: str) -> Iterator[None]:
        """Everything written inside stands in `tag`. The outermost one opens the document."""
        if self.xml is None:
            with etree.xmlfile(self.stream, encoding=ENCODING) as self.xml:
                self.xml.write_declaration()
                with self._inside(tag, attributes):
                    yield
        else:
            self._line()
            with self._inside(tag, attributes):
                yield

    @contextmanager
    def _inside(self, tag: str, attributes: Mapping[str, str]) -> Iterator[None]:
        with self.xml.element(tag, attributes):
            self.depth += 1
            yield
            self.depth -= 1
            self._line()

    def write(self, element: etree._Element) -> None:
        """One whole element, then forgotten."""
        etree.indent(element, space=" " * self.step, level=self.depth)
        self._line()
        self.xml.write(element)

    def _line(self) -> None:
        self.xml.write("\n" + " " * (self.step * self.depth))


# SIECLE -------------------------------------------------------------------------------------------------------------
class _Siecle:
    """One SIECLE document of the base."""

    def __init__(self, base: SchoolBase, stream: IO[bytes], dialect: Dialect, at: datetime) -> None:
        self.base = base
        self.document = _Document(stream, step=2)
        self.is_old = dialect is Dialect.BEFORE_2018
        self.versions = _VERSIONS[dialect]
        self.at = at

    @contextmanager
    def _root(self, name: str) -> Iterator[None]:
        """The root, PARAMETRES, and DONNEES open."""
        with self.document.element(f"BEE_{name}", VERSION=self.versions[name]):
            parameters = etree.Element("PARAMETRES")
            _put(parameters, "UAJ", self.base.school.uai)
            _put(parameters, "ANNEE_SCOLAIRE", str(self.base.year))
            _put(parameters, "DATE_EXPORT", _day(self.at.date()))
            _put(parameters, "HORODATAGE", f"{self.at:%d/%m/%Y %H:%M:%S}")
            self.document.write(parameters)
            with self.document.element("DONNEES"):
                yield

    def _every_pupil(self) -> Iterator[tuple[Family, PupilRow]]:
        return ((family, pupil) for family in self.base.families for pupil in family.pupils)

    # Eleves ---------------------------------------------------------------------------------------------------------
    def pupils(self, *, with_addresses: bool) -> None:
        """ElevesSansAdresses or ElevesAvecAdresses (§ 1.3)."""
        document = self.document
        with self._root("ELEVES"):
            with document.element("ELEVES"):
                for family, pupil in self._every_pupil():
                    document.write(self._pupil(family, pupil, with_addresses=with_addresses))
            with document.element("OPTIONS"):
                for _family, pupil in self._every_pupil():
                    if pupil.division and pupil.is_active_on(self.base.on):
                        document.write(_option(pupil))
            with document.element("STRUCTURES"):
                for _family, pupil in self._every_pupil():
                    if pupil.division:
                        document.write(_structures(pupil))
            document.write(etree.Element("DPPS"))
            document.write(etree.Element("BOURSES"))
            if with_addresses:
                with document.element("ADRESSES"):
                    for family in self.base.families:
                        self._addresses(filter(None, (_home(family, pupil) for pupil in family.pupils)))
            else:
                document.write(etree.Element("ADRESSES"))

    def _pupil(self, family: Family, pupil: PupilRow, *, with_addresses: bool) -> etree._Element:
        number = str(pupil.number)
        element = etree.Element("ELEVE", {"ELEVE_ID": str(pupil.key), "ELENOET": number})
        if pupil.ine:
            _put(element, "ID_NATIONAL", ine_bea(int(pupil.ine[2:9])) if self.is_old else pupil.ine)
        _put(element, "ELENOET", number)
        _put(element, "ID_ELEVE_ETAB", f"{pupil.number:05d}{self.base.school.uai[1:7]}")
        _put(element, "NOM" if self.is_old else "NOM_DE_FAMILLE", pupil.birth_name)
        _put_if(element, "NOM_USAGE", pupil.used_name)
        _put(element, "PRENOM", pupil.first_name)
        for rank, name in enumerate(pupil.other_first_names[:2], start=2):
            _put(element, f"PRENOM{rank}", name)
        if pupil.birth_on:
            _put(element, "DATE_NAISS", _day(pupil.birth_on))
        _put(element, "DOUBLEMENT", "0")
        _put(element, "CODE_PAYS", pupil.country)
        _put(element, "ACCEPTE_SMS", "1" if pupil.mobile else "0")
        if pupil.left_on:
            _put(element, "DATE_SORTIE", _day(pupil.left_on))
        _put(element, "CODE_REGIME", "2 " if self.is_old else "24")
        if pupil.entered_on:
            _put(element, "DATE_ENTREE", _day(pupil.entered_on))
        _put_if(element, "CODE_MOTIF_SORTIE", pupil.exit_reason)
        _put(element, "VILLE_NAISS", pupil.foreign_birth_town)
        _put_if(element, "MEL", pupil.email)
        _put_if(element, "TEL_PORTABLE", self._phone(pupil.mobile))
        _put_if(element, "CODE_SEXE", pupil.sex)
        if pupil.mef:
            _put(element, "CODE_STATUT", "ST")
            _put(element, "CODE_MEF", pupil.mef)
        home = _home(family, pupil)
        # A tenth of the pupils of the file « sans adresses » carry an id that leads nowhere: 164/1 568 in a real one.
        if home and (with_addresses or pupil.key % 10 == 0):
            _put(element, "ADRESSE_ID", str(home.key))
        _put(element, "ADHESION_TRANSPORT", "0")
        _put(element, "CODE_PROVENANCE", "1")
        element.append(self._last_year(pupil))
        return element

    def _last_year(self, pupil: PupilRow) -> etree._Element:
        """Last year's division: nested tags of the same names as this year's, which must not be taken for them."""
        element = etree.Element("SCOLARITE_AN_DERNIER")
        if not pupil.division:
            return element
        grade, _space, letter = pupil.division.partition(" ")
        before = {"6E": "CM2", "5E": "6E", "4E": "5E", "3E": "4E"}.get(grade, grade)
        is_new = grade == "6E"
        if not is_new:
            _put(element, "CODE_MEF", next((mef for mef, (name, *_) in MEFS.items() if name[:1] == before[:1]), ""))
        _put(element, "CODE_STRUCTURE", f"{before} {letter}")
        _put(element, "CODE_RNE", "0999902A" if is_new else self.base.school.uai)
        _put(element, "DENOM_PRINC", "ECOLE PRIMAIRE" if is_new else "COLLEGE")
        return element

    # Responsables ---------------------------------------------------------------------------------------------------
    def guardians(self) -> None:
        """ResponsablesAvecAdresses (§ 1.4)."""
        document = self.document
        with self._root("RESPONSABLES"):
            with document.element("PERSONNES"):
                for family in self.base.families:
                    for guardian in family.guardians:
                        document.write(self._guardian(guardian))
            with document.element("RESPONSABLES"):
                for _family, pupil in self._every_pupil():
                    legal_ranks = count(1)
                    for link in pupil.links:
                        rank = next(legal_ranks) if link.level == LEGAL else 0
                        document.write(_old_link(pupil, link, rank) if self.is_old else _link(pupil, link))
            with document.element("ADRESSES"):
                for family in self.base.families:
                    self._addresses(guardian.address for guardian in family.guardians if guardian.address)

    def _guardian(self, guardian: GuardianRow) -> etree._Element:
        element = etree.Element("PERSONNE", {"PERSONNE_ID": str(guardian.key)})
        if guardian.title:
            _put(element, "LC_CIVILITE", guardian.title)
            _put(element, "LL_CIVILITE", {"MME": "MADAME", "M.": "MONSIEUR"}[guardian.title])
        _put(element, "NOM" if self.is_old else "NOM_DE_FAMILLE", guardian.birth_name)
        _put_if(element, "NOM_USAGE", guardian.used_name)
        _put(element, "PRENOM", guardian.first_name)
        _put(element, "TEL_PERSONNEL", self._phone(guardian.home_phone))
        _put(element, "TEL_PORTABLE", self._phone(guardian.mobile))
        if guardian.accepts_sms is not None:
            _put(element, "ACCEPTE_SMS", "1" if guardian.accepts_sms else "0")
        _put(element, "TEL_PROFESSIONNEL", self._phone(guardian.work_phone))
        _put(element, "MEL", guardian.email)
        _put(element, "COMMUNICATION_ADRESSE", "1" if guardian.shares_address else "0")
        if guardian.address:
            _put(element, "ADRESSE_ID", str(guardian.address.key))
        return element

    def _phone(self, number: str) -> str:
        # Numbers longer than 20 characters are dropped by the exporter (§ 1.3).
        written = national(number) if self.is_old else number
        return written if len(written) <= 20 else ""

    def _addresses(self, addresses: Iterable[AddressRow]) -> None:
        """Each address of a family once: several persons share one."""
        for address in {address.key: address for address in addresses}.values():
            self.document.write(_address(address))

    # Structures, Nomenclature, Communs ------------------------------------------------------------------------------
    def divisions(self) -> None:
        """Structures (§ 1.5): divisions, and language groups made of two divisions."""
        with self._root("STRUCTURES"):
            with self.document.element("DIVISIONS"):
                for division in self.base.divisions:
                    element = etree.Element("DIVISION", {"CODE_STRUCTURE": division.code})
                    _put(element, "LIBELLE_LONG", division.label)
                    _put(element, "CODE_RNE", self.base.school.uai)
                    curricula = _put(element, "MEFS_APPARTENANCE", None)
                    for mef in division.mefs:
                        _put(_put(curricula, "MEF_APPARTENANCE", None), "CODE_MEF", mef)
                    self.document.write(element)
            with self.document.element("GROUPES"):
                for code, members in _groups(self.base.divisions).items():
                    element = etree.Element("GROUPE", {"CODE_STRUCTURE": code})
                    _put(element, "LIBELLE_LONG")
                    _put(element, "CODE_RNE", self.base.school.uai)
                    belonging = _put(element, "DIVISIONS_APPARTENANCE", None)
                    for member in members:
                        _put(_put(belonging, "DIVISION_APPARTENANCE", None), "CODE_STRUCTURE", member)
                    self.document.write(element)

    def code_lists(self) -> None:
        """Nomenclature (§ 1.7, 1.8): the lists of codes this school uses."""
        with self._root("NOMENCLATURES"):
            with self.document.element("MEFS"):
                for code, (formation, label, mefstat) in MEFS.items():
                    element = etree.Element("MEF", {"CODE_MEF": code})
                    for tag, text in (("FORMATION", formation), ("SPECIALITE", ""), ("LIBELLE_LONG", label)):
                        _put(element, tag, text)
                    _put(element, "STATUT_MEF", "1")
                    _put(element, "CODE_MEFSTAT", mefstat)
                    _put(element, "DATE_OUVERTURE", "01/09/1995")
                    _put(element, "DATE_FERMETURE", "31/12/9999")
                    self.document.write(element)
            subjects = {code: (short, label) for code, (_management, short, label) in SUBJECTS.items()}
            self._codes("MATIERES", "MATIERE", "CODE_MATIERE", subjects)
            self._codes("REGIMES", "REGIME", "CODE_REGIME", REGIMES)
            self._codes("LIENS_PARENTE", "LIEN_PARENTE", "CODE_PARENTE", KINSHIPS)
            self._codes("NIVEAUX_RESPONSABILITE", "N_NIVEAU_RESPONSABILITE", "NIVEAU_RESPONSABILITE", LEVELS)
            self._codes("PROVENANCES", "PROVENANCE", "CODE_PROVENANCE", ORIGINS)
            self._codes("MOTIFS_SORTIE", "MOTIF_SORTIE", "CODE_MOTIF_SORTIE", EXIT_REASONS)
            self._codes("STATUTS_ELEVE", "STATUT_ELEVE", "CODE_STATUT", STATUSES)
            self._codes("TYPES_ETABLISSEMENT", "TYPE_ETABLISSEMENT", "CODE_TYPE_ETAB", SCHOOL_KINDS)
            self._codes("CIVILITES", "CIVILITE", "CODE_CIVILITE", CIVILITIES)

    def _codes(self, block: str, tag: str, key: str, codes: Mapping[str, tuple[str, str]]) -> None:
        with self.document.element(block):
            for code, (short, long) in codes.items():
                element = etree.Element(tag, {key: code})
                _put(element, "LIBELLE_COURT", short)
                _put(element, "LIBELLE_LONG", long)
                self.document.write(element)

    def school(self) -> None:
        """Communs (§ 1.6): the school, and the dates of this year and the last."""
        school, year = self.base.school, self.base.year
        with self._root("COMMUN"):
            element = etree.Element("UAJ")
            _put(element, "ETAB_UAJ_ID", "1")
            _put(element, "DENOM_PRINC", "COLLEGE" if school.kind == "CLG" else "LYCEE")
            _put(element, "DENOM_COMPL", school.name)
            _put(element, "NOM_RESP", school.head_name)
            _put(element, "QUAL_RESP", "LE CHEF D'ETABLISSEMENT")
            _put(element, "LIGNE1_ADRESSE", school.address)
            _put(element, "TELEPHONE", school.phone)
            _put(element, "MEL_1", school.email)
            _put(element, "CODE_TYPE_ETAB", school.kind)
            _put(element, "SECTEUR_CODE", "PU")
            _put(element, "CODE_POSTAL", school.postcode)
            _put(element, "CODE_PAYS", "100")
            _put(element, "LIBELLE_POSTAL", school.town)
            self.document.write(element)
            for tag, start in (("ANNEE_SCOLAIRE", year), ("ANNEE_SCOLAIRE_AD", year - 1)):
                dates = etree.Element(tag)
                for who in ("ELEVE", "PROF"):
                    _put(dates, f"DATE_DEBUT_{who}", _day(date(start, 9, 1)))
                    _put(dates, f"DATE_FIN_{who}", _day(date(start + 1, 8, 31)))
                self.document.write(dates)
            self.document.write(etree.Element("PERIODES_PEDAGOGIQUES"))
            self.document.write(etree.Element("CALENDRIERS_FERMETURES"))


def _home(family: Family, pupil: PupilRow) -> AddressRow | None:
    """Where the pupil lives: the address of the first person they live with."""
    addresses = {guardian.key: guardian.address for guardian in family.guardians}
    return next((a for link in pupil.links if link.lives_with and (a := addresses.get(link.guardian_key))), None)


def _group_of(division: str) -> str:
    """The language group of a division: « 5E A » and « 5E B » make « 5ANG GR1 ». At most eight characters."""
    grade, _space, letter = division.partition(" ")
    rank = ord(letter) - ord("A") if letter.isalpha() else int(letter or 1) - 1
    return f"{grade[:1]}ANG GR{rank // 2 + 1}" if rank < 18 else f"{grade[:1]}AN{rank // 2 + 1}"


def _groups(divisions: Iterable[DivisionRow]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for division in divisions:
        groups.setdefault(_group_of(division.code), []).append(division.code)
    return groups


def _option(pupil: PupilRow) -> etree._Element:
    element = etree.Element("OPTION", {"ELEVE_ID": str(pupil.key), "ELENOET": str(pupil.number)})
    option = _put(element, "OPTIONS_ELEVE", None)
    _put(option, "NUM_OPTION", "1")
    _put(option, "CODE_MODALITE_ELECT", "O")
    _put(option, "CODE_MATIERE", "030201")
    return element


def _structures(pupil: PupilRow) -> etree._Element:
    """The pupil's division and group, in either order, as real files have them."""
    element = etree.Element("STRUCTURES_ELEVE", {"ELEVE_ID": str(pupil.key), "ELENOET": str(pupil.number)})
    both = [(pupil.division, "D"), (_group_of(pupil.division), "G")]
    for code, kind in reversed(both) if pupil.key % 3 == 0 else both:
        structure = _put(element, "STRUCTURE", None)
        _put(structure, "CODE_STRUCTURE", code)
        _put(structure, "TYPE_STRUCTURE", kind)
    return element


def _link(pupil: PupilRow, link: LinkRow) -> etree._Element:
    """A link as written since 2018. Booleans are mixed on purpose: so are the ministry's."""
    element = etree.Element("RESPONSABLE_ELEVE")
    _put(element, "ELEVE_ID", str(pupil.key))
    _put(element, "PERSONNE_ID", str(link.guardian_key))
    if link.level is not None:
        _put(element, "NIVEAU_RESPONSABILITE", str(link.level))
    _put(element, "CODE_PARENTE", link.kinship)
    _put(element, "PAIE_FRAIS_SCOLAIRES", "1" if link.pays else "0")
    if link.level == LEGAL:
        _put(element, "PERCOIT_LES_AIDES", "true" if link.pays else "false")
    _put(element, "HEBERGE_ELEVE", "true" if link.lives_with else "false")
    if link.level in (LEGAL, rows.CARER):
        _put(element, "A_CONTACTER_EN_PRIORITE", "true" if link.pays else "false")
    return element


def _old_link(pupil: PupilRow, link: LinkRow, legal_rank: int) -> etree._Element:
    """A link as written before 2018: legal guardians are n° 1 and n° 2, everybody else is 0."""
    element = etree.Element("RESPONSABLE_ELEVE")
    _put(element, "ELEVE_ID", str(pupil.key))
    _put(element, "PERSONNE_ID", str(link.guardian_key))
    if link.level is not None:
        _put(element, "RESP_LEGAL", str(min(legal_rank, 2)))
    _put(element, "CODE_PARENTE", _OLD_KINSHIP[link.kinship])
    _put(element, "RESP_FINANCIER", "1" if link.pays else "0")
    _put(element, "PERS_PAIEMENT", "1" if link.pays else "0")
    _put(element, "PERS_CONTACT", "1" if link.level == LEGAL else "0")
    return element


def _address(address: AddressRow) -> etree._Element:
    element = etree.Element("ADRESSE", {"ADRESSE_ID": str(address.key)})
    for rank in range(4):
        _put(element, f"LIGNE{rank + 1}_ADRESSE", address.lines[rank] if rank < len(address.lines) else "")
    _put_if(element, "COMMUNE_ETRANGERE", address.foreign_town)
    _put_if(element, "CODE_POSTAL", address.postcode)
    _put(element, "CODE_PAYS", address.country_code)
    _put(element, "LL_PAYS", address.country)
    if address.postcode:
        _put(element, "CODE_DEPARTEMENT", f"0{address.postcode[:2]}")
    _put_if(element, "LIBELLE_POSTAL", address.town)
    return element


# STS-Web ------------------------------------------------------------------------------------------------------------
def _write_staff(base: SchoolBase, stream: IO[bytes]) -> None:
    """sts_emp (§ 2): the school, the staff with the form tutors' mandates, the divisions."""
    document = _Document(stream, step=4)
    with document.element("STS_EDT"):
        document.write(_sts_parameters(base))
        document.write(_sts_code_lists())
        with document.element("DONNEES"):
            with document.element("INDIVIDUS"):
                for member in base.staff:
                    document.write(_staff_member(member))
            with document.element("STRUCTURE"):
                with document.element("DIVISIONS"):
                    for rank, division in enumerate(base.divisions):
                        document.write(_sts_division(base, rank, division))
                with document.element("GROUPES"):
                    for code, members in _groups(base.divisions).items():
                        group = etree.Element("GROUPE", {"CODE": code})
                        _put(group, "LIBELLE_LONG", None)
                        belonging = _put(group, "DIVISIONS_APPARTENANCE", None)
                        for member_code in members:
                            _put(belonging, "DIVISION_APPARTENANCE", None, CODE=member_code)
                        document.write(group)


def _sts_parameters(base: SchoolBase) -> etree._Element:
    school = base.school
    element = etree.Element("PARAMETRES")
    block = _put(element, "UAJ", None, CODE=school.uai)
    academy = _put(block, "ACADEMIE", None)
    _put(academy, "CODE", school.academy_code)
    _put(academy, "LIBELLE", school.academy_name)
    fields = (
        ("SIGLE", school.kind), ("DENOM_PRINC", "COLLEGE" if school.kind == "CLG" else "LYCEE"),
        ("DENOM_COMPL", school.name), ("CODE_NATURE", "340" if school.kind == "CLG" else "302"),
        ("CODE_CATEGORIE", "ETAB"), ("MENTION_DISTRIBUTION", None), ("ADRESSE", school.address),
        ("COMMUNE", school.town), ("CODE_POSTAL", school.postcode), ("BOITE_POSTALE", None), ("CEDEX", "N"),
        ("TELEPHONE", school.phone), ("STATUT", "public"), ("ETABLISSEMENT_SENSIBLE", "false"),
    )  # fmt: skip
    for tag, text in fields:
        _put(block, tag, text)
    year = _put(element, "ANNEE_SCOLAIRE", None, ANNEE=str(base.year))
    _put(year, "DATE_DEBUT", f"{base.year}-09-01")
    _put(year, "DATE_FIN", f"{base.year + 1}-08-31")
    return element


def _sts_code_lists() -> etree._Element:
    element = etree.Element("NOMENCLATURES")
    titles = _put(element, "CIVILITES", None)
    for code, (short, long) in CIVILITIES.items():
        title = _put(titles, "CIVILITE", None, CODE=code)
        _put(title, "LIBELLE_COURT", short)
        _put(title, "LIBELLE_LONG", long)
    subjects = _put(element, "MATIERES", None)
    for code, (management, short, _long) in SUBJECTS.items():
        subject = _put(subjects, "MATIERE", None, CODE=code)
        _put(subject, "CODE_GESTION", management)
        _put(subject, "LIBELLE_COURT", short)
    curricula = _put(element, "MEFS", None)
    for code, (formation, label, mefstat) in MEFS.items():
        curriculum = _put(curricula, "MEF", None, CODE=code)
        for tag, text in (("FORMATION", formation), ("SPECIALITE", None), ("LIBELLE_LONG", label)):
            _put(curriculum, tag, text)
        _put(curriculum, "MEFSTAT11", mefstat)
        _put(curriculum, "MEFSTAT4", mefstat[:4])
    return element


def _staff_member(member: StaffRow) -> etree._Element:
    element = etree.Element("INDIVIDU", {"ID": str(member.key), "TYPE": member.source_type})
    # SEXE is often empty for staff the school typed itself.
    _put(element, "SEXE", None if member.source_type == "local" else member.title)
    _put(element, "CIVILITE", member.title)
    _put(element, "NOM_USAGE", member.used_name)
    _put(element, "NOM_PATRONYMIQUE", member.birth_name)
    _put(element, "PRENOM", member.first_name)
    if member.born_on:
        _put(element, "DATE_NAISSANCE", member.born_on.isoformat())
    _put_if(element, "GRADE", member.rank)
    _put_if(element, "FONCTION", member.function)
    if member.mandates:
        mandates = _put(element, "PROFS_PRINC", None)
        for mandate in member.mandates:
            held = _put(mandates, "PROF_PRINC", None)
            _put(held, "CODE_STRUCTURE", mandate.division)
            _put(held, "DATE_DEBUT", mandate.starts_on.isoformat())
            _put(held, "DATE_FIN", mandate.ends_on.isoformat())
    if member.subject[0]:
        subject = _put(_put(element, "DISCIPLINES", None), "DISCIPLINE", None, CODE=member.subject[0])
        _put(subject, "LIBELLE_COURT", member.subject[1])
        _put(subject, "NB_HEURES", "18.00")
    return element


def _sts_division(base: SchoolBase, rank: int, division: DivisionRow) -> etree._Element:
    element = etree.Element("DIVISION", {"CODE": division.code})
    _put(element, "LIBELLE_LONG", division.label)
    _put(element, "EFFECTIF_PREVU", "26")
    _put(element, "EFFECTIF_CALCULE", "26")
    curricula = _put(element, "MEFS_APPARTENANCE", None)
    for mef in division.mefs:
        _put(curricula, "MEF_APPARTENANCE", None, CODE=mef)
    teaching = [member for member in base.staff if member.function == "ENS"]
    lessons = _put(element, "SERVICES", None)
    if teaching:
        who = teaching[rank % len(teaching)]
        lesson = _put(lessons, "SERVICE", None, CODE_MATIERE="020700", CODE_MOD_COURS="CG")
        _put(lesson, "HEURES_STRUCTURE", "4.50")
        given = _put(_put(lesson, "ENSEIGNANTS", None), "ENSEIGNANT", None, ID=str(who.key), TYPE=who.source_type)
        _put(given, "HEURES_AGENT", "4.50")
    return element
