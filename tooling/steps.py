"""Runs named steps and tells how each ended: shared by `make check` and `make test`."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
DEVELOPMENT = {"PREAU_DEVELOPMENT": "1", "PREAU_SECRET": "only-for-the-checks-" * 2, "PREAU_VAR": "var/cache/check"}


@dataclass
class Step:
    """One command, and what it proves."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    within: float = 1_800.0  # seconds; a step that takes longer hangs, and is ended with all it started
    code: int = 0
    seconds: float = 0.0
    output: str = ""

    def run(self, *, quietly: bool) -> None:
        """Run it. `quietly` keeps the output for the end."""
        started = time.monotonic()
        kept = subprocess.PIPE if quietly else None
        try:
            with subprocess.Popen(
                [str(BIN / self.command[0]), *self.command[1:]],
                cwd=ROOT,
                env={**os.environ, **DEVELOPMENT, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=kept,
                stderr=subprocess.STDOUT if quietly else None,
                text=True,
                start_new_session=True,
            ) as process:
                try:
                    self.output = process.communicate(timeout=self.within)[0] or ""
                except subprocess.TimeoutExpired:
                    show(f"✗ {self.name}: ended after {self.within:.0f} s")
                finally:
                    if process.poll() is None:
                        _end(process)
                self.code = process.returncode
        except OSError as problem:
            self.code, self.output = 127, f"{problem}\n  → make clean, then the same verb again"
        self.seconds = time.monotonic() - started

    def line(self) -> str:
        """How it ended, in one line."""
        return f"{'✗' if self.code else '✓'} {self.name:<52} {self.seconds:6.1f} s"


def _end(process: subprocess.Popen[str]) -> None:
    """End a command and all it started: politely, so that tests close their houses, then not."""
    for sign, patience in ((signal.SIGINT, 20.0), (signal.SIGKILL, None)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return


def settings_of(site: str) -> dict[str, str]:
    """The environment that makes Django load a site."""
    return {"DJANGO_SETTINGS_MODULE": f"preau.{site}.settings"}


def show(text: str) -> None:
    """Print now, even through a pipe."""
    print(text, flush=True)
    sys.stdout.flush()
