"""``preau demo run``: the whole street on this machine, until Ctrl-C.

Each house is a process of its own, with its own log. The street opens when every door answers, says when a house falls,
and closes all of them together.
"""

import ctypes
import fcntl
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import IO
from urllib.parse import urlsplit

from preau.demo import town
from preau.demo.street import Street

OPENS_WITHIN = 60.0  # seconds: a slow machine compiles its files at the first start
CLOSES_WITHIN = 15.0
_PR_SET_PDEATHSIG = 1


class StreetTrouble(Exception):
    """The street cannot open, or a house fell. The sentence says which and what to do."""


class _Stopped(Exception):
    """Somebody asked to stop."""


@dataclass(frozen=True)
class House:
    """One process of the street; `url` is where it answers, "" when it has no door."""

    name: str
    command: tuple[str, ...]
    url: str = ""


def houses(street: Street) -> list[House]:
    """What runs, in the order it is started."""
    python, ports = sys.executable, street.ports

    def granian(site: str) -> tuple[str, ...]:
        return (
            python, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1",
            "--port", str(ports[site]), "--workers", "1", "--blocking-threads", "4",
            "--workers-kill-timeout", "5", f"preau.{site}.wsgi:application",
        )  # fmt: skip

    address = f"127.0.0.1:{ports['simulators']}"
    return [
        House(
            "simulators", (python, "-m", "preau", "simulators", "serve", "--address", address), street.simulators_url
        ),
        House("identity", granian("identity"), f"{street.identity_url}/healthz"),
        House("eservices", granian("eservices"), f"{street.eservices_url}/healthz"),
        House("worker", (python, "-m", "preau", "identity", "worker")),
    ]


def run(street: Street, *, pupils: int = town.PUPILS, seed: int = town.SEED) -> int:
    """Prepare the town, open the street, stay until told to stop. Returns the exit code."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    with ExitStack() as stack:
        try:
            stack.enter_context(_alone(street))
            street.check_ports()
            print(f"La ville se prépare dans {street.var}", flush=True)
            town.prepare(street, pupils=pupils, seed=seed)
            street.check_ports()
            running = stack.enter_context(open_houses(street))
            print(_welcome(street), flush=True)
            _watch(street, running)
        except _Stopped:
            print("\nLa ville ferme.", flush=True)
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    for other in (signal.SIGTERM, signal.SIGINT):
        signal.signal(other, signal.SIG_IGN)  # closing takes a moment and must not be cut short
    raise _Stopped


@contextmanager
def _alone(street: Street) -> Iterator[None]:
    """One town per folder. Raises `StreetTrouble`."""
    street.demo.mkdir(parents=True, exist_ok=True)
    with (street.demo / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as trouble:
            raise StreetTrouble(
                f"Une ville est déjà ouverte dans {street.var}. Arrêtez-la (Ctrl-C dans sa fenêtre), ou ouvrez-en "
                f"une autre à côté : {street.beside()}"
            ) from trouble
        yield


# Processes ------------------------------------------------------------------------------------------------------------
@contextmanager
def open_houses(street: Street, *, without: Collection[str] = ()) -> Iterator[dict[House, subprocess.Popen[bytes]]]:
    """Start each house but those named, wait until it answers; close them all on the way out, whatever happened."""
    street.logs.mkdir(parents=True, exist_ok=True)
    running: dict[House, subprocess.Popen[bytes]] = {}
    with ExitStack() as files:
        try:
            for house in (house for house in houses(street) if house.name not in without):
                log = files.enter_context((street.logs / f"{house.name}.log").open("wb"))
                running[house] = _start(house, street, log)
            for house in running:
                _wait_for(house, running, street)
            yield running
        finally:
            _close(running.values())


def _start(house: House, street: Street, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """A child in its own session: Ctrl-C reaches us alone, and we close the houses in order."""
    return subprocess.Popen(
        house.command,
        env=street.environment(),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_die_with_us,
    )


def _die_with_us() -> None:
    """Should we be killed outright, the houses must not keep the ports (Linux, prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_for(house: House, running: dict[House, subprocess.Popen[bytes]], street: Street) -> None:
    until = time.monotonic() + OPENS_WITHIN
    while house.url and not _answers(house.url):
        _check_alive(running, street)
        if time.monotonic() > until:
            raise StreetTrouble(f"{house.name} ne répond pas à {house.url}.\n{_last_words(street, house)}")
        time.sleep(0.15)


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    door = HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        door.request("GET", parts.path or "/")
        return door.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        door.close()


def _watch(street: Street, running: dict[House, subprocess.Popen[bytes]]) -> None:
    while True:
        _check_alive(running, street)
        time.sleep(0.5)


def _check_alive(running: dict[House, subprocess.Popen[bytes]], street: Street) -> None:
    """Raises `StreetTrouble` naming the house that fell."""
    for house, process in running.items():
        if process.poll() is not None:
            raise StreetTrouble(
                f"« {house.name} » s’est arrêté (code {process.returncode}). La ville ferme.\n"
                f"{_last_words(street, house)}"
            )


def _last_words(street: Street, house: House) -> str:
    path: Path = street.logs / f"{house.name}.log"
    lines = path.read_text("utf-8", "replace").splitlines()[-12:]
    return "\n".join([f"Ses derniers mots ({path}) :", *(f"    {line}" for line in lines)])


def _close(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Ask all to stop, wait, then insist."""
    living = [process for process in processes if process.poll() is None]
    for process in living:
        process.terminate()
    until = time.monotonic() + CLOSES_WITHIN
    for process in living:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _welcome(street: Street) -> str:
    return f"""
La ville est ouverte.

    {street.simulators_url}/

Cette page dit qui vous pouvez être et quoi essayer :
  · au collège, par le portail des personnels ({street.identity_url}/agents/) :
    Claire Vasseur, cheffe d’établissement ; Rachid Benali, son adjoint ;
    Maïwenn Kervella, professeure principale de 5e B ;
  · dans les familles ({street.identity_url}/) :
    Samira Belkacem, qui a sa lettre en main ; Adama Coulibaly, élève, qui a sa fiche ; Karim Belkacem, déjà activé ;
  · les services, d’une seule connexion : {street.eservices_url}/ (OpenID Connect) et
    {street.simulators_url}/ent/ (SAML)

Ctrl-C ferme la ville ; « make run » la rouvre comme elle est ; « make clean » l’efface. Journaux : {street.logs}"""
