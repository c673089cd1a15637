"""The street for stories: three sites and the worker as real processes, on free ports, in a temporary folder."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
STARTS_WITHIN = 60.0
WSGI = [
    "--interface",
    "wsgi",
    "--host",
    "127.0.0.1",
    "--workers",
    "1",
    "--blocking-threads",
    "2",
    "--log-level",
    "warning",
]
CLIENT_SECRET = "between the two sites of a story"


@dataclass(frozen=True)
class Street:
    """Where everything is, for a story that knows only addresses."""

    var: Path
    identity: str
    eservices: str
    simulators: str
    environment: dict[str, str]

    def preau(self, site: str, *command: str) -> str:
        """Run ``preau SITE COMMAND…`` in this street and give what it says. A refusal fails the story."""
        done = subprocess.run(
            [sys.executable, "-m", "preau", site, *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"preau {site} {' '.join(command)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def emails(self, to: str, *, count: int = 1, within: float = 20.0) -> list[dict[str, Any]]:
        """The e-mails that reached `to`, newest first, once there are `count` of them."""
        until = time.monotonic() + within
        while True:
            found = requests.get(f"{self.simulators}/boite.json", params={"to": to}, timeout=5).json()["emails"]
            if len(found) >= count:
                return list(found)
            assert time.monotonic() < until, (
                f"{len(found)} e-mails for {to} after {within:.0f} s, not {count}\n{self.logs()}"
            )
            time.sleep(0.2)

    def move_clock(self, *, days: float = 0, hours: float = 0) -> None:
        """Move the whole street in time. A letter lives three months."""
        (self.var / "clock").write_text(str((days * 24 + hours) * 3600), encoding="ascii")

    def logs(self) -> str:
        """The last words of each process."""
        tails = (
            f"── {path.stem}\n{path.read_text(encoding='utf-8')[-1500:]}" for path in sorted(self.var.glob("*.log"))
        )
        return "\n".join(tails)


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


@contextmanager
def open_street(var: Path) -> Iterator[Street]:
    """Prepare the databases, start the processes, wait until they answer; stop them at the end."""
    street = lay_out(var, *free_ports(4))
    street.preau("identity", "migrate", "--verbosity", "0")
    street.preau("eservices", "migrate", "--verbosity", "0")
    with ExitStack() as stack:
        ports = {name: url.rpartition(":")[2] for name, url in vars(street).items() if isinstance(url, str)}
        granian = [str(BIN / "granian"), *WSGI]
        smtp = street.environment["PREAU_SIMULATORS_SMTP"]
        processes = {
            "identity": [*granian, "--port", ports["identity"], "preau.identity.wsgi:application"],
            "eservices": [*granian, "--port", ports["eservices"], "preau.eservices.wsgi:application"],
            "simulators": [
                sys.executable,
                "-m",
                "preau",
                "simulators",
                "serve",
                "--address",
                f"127.0.0.1:{ports['simulators']}",
                "--smtp",
                smtp,
            ],
            "worker": [sys.executable, "-m", "preau", "identity", "worker"],
        }
        started = {
            name: stack.enter_context(started_process(street, name, command)) for name, command in processes.items()
        }
        for name in ("identity", "eservices", "simulators"):
            wait_for(street, f"{getattr(street, name)}/healthz", started[name])
        yield street


def lay_out(var: Path, identity: int, eservices: int, simulators: int, smtp: int) -> Street:
    """The addresses and the environment. Three hosts as in `make run`, so that SameSite is truly exercised."""
    identity_url, eservices_url = f"http://localhost:{identity}", f"http://127.0.0.1:{eservices}"
    simulators_url = f"http://127.0.0.1:{simulators}"
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREAU_", "DJANGO_", "DATABASE_"))
    }
    return Street(
        var=var,
        identity=identity_url,
        eservices=eservices_url,
        simulators=simulators_url,
        environment={
            **kept,
            "PREAU_DEVELOPMENT": "1",
            "PREAU_VAR": str(var),
            "PREAU_SECRET": "only-for-stories-" * 4,
            "PREAU_PUBLIC_URL": identity_url,
            "PREAU_ESERVICES_URL": eservices_url,
            "PREAU_ESERVICES_ISSUER": identity_url,
            "PREAU_ESERVICES_CLIENT_SECRET": CLIENT_SECRET,
            "PREAU_SIMULATORS_URL": simulators_url,
            "PREAU_SIMULATORS_SMTP": f"127.0.0.1:{smtp}",
            "PREAU_SIMULATORS_CAST": str(var / "cast.json"),
            "PREAU_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
            "PREAU_STAFF_PORTAL_ISSUER": f"{simulators_url}/portail",
            "PREAU_CLOCK_FILE": str(var / "clock"),
            "PREAU_ARGON2_TIME_COST": "1",
            "PREAU_ARGON2_MEMORY_KIB": "64",
            "PREAU_LOG_LEVEL": "WARNING",
        },
    )


@contextmanager
def started_process(street: Street, name: str, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the street, its words kept in a file, ended by its own signal."""
    with (street.var / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=street.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(street: Street, url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until an address answers."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer\n{street.logs()}")
