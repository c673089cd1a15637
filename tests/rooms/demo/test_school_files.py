"""The files the demo writes are the ministry's: read back with lxml, and with our own eyes on the odd cases."""

import re
import resource
import zipfile
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from preau.demo import bases, rows
from preau.demo.cast import cast_on
from preau.demo.rows import SchoolBase
from preau.demo.school_files import Dialect, write_files

ON = date(2026, 11, 23)
CAST = cast_on(ON)
STEMS = ["Communs", "ElevesSansAdresses", "Nomenclature", "ResponsablesAvecAdresses", "Structures"]


@pytest.fixture(scope="module")
def base() -> SchoolBase:
    return bases.base(pupils=120, seed=7, on=ON, year=2026)


@pytest.fixture(scope="module")
def folder(base: SchoolBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("siecle")
    write_files(base, into)
    return into


def member(folder: Path, stem: str) -> bytes:
    with zipfile.ZipFile(folder / f"ExportXML_{stem}.zip") as archive:
        assert archive.namelist() == [f"{stem}.xml"], "exactly one XML per zip"
        return archive.read(f"{stem}.xml")


def root(folder: Path, stem: str) -> etree._Element:
    return etree.fromstring(member(folder, stem))


def person(folder: Path, key: int) -> etree._Element:
    found = root(folder, "ResponsablesAvecAdresses").find(f".//PERSONNE[@PERSONNE_ID='{key}']")
    assert found is not None
    return found


def test_six_files_are_written_and_each_says_its_school_and_year(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        *(f"ExportXML_{stem}.zip" for stem in STEMS), "sts_emp_0991234D_2026.xml",
    ]  # fmt: skip
    for stem in STEMS:
        parameters = root(folder, stem).find("PARAMETRES")
        assert parameters is not None
        assert parameters.findtext("UAJ") == "0991234D"
        assert parameters.findtext("ANNEE_SCOLAIRE") == "2026"
        assert re.fullmatch(r"23/11/2026 07:1\d:\d\d", parameters.findtext("HORODATAGE") or "")


@pytest.mark.parametrize(
    ("stem", "tag", "version"),
    [
        ("ElevesSansAdresses", "BEE_ELEVES", "4.0"), ("ResponsablesAvecAdresses", "BEE_RESPONSABLES", "2.1"),
        ("Structures", "BEE_STRUCTURES", "2.0"), ("Nomenclature", "BEE_NOMENCLATURES", "4.0"),
        ("Communs", "BEE_COMMUN", "1.7"),
    ],
)  # fmt: skip
def test_roots_and_versions_are_todays(folder: Path, stem: str, tag: str, version: str) -> None:
    document = root(folder, stem)
    assert (document.tag, document.get("VERSION")) == (tag, version)
    assert b"encoding='ISO-8859-15'" in member(folder, stem)[:60]


def test_the_same_base_gives_the_same_bytes(base: SchoolBase, folder: Path, tmp_path: Path) -> None:
    for path in write_files(base, tmp_path):
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_every_ine_has_its_key_and_is_nobodys(folder: Path) -> None:
    found = [element.text or "" for element in root(folder, "ElevesSansAdresses").iter("ID_NATIONAL")]
    assert len(found) > 120
    assert all(ine == rows.ine_rnie(int(ine[2:9])) for ine in found)


def test_as_many_active_pupils_as_asked_and_leavers_on_top(folder: Path) -> None:
    pupils = root(folder, "ElevesSansAdresses").findall("DONNEES/ELEVES/ELEVE")
    exits = [pupil.findtext("DATE_SORTIE") for pupil in pupils]
    left = [day for day in exits if day and date(int(day[6:]), int(day[3:5]), int(day[:2])) <= ON]
    assert len(pupils) - len(left) == 120
    assert left


def test_links_structures_and_addresses_lead_to_someone(folder: Path) -> None:
    pupils, guardians = root(folder, "ElevesSansAdresses"), root(folder, "ResponsablesAvecAdresses")
    pupil_keys = {element.get("ELEVE_ID") for element in pupils.iter("ELEVE")}
    assert {element.get("ELEVE_ID") for element in pupils.iter("STRUCTURES_ELEVE")} <= pupil_keys
    links = guardians.findall("DONNEES/RESPONSABLES/RESPONSABLE_ELEVE")
    assert {link.findtext("ELEVE_ID") for link in links} <= pupil_keys
    persons = guardians.findall("DONNEES/PERSONNES/PERSONNE")
    assert {link.findtext("PERSONNE_ID") for link in links} <= {p.get("PERSONNE_ID") for p in persons}
    addresses = [a.get("ADRESSE_ID") for a in guardians.iter("ADRESSE")]
    assert len(set(addresses)) == len(addresses)
    assert {p.findtext("ADRESSE_ID") for p in persons} - {None} == set(addresses)


def test_codes_fit_the_ministrys_lengths(folder: Path) -> None:
    divisions = root(folder, "Structures")
    assert all(len(d.get("CODE_STRUCTURE") or "") <= 8 for d in divisions.iter("DIVISION", "GROUPE"))
    assert all(len(d.findtext("LIBELLE_LONG") or "") <= 20 for d in divisions.iter("DIVISION"))
    for line in root(folder, "ResponsablesAvecAdresses").iter("LIGNE1_ADRESSE", "LIGNE2_ADRESSE"):
        assert len(line.text or "") <= 38


def test_last_years_division_is_nested_and_differs(folder: Path) -> None:
    document = root(folder, "ElevesSansAdresses")
    ines = document.find(f".//ELEVE[@ELEVE_ID='{CAST.ines.key}']")
    assert ines is not None
    assert ines.findtext("SCOLARITE_AN_DERNIER/CODE_STRUCTURE") == "6E B"
    assert ines.findtext("CODE_STRUCTURE") is None
    own = document.find(f".//STRUCTURES_ELEVE[@ELEVE_ID='{CAST.ines.key}']")
    assert own is not None
    kinds = {s.findtext("TYPE_STRUCTURE"): s.findtext("CODE_STRUCTURE") for s in own}
    assert kinds == {"D": "5E B", "G": "5ANG GR1"}


def test_a_letter_outside_the_encoding_becomes_a_question_mark(folder: Path) -> None:
    assert person(folder, CAST.agnieszka.key).findtext("NOM_DE_FAMILLE") == "WI?NIEWSKI"


def test_oe_is_one_byte_of_iso_8859_15(base: SchoolBase, tmp_path: Path) -> None:
    write_files(base, tmp_path, with_addresses=True)
    assert "ALLÉE DES CŒURS-VAILLANTS".encode("iso8859-15") in member(tmp_path, "ElevesAvecAdresses")


def test_hostile_names_arrive_as_they_are(folder: Path) -> None:
    for guardian in (CAST.html, CAST.formula, CAST.typst):
        written = person(folder, guardian.key)
        assert written.findtext("NOM_DE_FAMILLE") == guardian.birth_name
        assert written.findtext("PRENOM") == guardian.first_name
    pupil = root(folder, "ElevesSansAdresses").find(f".//ELEVE[@ELEVE_ID='{CAST.ana.key}']")
    assert pupil is not None
    assert pupil.findtext("NOM_DE_FAMILLE") == CAST.ana.birth_name
    assert "\u202e" in CAST.ana.birth_name


def test_before_2018_links_have_two_legal_ranks_and_the_opposite_kinship(base: SchoolBase, tmp_path: Path) -> None:
    write_files(base, tmp_path, dialect=Dialect.BEFORE_2018)
    guardians = root(tmp_path, "ResponsablesAvecAdresses")
    assert guardians.get("VERSION") == "1.8"
    links = [link for link in guardians.iter("RESPONSABLE_ELEVE") if link.findtext("ELEVE_ID") == str(CAST.ines.key)]
    assert [(x.findtext("RESP_LEGAL"), x.findtext("CODE_PARENTE")) for x in links] == [("1", "2"), ("2", "1")]
    assert not list(guardians.iter("NIVEAU_RESPONSABILITE", "NOM_DE_FAMILLE"))
    assert person(tmp_path, CAST.samira.key).findtext("TEL_PORTABLE") == "06 39 98 00 17"
    contact = [x for x in guardians.iter("RESPONSABLE_ELEVE") if x.findtext("PERSONNE_ID") == str(CAST.yvonne.key)]
    assert [x.findtext("RESP_LEGAL") for x in contact] == ["0"]
    ines = [element.text or "" for element in root(tmp_path, "ElevesSansAdresses").iter("ID_NATIONAL")]
    assert ines and all(ine == rows.ine_bea(int(ine[2:10])) for ine in ines)


def test_sts_has_the_staff_with_their_mandates_and_colliding_numbers(folder: Path) -> None:
    document = etree.parse(folder / "sts_emp_0991234D_2026.xml").getroot()
    assert document.tag == "STS_EDT"
    assert document.find("PARAMETRES/UAJ").get("CODE") == "0991234D"
    assert document.find("PARAMETRES/ANNEE_SCOLAIRE").get("ANNEE") == "2026"
    members = document.findall("DONNEES/INDIVIDUS/INDIVIDU")
    tutor = next(m for m in members if m.findtext("NOM_USAGE") == "KERVELLA")
    assert tutor.findtext("PROFS_PRINC/PROF_PRINC/CODE_STRUCTURE") == "5E B"
    assert tutor.findtext("PROFS_PRINC/PROF_PRINC/DATE_FIN") == "2027-08-31"
    twelve = {(m.get("TYPE"), m.findtext("NOM_USAGE")) for m in members if m.get("ID") == "12"}
    assert twelve == {("dir", "VASSEUR"), ("local", "TRAORÉ")}
    codes = {division.get("CODE") for division in document.iter("DIVISION")}
    assert codes == {d.get("CODE_STRUCTURE") for d in root(folder, "Structures").iter("DIVISION")}


def test_memory_does_not_grow_with_the_school(tmp_path: Path) -> None:
    write_files(bases.base(pupils=300, seed=1, on=ON, year=2026), tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    write_files(bases.base(pupils=3_000, seed=1, on=ON, year=2026), tmp_path)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 8_000, "in KiB: ten times the pupils must not take ten times the memory"
