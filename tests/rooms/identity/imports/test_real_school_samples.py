"""Real, anonymised exports, where they are: counts made by nobody's program, and shapes nobody here wrote."""

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from preau.identity.accounts.models import Account
from preau.identity.directory.models import Division, Enrolment, Guardian, Guardianship, guardians_with_rights
from preau.identity.imports import formats
from preau.identity.imports.causes import Cause, Refused
from preau.identity.staff.models import StaffRecord, Tutorship

pytestmark = pytest.mark.django_db


def bring(uai: str, files, *options: object) -> dict:
    call_command("school", "add", uai, stdout=StringIO())
    out = StringIO()
    call_command("import", *map(str, files), *map(str, options), "--json", stdout=out)
    return json.loads(out.getvalue())


def test_a_whole_college_of_2009_reaches_exactly_its_counts(samples):
    files = sorted((samples / "siecle-college-2009").glob("*.zip"))
    said = bring("0210066H", files, "--year", 2009, "--on", "2009-11-02")
    assert said["counts"] | said["accounts"] == {
        "pupils_in_file": 533, "pupils_with_ine": 527, "pupils_without_birth_date": 1, "pupils_with_exit_date": 133,
        "pupils_active": 402, "divisions": 17, "persons_in_file": 845, "persons_linked": 844, "links_in_file": 1017,
        "legal_guardians": 675, "guardians_with_account": 673, "staff_in_file": 33, "form_tutors": 17,
        "pupils_opened": 402, "guardians_opened": 673, "guardians_gathered": 0,
        "disabled": 0, "enabled": 0, "closed": 0,
    }  # fmt: skip
    day = datetime(2009, 11, 2, tzinfo=UTC).date()
    active = Enrolment.objects.active_on(day)
    assert (active.count(), active.exclude(division=None).count(), Division.objects.count()) == (402, 400, 17)
    assert (Guardian.objects.count(), Guardianship.objects.count(), StaffRecord.objects.count()) == (845, 1017, 33)
    legal = Guardianship.objects.legal().active_on(day).values("guardian").distinct().count()
    assert (legal, guardians_with_rights(day, uai="0210066H").count(), Tutorship.objects.count()) == (675, 673, 17)
    assert Account.objects.count() == 402 + 673
    assert bring("0210066H", files, "--year", 2009, "--on", "2009-11-02")["changes"] == {}


def test_the_college_of_2009_is_not_of_this_year(samples):
    with pytest.raises(CommandError, match="2009-2010"):
        bring("0210066H", sorted((samples / "siecle-college-2009").glob("*.zip")))


def test_structures_and_nomenclature_of_2022_bring_thirty_divisions_with_their_grades(samples):
    said = bring("0740032H", (samples / "siecle-2022").glob("*.zip"), "--year", 2022, "--on", "2022-09-08")
    assert said["changes"]["division"] == {"create": 30}
    assert set(Division.objects.values_list("grade", flat=True)) >= {"2111", "2112", "2115", "2116", "2434"}


def test_guardians_without_their_pupils_have_no_right_and_are_listed(samples):
    file = samples / "dossiersco" / "responsables_avec_adresses_simple.xml"
    said = bring("0140070A", [file], "--year", 2018, "--on", "2019-06-05")
    assert (said["doubts"]["link_to_unknown_pupil"], said["counts"]["legal_guardians"]) == (3, 0)
    assert not Account.objects.exists()


def test_a_broken_file_is_refused_with_its_line(samples):
    name = "eleves_avec_adresse_simple.xml"
    with pytest.raises(Refused) as caught:
        formats.read([(name, (samples / "dossiersco" / name).read_bytes())])
    assert (caught.value.cause, caught.value.facts["line"]) == (Cause.MALFORMED, 139)


@pytest.mark.parametrize(
    ("name", "cause"),
    [("schema_Import_3.1_avec_correction.xsd", Cause.UNKNOWN_ROOT), ("spec_code_parente.txt", Cause.NOT_XML)],
)
def test_what_lies_beside_an_export_is_no_export(samples, name, cause):
    with pytest.raises(Refused) as caught:
        formats.read([(name, (samples / "dossiersco" / name).read_bytes())])
    assert caught.value.cause is cause
