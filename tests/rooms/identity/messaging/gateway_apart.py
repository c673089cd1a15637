"""The SMS gateway of the simulators as a process of its own, over real HTTP on loopback, and what tests ask of it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests


@dataclass
class Gateway:
    """Where it is."""

    url: str

    def turn(self, mood: str, seconds: float = 1) -> None:
        """Change its mood; `seconds`: how long its silences last."""
        answer = requests.post(
            f"{self.url}/sms/humeur/", {"mood": mood, "seconds": str(seconds)}, timeout=10, allow_redirects=False
        )
        assert answer.status_code == 302

    def received(self, to: str = "") -> list[dict[str, Any]]:
        """The SMS on phones, newest first."""
        found: list[dict[str, Any]] = requests.get(f"{self.url}/boite.json", {"to": to}, timeout=10).json()["sms"]
        return found

    def count(self) -> int:
        """How many are on phones."""
        return int(requests.get(f"{self.url}/boite.json", timeout=10).json()["sms_count"])

    def empty(self) -> None:
        """Good mood, no message."""
        self.turn("good")
        with requests.Session() as session:
            session.get(f"{self.url}/boite/sms/", timeout=10)
            token = session.cookies["simulators-csrf"]
            session.post(f"{self.url}/boite/vider/", {"csrfmiddlewaretoken": token}, timeout=10)
        assert self.count() == 0


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def opened(var: Path) -> Iterator[Gateway]:
    """Open the simulators on free ports, close them at the end."""
    port, smtp = free_port(), free_port()
    settings = {"DJANGO_SETTINGS_MODULE", "DATABASE_URL"}
    environment = {key: value for key, value in os.environ.items() if key not in settings}
    environment |= {"PREAU_DEVELOPMENT": "1", "PREAU_VAR": str(var)}
    command = [sys.executable, "-m", "preau", "simulators", "serve", "--address", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "--smtp", f"127.0.0.1:{smtp}"], env=environment, stdout=subprocess.DEVNULL)
    gateway = Gateway(f"http://127.0.0.1:{port}")
    try:
        until = time.monotonic() + 60
        while True:
            try:
                gateway.count()
                break
            except requests.ConnectionError:
                assert process.poll() is None and time.monotonic() < until, "the simulators do not start"
                time.sleep(0.1)
        yield gateway
    finally:
        process.terminate()
        process.wait(20)
