"""The library FranceConnect runs on, in a process of Node, and the person who fills its pages in."""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from tooling import environment

HERE = Path(__file__).parent
CLIENT, SECRET = "preau", "only-for-tests-only-for-tests-only"
BACK = "http://localhost:8000/connexion/franceconnect/retour/"
OUT = "http://localhost:8000/deconnexion/faite/"
Answer = dict[str, str]


@dataclass
class House:
    """The provider, listening."""

    issuer: str

    @property
    def origin(self) -> str:
        """Where its other pages are."""
        return self.issuer.removesuffix("/api/v2")

    def break_it(self, *faults: str) -> None:
        """These faults, and no other."""
        requests.post(f"{self.origin}/control", params={"x-fault": ",".join(faults)}, timeout=5).raise_for_status()

    def come_in(self, address: str, login: str) -> Answer:
        """Arrive at `address`, fill the form in as `login` (nobody: cancel). What the browser is sent back with."""
        browser = requests.Session()
        page = browser.get(address, timeout=5)
        assert page.status_code == 200 and "/interaction/" in page.url, page.text
        typed = {"login": login, "password": "123", **({} if login else {"cancel": "1"})}
        return self.carried_back(browser, browser.post(page.url, typed, timeout=5, allow_redirects=False))

    def carried_back(self, browser: requests.Session, page: requests.Response) -> Answer:
        """Follow its redirects until one leads to our site."""
        while page.status_code in (302, 303):
            place = urljoin(page.url, page.headers["Location"])
            if not place.startswith(self.origin):
                assert place.startswith((BACK, OUT)), place
                return dict(parse_qsl(urlsplit(place).query))
            page = browser.get(place, timeout=5, allow_redirects=False)
        raise AssertionError(f"{page.status_code} {page.text[:500]}")


@contextmanager
def running(
    folder: Path, *, algorithm: str = "ES256", citizens: dict[str, dict[str, Any]] | None = None
) -> Iterator[House]:
    """The provider, on a free port, with these citizens (citizens.json's when none are given)."""
    assert environment.is_node_ready(HERE), "Node and its packages are not installed: type `make test`."
    found = environment.node_and_npm()
    assert found
    place, port = environment.node_folder(HERE), _free_port()
    # Node looks for packages beside the file it runs.
    shutil.copy(HERE / "provider.mjs", place / "provider.mjs")
    configuration = folder / f"franceconnect-{port}.json"
    people = citizens or json.loads((HERE / "citizens.json").read_text(encoding="utf-8"))
    said = {
        "port": port, "client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [BACK],
        "post_logout_redirect_uris": [OUT], "algorithm": algorithm, "citizens": people,
    }  # fmt: skip
    configuration.write_text(json.dumps(said), encoding="utf-8")
    process = subprocess.Popen(
        [found[0], str(place / "provider.mjs"), str(configuration)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    assert process.stdout
    try:
        assert process.stdout.readline().strip() == "listening", "the provider did not start"
        yield House(f"http://127.0.0.1:{port}/api/v2")
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
