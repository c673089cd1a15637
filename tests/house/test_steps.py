"""A step of `make test` that hangs is ended with all it started: it never eats the hour of whoever waits."""

import os
import sys
import time
from pathlib import Path

from tooling.steps import Step

STARTS_ANOTHER = """
import pathlib, subprocess, sys, time
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1]).write_text(str(other.pid))
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").split()[2]
    except OSError:
        return False
    return state != "Z"


def test_a_step_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    started = tmp_path / "pid"
    step = Step("hangs", [sys.executable, "-c", STARTS_ANOTHER, str(started)], within=3.0)
    before = time.monotonic()
    step.run(quietly=True)
    assert step.code != 0
    assert time.monotonic() - before < 30
    pid = int(started.read_text("ascii"))
    for _ in range(50):
        if not is_running(pid):
            return
        time.sleep(0.1)
    os.kill(pid, 9)
    raise AssertionError("the process it started lives on")


def test_a_step_keeps_what_was_said_and_how_it_ended() -> None:
    step = Step("speaks", [sys.executable, "-c", "import sys; print('bonjour'); sys.exit(3)"])
    step.run(quietly=True)
    assert (step.code, step.output) == (3, "bonjour\n")
