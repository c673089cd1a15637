"""The street for stories: the demo town, its houses as real processes, on free ports, in a temporary folder.

It is the town of `make run`, smaller: what a story finds there, whoever discovers Préau finds too.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import randrange
from typing import Any

import requests

from preau.clock import today
from preau.demo.cast import Cast, cast_on
from preau.demo.run import houses
from preau.demo.street import PortTaken
from preau.demo.street import Street as Town

ROOT = Path(__file__).resolve().parents[2]
PUPILS = 86
STARTS_WITHIN = 60.0


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

    def emails(self, to: str, *, about: str = "", count: int = 1, within: float = 20.0) -> list[dict[str, Any]]:
        """The e-mails that reached `to` with `about` in their subject, newest first, once there are `count` of them."""
        until = time.monotonic() + within
        while True:
            received = requests.get(f"{self.simulators}/boite.json", params={"to": to}, timeout=5).json()["emails"]
            found = [one for one in received if about in one["subject"]]
            if len(found) >= count:
                return found
            assert time.monotonic() < until, (
                f"{len(found)} e-mails for {to} after {within:.0f} s, not {count}\n{self.logs()}"
            )
            time.sleep(0.2)

    def code(self, number: str, *, after: str = "", within: float = 20.0) -> str:
        """The six digits of the newest SMS of a number (E.164), once there is one; another than `after`."""
        until = time.monotonic() + within
        while True:
            received = requests.get(f"{self.simulators}/boite.json", params={"to": number}, timeout=5).json()["sms"]
            if received and (found := re.findall(r"\b\d{6}\b", received[0]["text"])) and found[0] != after:
                return str(found[0])
            assert time.monotonic() < until, f"no SMS for {number} after {within:.0f} s\n{self.logs()}"
            time.sleep(0.2)

    def link_sent_to(self, number: str, *, holding: str = "", within: float = 20.0) -> str:
        """The link of the newest SMS of a number (E.164) that bears one, whose address holds `holding`."""
        until = time.monotonic() + within
        while True:
            received = requests.get(f"{self.simulators}/boite.json", params={"to": number}, timeout=5).json()["sms"]
            found = [link for one in received for link in re.findall(r"http\S+", one["text"])]
            if found := [link for link in found if holding in link]:
                return str(found[0])
            assert time.monotonic() < until, f"no link in the SMS for {number} after {within:.0f} s\n{self.logs()}"
            time.sleep(0.2)

    def mailed_code(self, to: str, *, rank: int = 1) -> str:
        """The six digits of the newest e-mail that carries a code to an address, once there are `rank` of them."""
        (newest, *_) = self.emails(to, about="code", count=rank)
        return re.findall(r"\b\d{6}\b", newest["text"])[0]

    @property
    def cast(self) -> Cast:
        """The people of the town, as the school's base describes them."""
        made = json.loads((self.var / "demo" / "town.json").read_text("utf-8"))
        return cast_on(today(datetime.fromisoformat(made["born_at"])))

    def who(self, name: str) -> dict[str, Any]:
        """What somebody of the cast has in hand, as the town's start page says it: username, letter, birth dates."""
        (one,) = self.accounts(name)
        return one

    def accounts(self, name: str) -> list[dict[str, Any]]:
        """The same, of somebody who has several accounts: one after another."""
        cast = json.loads((self.var / "demo" / "cast.json").read_text("utf-8"))
        return [dict(one) for one in (*cast["people"], *cast["staff"]) if name == one.get("name", _full_name(one))]

    def move_clock(self, *, days: float = 0, hours: float = 0) -> None:
        """Move the whole street in time. A letter lives three months."""
        (self.var / "clock").write_text(str((days * 24 + hours) * 3600), encoding="ascii")

    def logs(self) -> str:
        """The last words of each process."""
        tails = (
            f"── {path.stem}\n{path.read_text(encoding='utf-8')[-1500:]}" for path in sorted(self.var.glob("*.log"))
        )
        return "\n".join(tails)


@contextmanager
def open_street(var: Path) -> Iterator[Street]:
    """Prepare the town as `make run` does, start its houses, wait until they answer; stop them at the end."""
    town = free_town(var)
    street = Street(
        var=var,
        identity=town.identity_url,
        eservices=town.eservices_url,
        simulators=town.simulators_url,
        environment=environment_of(town),
    )
    where = ("--var", str(var), "--ports-from", str(town.ports_from))
    street.preau("demo", "town", *where, "--pupils", str(PUPILS))
    street.environment.update(environment_of(town))  # the secret that two sites share is made by now
    with ExitStack() as stack:
        running = [
            (house, stack.enter_context(started_process(street, house.name, list(house.command))))
            for house in houses(town)
        ]
        for house, process in running:
            if house.url:
                wait_for(street, house.url, process)
        yield street


def free_town(var: Path) -> Town:
    """A town on ports nobody listens on. Three hosts as in `make run`, so that SameSite is truly exercised."""
    for _ in range(50):
        with suppress(PortTaken):
            town = Town(var, randrange(20_000, 32_000))
            town.check_ports()
            return town
    raise AssertionError("No free ports between 20000 and 32000.")


def environment_of(town: Town) -> dict[str, str]:
    """What each process is told; nothing of the database that pytest itself may be using."""
    said = town.environment() | {"PREAU_LOG_LEVEL": "WARNING"}
    return {name: value for name, value in said.items() if not name.startswith("DATABASE_")}


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


def _full_name(one: dict[str, Any]) -> str:
    return f"{one.get('given_name')} {one.get('family_name')}"


def wait_for(street: Street, url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until an address answers."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer\n{street.logs()}")
