"""The files of deploy/ start a site, and a site refuses to start with the conveniences of development."""

import os
import shlex
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import requests

from tests.house.source import ROOT
from tests.interop.processes import free_port, running

SECRETS = {"PREAU_SECRET": "x1y2" * 16, "PREAU_ESERVICES_SECRET": "z3w4" * 16}


def as_deployed(site: str) -> dict[str, str]:
    """The environment that deploy/<site>.env describes, with a secret, on SQLite: no base is needed to start."""
    lines = (ROOT / "deploy" / f"{site}.env").read_text(encoding="utf-8").splitlines()
    said = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREAU_", "DJANGO_", "DATABASE_"))
    }
    return {**kept, **said, **SECRETS}


def served(site: str, var: Path, **more: str) -> tuple[list[str], dict[str, str]]:
    """What the unit of deploy/ starts, at a free port: the command and its environment."""
    unit = (ROOT / "deploy" / "systemd" / f"preau-{site}.service").read_text("utf-8").replace("\\\n", " ")
    (line,) = (one for one in unit.splitlines() if one.startswith("ExecStart="))
    program, *options = shlex.split(line.removeprefix("ExecStart="))
    assert program == "/srv/preau/.venv/bin/preau"
    options[options.index("--port") + 1] = str(free_port())
    return [sys.executable, "-m", "preau", *options], {**as_deployed(site), "PREAU_VAR": str(var), **more}


def start(site: str, var: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Load the site's settings and addresses as a production process does."""
    environment = {**as_deployed(site), "PREAU_VAR": str(var), **more}
    command = [sys.executable, "-m", "preau", site, "check", "--deploy", "--fail-level", "ERROR"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("site", ["identity", "eservices"])
def test_a_site_starts_as_deployed(site: str, tmp_path: Path) -> None:
    done = start(site, tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("site", "convenience"),
    [("identity", "PREAU_CLOCK_FILE"), ("identity", "PREAU_DEBUG"), ("identity", "PREAU_DEMO_NUMBERS"),
     ("eservices", "PREAU_CLOCK_FILE"), ("eservices", "PREAU_DEBUG")],
)  # fmt: skip
def test_production_refuses_a_convenience_of_development(site: str, convenience: str, tmp_path: Path) -> None:
    done = start(site, tmp_path, **{convenience: "1"})
    assert done.returncode != 0 and convenience in done.stderr


def test_the_simulators_refuse_production(tmp_path: Path) -> None:
    environment = {**as_deployed("identity"), "PREAU_VAR": str(tmp_path)}
    command = [sys.executable, "-m", "preau", "simulators", "check"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode != 0 and "PREAU_DEVELOPMENT" in done.stderr


@pytest.mark.parametrize("weak", [{"PREAU_SECRET": "short"}, {"PREAU_PUBLIC_URL": "http://compte.exemple.fr"},
                                  {"PREAU_ARGON2_MEMORY_KIB": "1024"},
                                  {"PREAU_STAFF_PORTAL_ISSUER": "http://127.0.0.1:8010/portail"},
                                  {"PREAU_STAFF_PORTAL_CLIENT_SECRET": "development"},
                                  {"PREAU_FRANCECONNECT_ISSUER": "http://127.0.0.1:8010/franceconnect/api/v2",
                                   "PREAU_FRANCECONNECT_CLIENT_SECRET": "a real secret"},
                                  {"PREAU_FRANCECONNECT_ISSUER": "https://oidc.franceconnect.gouv.fr/api/v2",
                                   "PREAU_FRANCECONNECT_CLIENT_SECRET": "development"},
                                  {"PREAU_FRANCECONNECT_ISSUER": "https://oidc.franceconnect.gouv.fr/api/v2"},
                                  {"PREAU_EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}])  # fmt: skip
def test_production_refuses_what_protects_nobody(weak: dict[str, str], tmp_path: Path) -> None:
    assert start("identity", tmp_path, **weak).returncode != 0


def test_workers_share_the_site_that_was_loaded_before_them(tmp_path: Path) -> None:
    port = free_port()
    environment = {**as_deployed("identity"), "PREAU_VAR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/empty"}
    command = [sys.executable, "-m", "preau", "identity", "serve", "--host", "127.0.0.1", "--port", str(port),
               "--workers", "2", "--blocking-threads", "2"]  # fmt: skip
    address = f"http://127.0.0.1:{port}/healthz"
    with running(command, log=tmp_path / "log", ready=address, environment=environment, folder=ROOT) as server:
        answer = requests.get(address, headers={"Host": "compte.exemple.fr"}, timeout=10)
        workers = psutil.Process(server.pid).children()
        own = [worker.memory_full_info() for worker in workers]
    assert (answer.status_code, answer.text) == (200, "ok") and len(workers) == 2
    assert all(one.uss < one.rss / 2 for one in own), own


@pytest.mark.parametrize(("site", "host", "base"), [
    ("identity", "compte.exemple.fr", "DATABASE_URL"),
    ("eservices", "services.exemple.fr", "PREAU_ESERVICES_DATABASE_URL"),
])  # fmt: skip
def test_what_the_unit_starts_says_when_its_base_does_not_answer_and_stops_at_once(
    site: str, host: str, base: str, tmp_path: Path
) -> None:
    nowhere = f"postgres://preau@//{tmp_path}/preau"
    command, environment = served(site, tmp_path, **{base: nowhere})
    here, said = f"http://127.0.0.1:{command[command.index('--port') + 1]}", {"Host": host}

    def is_up() -> bool:
        with suppress(requests.ConnectionError):
            return requests.get(f"{here}/healthz", headers=said, timeout=5).text == "ok"
        return False

    with running(command, log=tmp_path / "log", ready=is_up, environment=environment, folder=ROOT) as server:
        answer = requests.get(f"{here}/readyz", headers=said, timeout=10)
        server.terminate()
        assert server.wait(10) == 0
    assert answer.status_code == 503 and "Traceback" not in (tmp_path / "log").read_text("utf-8")
