"""The programs of these tests: each on a free port, its words kept, ended with all it started."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

STARTS_WITHIN, ENDS_WITHIN = 60.0, 10.0
# Debian keeps its servers there, off the PATH of ordinary accounts.
SERVERS = "/usr/sbin:/sbin"
# Apache and Shibboleth do not want to be root, nor do we want them to.
NOBODY = "nobody" if os.geteuid() == 0 else None


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def give_away(folder: Path) -> None:
    """What is in `folder` becomes nobody's, so that a program run as nobody reads and writes there."""
    if NOBODY:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, 65534, 65534)


@contextmanager
def running(
    command: Sequence[str],
    *,
    log: Path,
    ready: str | Callable[[], bool],
    environment: dict[str, str] | None = None,
    folder: Path | None = None,
    user: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program, once its address answers anything (or `ready` says so). What it said is in the error of who waited."""
    said = {**(environment or dict(os.environ)), "PATH": f"{os.environ['PATH']}:{SERVERS}"}
    with log.open("ab") as words:
        if user:
            shutil.chown(log, user)
        process = subprocess.Popen(
            command, cwd=folder, env=said, stdin=subprocess.DEVNULL, stdout=words, stderr=words, user=user,
            start_new_session=True,
        )  # fmt: skip
        try:
            wait_for(process, ready, log)
            yield process
        finally:
            end(process)


def wait_for(process: subprocess.Popen[bytes], ready: str | Callable[[], bool], log: Path) -> None:
    """Until it answers."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        if _answers(ready) if isinstance(ready, str) else ready():
            return
        time.sleep(0.05)
    words = log.read_text(encoding="utf-8", errors="replace")[-3000:]
    raise AssertionError(f"{process.args!s}\ndid not start ({process.poll()}):\n{words}")


def _answers(address: str) -> bool:
    try:
        requests.get(address, timeout=5, allow_redirects=False)
    except (requests.ConnectionError, requests.Timeout):
        return False
    return True


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program and all it started: politely, then not."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDS_WITHIN)
    # Workers that outlive the one who started them go too.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
