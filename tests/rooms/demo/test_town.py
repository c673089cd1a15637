"""`preau demo run`: the street opens on an empty folder, is lived in, closes, and opens again as it was."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
import requests

from preau.demo.street import Street

OPENS_WITHIN = 120.0
CLOSES_WITHIN = 40.0


def free_range() -> int:
    """A first port whose whole street is free."""
    for start in range(20_000 + os.getpid() % 10_000, 60_000, 50):
        try:
            Street(Path("."), start).check_ports()
        except OSError:
            continue
        except Exception as taken:
            if "déjà pris" not in str(taken):
                raise
            continue
        return start
    raise AssertionError("no free port on this machine")


@pytest.fixture
def street(tmp_path: Path) -> Street:
    """An empty folder and free ports: every test has a town of its own."""
    return Street(tmp_path, free_range())


@contextmanager
def opened(street: Street, pupils: int = 40) -> Iterator[subprocess.Popen[str]]:
    """The street, run as `make run` does; closed by SIGTERM, and its exit code checked."""
    command = [
        *(sys.executable, "-m", "preau", "demo", "run", "--var", str(street.var)),
        *("--ports-from", str(street.ports_from), "--pupils", str(pupils)),
    ]
    cheap = {"PREAU_ARGON2_TIME_COST": "1", "PREAU_ARGON2_MEMORY_KIB": "64"}
    process = subprocess.Popen(
        command, env=os.environ | cheap, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        said = wait_until_open(process)
        process.said = said  # type: ignore[attr-defined]
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        rest = closed(process)
    assert process.returncode == 0, rest


def closed(process: subprocess.Popen[str]) -> str:
    """The last words of a street that is closing; one that does not close is killed, and nothing of it stays."""
    try:
        said, _ = process.communicate(timeout=CLOSES_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate(timeout=CLOSES_WITHIN)
    return said


def wait_until_open(process: subprocess.Popen[str]) -> str:
    """What the street said until it was open. One that keeps silent too long is killed, which ends the reading."""
    assert process.stdout is not None
    lines: list[str] = []
    too_long = Timer(OPENS_WITHIN, process.kill)
    too_long.start()
    try:
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C ferme la ville" in line:
                return "".join(lines)
    finally:
        too_long.cancel()
    raise AssertionError("".join(lines))


def cast_file(street: Street) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(street.cast_file.read_text("utf-8"))
    return content


def came_in(street: Street, username: str, password: str) -> str:
    """Where a guardian lands who signs in with these."""
    browser, door = requests.Session(), f"{street.identity_url}/connexion/responsable/"
    (token,) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(door, timeout=20).text)[:1]
    sent = {"csrfmiddlewaretoken": token, "username": username, "password": password}
    return browser.post(door, data=sent, headers={"Referer": door}, timeout=20).url


def test_the_town_opens_is_resumed_and_closes(street: Street) -> None:
    with opened(street) as process:
        assert f"{street.simulators_url}/" in process.said  # type: ignore[attr-defined]
        for url in (street.identity_url, street.eservices_url, street.simulators_url):
            assert requests.get(f"{url}/", timeout=20).status_code == 200
        start = requests.get(f"{street.simulators_url}/", timeout=20).text
        first = cast_file(street)
        samira = first["people"][0]
        assert (samira["name"], len(samira["birth_dates"])) == ("Samira Belkacem", 2)
        assert samira["username"] in start and samira["temporary_password"]
        for name in ("Fatoumata Diarra", "Gaël Le Bihan"):
            (person,) = (one for one in first["people"] if one["name"] == name)
            assert came_in(street, person["username"], person["password"]).endswith("/activation/responsable/courriel/")
        for entrance in (f"{street.eservices_url}/connexion/", f"{street.simulators_url}/ent/connexion/"):
            door = requests.get(entrance, timeout=20)
            assert (door.status_code, door.url.startswith(f"{street.identity_url}/connexion/")) == (200, True), entrance
        second = subprocess.run(
            [sys.executable, "-m", "preau", "demo", "run", "--var", str(street.var)],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert second.returncode == 1 and "Une ville est déjà ouverte" in second.stderr
    for port in street.ports.values():
        with socket.socket() as door:
            assert door.connect_ex(("127.0.0.1", port)), f"{port} is still open"
    with opened(street):
        assert cast_file(street) == first, "a second run resumes: nothing changed for anybody"


def test_when_a_house_falls_the_street_says_which_and_closes(street: Street) -> None:
    command = [
        *(sys.executable, "-m", "preau", "demo", "run", "--var", str(street.var)),
        *("--ports-from", str(street.ports_from), "--pupils", "40"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        wait_until_open(process)
        worker = subprocess.run(
            ["pgrep", "-P", str(process.pid), "-f", "identity worker"], capture_output=True, text=True, check=True
        )
        os.kill(int(worker.stdout), signal.SIGKILL)
        said = closed(process)
    finally:
        process.terminate()
        closed(process)
    assert process.returncode == 1
    assert "worker" in said and "s’est arrêté" in said


def prepared(street: Street, ports_from: int) -> subprocess.CompletedProcess[str]:
    """The town made ready without its houses, its pages on these ports."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "preau", "demo", "town", "--var", str(street.var)),
            *("--ports-from", str(ports_from), "--pupils", "40"),
        ],
        capture_output=True, text=True, check=False, timeout=OPENS_WITHIN,
    )  # fmt: skip


def test_other_ports_in_the_same_folder_are_refused(street: Street) -> None:
    assert prepared(street, street.ports_from).returncode == 0
    refused = prepared(street, street.ports_from + 1)
    assert refused.returncode == 1
    assert f"les ports {street.ports_from} et suivants" in refused.stderr
