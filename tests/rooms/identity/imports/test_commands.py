"""`preau identity school add` and `preau identity import`: what they say, and how they end."""

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from preau.identity.audit.models import Event
from preau.identity.directory.models import Pupil, School
from preau.identity.imports import plan
from preau.identity.imports.models import ImportRun, Stage
from tests.rooms.identity.imports.build import UAI, SchoolFiles

pytestmark = pytest.mark.django_db
SCHOOL = SchoolFiles()


@pytest.fixture(autouse=True)
def november(monkeypatch, settings):
    """The command takes the instant from the clock: it is November 2026."""
    settings.DEMO_NUMBERS = True
    monkeypatch.setattr("preau.clock._offset", lambda: datetime(2026, 11, 24, 9, tzinfo=UTC) - datetime.now(UTC))


@pytest.fixture
def folder(tmp_path):
    for name, content in SCHOOL.all():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def run(*arguments: object) -> str:
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_school_is_added_once():
    assert UAI in run("school", "add", "0991234d", "--name", "Collège Élise-Deroche")
    assert "déjà" in run("school", "add", UAI)
    assert School.objects.get().name == "Collège Élise-Deroche"
    assert Event.objects.count() == 1


def test_a_wrong_code_is_refused():
    with pytest.raises(CommandError, match="sept chiffres"):
        run("school", "add", "0991234A")


def test_files_are_imported_and_counted_in_plain_words(folder):
    run("school", "add", UAI)
    said = run("import", *folder.iterdir())
    assert "     3 élèves actifs\n" in said
    assert "     6 " not in said.split("Ce qui a changé")[0]
    assert "     3 comptes d’élèves ouverts\n" in said
    assert said.endswith("Import appliqué.\n")
    assert Pupil.objects.count() == 3


def test_nothing_to_do_is_said_and_is_no_failure(folder):
    run("school", "add", UAI)
    run("import", *folder.iterdir())
    assert run("import", *folder.iterdir()).endswith("Rien à changer\xa0: la base dit déjà la même chose.\n")


def test_a_trial_says_the_same_and_writes_nothing(folder):
    run("school", "add", UAI)
    before = Event.objects.count()
    assert run("import", *folder.iterdir(), "--dry-run").endswith("Essai\xa0: rien n’a été écrit.\n")
    assert (Pupil.objects.count(), ImportRun.objects.count(), Event.objects.count()) == (0, 0, before)


def test_counts_are_given_as_json(folder):
    run("school", "add", UAI)
    said = json.loads(run("import", *folder.iterdir(), "--json"))
    assert (said["school"], said["year"], said["is_applied"]) == (UAI, 2026, True)
    assert (
        said["counts"]["pupils_active"],
        said["counts"]["legal_guardians"],
        said["accounts"]["guardians_opened"],
    ) == (3, 3, 3)


def test_an_unknown_school_is_refused_with_the_line_to_type(folder):
    with pytest.raises(CommandError, match=f"preau identity school add {UAI}"):
        run("import", *folder.iterdir())


def test_another_year_is_refused_unless_asked(folder):
    run("school", "add", UAI)
    old = SCHOOL.but(year=2009, exported="02/11/2009 10:58:57")
    for name, content in old.all()[:5]:
        (folder / name).write_bytes(content)
    files = [folder / name for name, _ in old.all()[:5]]
    with pytest.raises(CommandError, match="2009-2010"):
        run("import", *files)
    assert not Pupil.objects.exists()
    assert "au 02/11/2009" in run("import", *files, "--year", 2009, "--on", "2009-11-02")


def test_a_refusal_is_told_in_json_too(folder):
    run("school", "add", UAI)
    (folder / "broken.xml").write_bytes(b"<BEE_ELEVES>")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("import", str(folder / "broken.xml"), "--json", stdout=out)
    assert json.loads(out.getvalue())["refused"] == "malformed"


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(CommandError, match="nulle-part"):
        run("import", "/nulle-part.xml")


def test_too_many_watched_changes_wait_on_screen_for_a_second_person(folder, monkeypatch):
    run("school", "add", UAI)
    monkeypatch.setattr(plan.Plan, "needs_second_person", True)
    with pytest.raises(CommandError, match="seconde personne"):
        run("import", *folder.iterdir())
    assert not Pupil.objects.exists()
    assert ImportRun.objects.get().stage == Stage.READY
