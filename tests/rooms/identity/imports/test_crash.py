"""`kill -9` at any moment of an import: the school stands exactly before or after, and asking again ends well."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rooms.identity.imports.build import UAI, SchoolFiles

CHILD = """
import os, signal, sys
from datetime import UTC, datetime
import django
django.setup()
from preau.identity.imports import apply, runs
from preau.identity.imports.models import ImportRun

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

where, pk = sys.argv[1], int(sys.argv[2])
if where.startswith("_"):
    setattr(apply._Writer, where, die)
elif where == "commit":
    runs.log.info = die
runs.apply_asked(pk, at=datetime(2026, 11, 24, 9, tzinfo=UTC))
if where == "after":
    die()
"""
PREPARE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
from preau.identity.imports import runs, schools
call_command("migrate", verbosity=0)
at = datetime(2026, 11, 24, 9, tzinfo=UTC)
schools.add(sys.argv[1], by="system:command", at=at)
files = [(path.name, path.read_bytes()) for path in sorted(Path(sys.argv[2]).iterdir())]
run = runs.ask(runs.prepare(files, uai=sys.argv[1], by="staff:1", at=at), by="staff:1", at=at)
print(run.pk)
"""
AGAIN = """
import json, sys
from datetime import UTC, datetime
import django
django.setup()
from preau.identity.accounts.models import Account
from preau.identity.audit.models import Event
from preau.identity.directory.models import Division, Guardian, Guardianship, Pupil
from preau.identity.imports import runs
from preau.identity.imports.models import ImportFile, ImportRun

def counted():
    return {
        "stage": ImportRun.objects.get().stage,
        "rows": [model.objects.count() for model in (Pupil, Division, Guardian, Guardianship, Account)],
        "applied": Event.objects.filter(name="imports.applied").count(),
        "contents": ImportFile.objects.exclude(content=None).count(),
    }

found = counted()
runs.apply_asked(int(sys.argv[1]), at=datetime(2026, 11, 24, 9, tzinfo=UTC))
print(json.dumps([found, counted()]))
"""


def child(code: str, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A process of its own on a database of its own: killing it is real."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder / 'school.sqlite3'}", "PREAU_VAR": str(folder)}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> tuple[Path, int]:
    """A school whose import was asked, and no worker has begun."""
    folder, files = tmp_path_factory.mktemp("asked"), tmp_path_factory.mktemp("files")
    for name, content in SchoolFiles().all():
        (files / name).write_bytes(content)
    made = child(PREPARE, folder, UAI, files)
    assert made.returncode == 0, made.stderr
    return folder, int(made.stdout)


@pytest.fixture
def town(asked, tmp_path) -> tuple[Path, int]:
    """A copy of it, to be broken."""
    folder, run = asked
    (tmp_path / "school.sqlite3").write_bytes((folder / "school.sqlite3").read_bytes())
    return tmp_path, run


BEFORE = {"stage": "asked", "rows": [0, 0, 0, 0, 0], "applied": 0, "contents": 6}
AFTER = {"stage": "applied", "rows": [3, 2, 3, 4, 6], "applied": 1, "contents": 0}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("_pupils", BEFORE), ("_links", BEFORE), ("_watched", BEFORE), ("commit", BEFORE), ("after", AFTER)],
)
def test_a_worker_killed_in_the_middle_leaves_the_school_before_or_after_and_the_next_one_ends(town, moment, expected):
    folder, run = town
    assert child(CHILD, folder, moment, run).returncode == -9
    assert json.loads(child(AGAIN, folder, run).stdout) == [expected, AFTER]
