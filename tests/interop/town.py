"""The site under test: Préau on production's server, a database of its own, Samira, Inès and their operator."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.interop.processes import end, free_port, running

ROOT = Path(__file__).resolve().parents[2]


class Clerk:
    """Whoever stands at the operator's desk: ``clerk("oidc", client_id=…)``."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "clerk.py")], cwd=ROOT, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True, start_new_session=True,
        )  # fmt: skip

    def __call__(self, what: str, /, **arguments: Any) -> Any:
        """Ask, and wait for the answer. What goes wrong there fails the test."""
        asked, answered = self._process.stdin, self._process.stdout
        assert asked and answered
        asked.write(json.dumps([what, arguments]) + "\n")
        asked.flush()
        line = answered.readline()
        assert line, f"the clerk is gone: {Path(self._log.name).read_text('utf-8')[-2000:]}"
        said = json.loads(line)
        assert "done" in said, said["failed"]
        return said["done"]

    def leave(self) -> None:
        """Close the desk."""
        for stream in (self._process.stdin, self._process.stdout, self._log):
            assert stream
            stream.close()
        end(self._process)  # type: ignore[arg-type]


@dataclass
class Town:
    """The site, and who lives there."""

    url: str
    clerk: Clerk
    guardian: str
    pupil: str
    password: str
    _server: "Server" = field(repr=False)

    def turn_keys(self) -> None:
        """The keys published as next sign from now on. The server is started again: it reads its keys once a minute."""
        self.clerk("turn_keys")
        self._server.start_again()

    @property
    def entity_id(self) -> str:
        """How the site is called in SAML."""
        return f"{self.url}/idp"


class Server:
    """granian, that can be started again."""

    def __init__(self, port: int, environment: dict[str, str], log: Path) -> None:
        self._stack, self._environment, self._log = ExitStack(), environment, log
        self._command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1",
            "--port", str(port), "--workers", "1", "--blocking-threads", "4", "--workers-kill-timeout", "5",
            "preau.identity.wsgi:application",
        ]  # fmt: skip
        self._ready = f"http://127.0.0.1:{port}/healthz"

    def start_again(self) -> None:
        """Stop if need be, start, wait."""
        self.stop()
        started = running(self._command, log=self._log, ready=self._ready, environment=self._environment, folder=ROOT)
        self._stack.enter_context(started)

    def stop(self) -> None:
        """End it."""
        self._stack.close()


@contextmanager
def open_town(var: Path) -> Iterator[Town]:
    """Make the database, start the server, keep the desk open."""
    port = free_port()
    url = f"http://localhost:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    environment |= {"PREAU_VAR": str(var), "PREAU_PUBLIC_URL": url, "PYTHONUNBUFFERED": "1"}
    clerk = Clerk(environment, var / "clerk.log")
    server = Server(port, environment, var / "server.log")
    try:
        people = clerk("open_town")
        server.start_again()
        yield Town(url=url, clerk=clerk, **people, _server=server)
    finally:
        server.stop()
        clerk.leave()
