"""FranceConnect's simulator in a process of its own, as the town runs it, and the person who clicks on its pages."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import requests


@dataclass
class FranceConnect:
    """The simulator, listening."""

    site: str

    @property
    def issuer(self) -> str:
        """What identity knows it by."""
        return f"{self.site}/franceconnect/api/v2"

    def break_it(self, *faults: str) -> None:
        """These switches are on, and no other."""
        requests.post(f"{self.site}/franceconnect/pannes/", {"fault": faults or ("",)}, timeout=5).raise_for_status()

    def page(self, address: str) -> requests.Response:
        """Where a browser arrives that was sent there."""
        return requests.get(address, timeout=15)

    def choose(self, address: str, who: str) -> dict[str, str]:
        """Be `who` (nobody: turn back). The parameters of the answer that the browser carries back."""
        browser = requests.Session()
        page = browser.get(address, timeout=15, allow_redirects=False)
        if page.status_code == 200:
            form = dict(re.findall(r'name="(question|csrfmiddlewaretoken)" value="([^"]*)"', page.text))
            form = {name: unescape(value) for name, value in form.items()}
            page = browser.post(f"{self.issuer}/choix", {**form, "who": who}, timeout=15, allow_redirects=False)
        assert page.status_code in (302, 303), page.text
        return dict(parse_qsl(urlsplit(page.headers["Location"]).query))


@contextmanager
def running(var: Path, cast_file: Path) -> Iterator[FranceConnect]:
    """The site of the simulators, until the end of the tests."""
    port, smtp = _free_port(), _free_port()
    site = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PREAU_", "DJANGO_"))} | {
        "PREAU_DEVELOPMENT": "1", "PREAU_VAR": str(var), "PREAU_SIMULATORS_URL": site,
        "PREAU_SIMULATORS_CAST": str(cast_file), "PREAU_LOG_LEVEL": "CRITICAL",
    }  # fmt: skip
    arguments = ["simulators", "serve", "--address", f"127.0.0.1:{port}", "--smtp", f"127.0.0.1:{smtp}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "preau", *arguments], env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(f"{site}/healthz", process)
        yield FranceConnect(site)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            requests.get(address, timeout=1).raise_for_status()
            return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError("the simulators did not start")
