"""kill -9 in the middle of a piece of long work: another worker takes it up, and it is done once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

PLAY = """
import django; django.setup()
import sys
from django.core.management import call_command
from preau import clock
from preau.identity.jobs import run
from preau.identity.jobs.models import Job
from tests.rooms.identity.jobs import kinds
with kinds.known(kinds.dying):
    if sys.argv[1] == "ask":
        run.start("test.dying", by="staff:1", at=clock.now())
    call_command("worker", once=True)
    job = Job.objects.get()
    print(job.state, job.tries, job.result)
"""


def test_work_killed_in_the_middle_is_taken_up_by_the_next_worker(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0", encoding="ascii")
    world = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}", "PREAU_CLOCK_FILE": str(clock)}
    subprocess.run([sys.executable, "-m", "preau", "identity", "migrate", "-v0"], env=world, check=True)

    def play(what: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", PLAY, what], env=world, capture_output=True, text=True)

    assert play("ask").returncode == -signal.SIGKILL
    assert play("too early").stdout.split() == ["running", "1", "None"]
    clock.write_text("61", encoding="ascii")
    assert play("again").stdout.strip() == "done 2 {'tries': 2}"
