"""Loaded by pytest before anything else: which site this run is about, and the world it runs in.

The sites are three Django settings, hence three runs of pytest; `make test` makes them all. A plain ``pytest PATHS``
guesses the site from the paths. The world is closed: temporary folders, secrets of the day, and no network but this
machine's own.
"""

import atexit
import os
import re
import shutil
import socket
import sys
import tempfile
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

SITES = {"identity", "eservices", "simulators"}
LOCAL_NAMES = {"localhost", "", None, socket.gethostname()}


def choose_settings(arguments: list[str]) -> str:
    """The settings module for the rooms that `arguments` (of the command line) name; identity's when they name none.

    A site has its own; ``tests/rooms/design`` brings some, to be tried alone; the rest lives in identity.
    """
    named = {match.group(1) for argument in arguments for match in [re.search(r"rooms/(\w+)", argument)] if match}
    modules = {settings_of(room) for room in named} or {settings_of("identity")}
    if len(modules) > 1:
        raise pytest.UsageError("One site at a time: each has its own settings. `make test` runs them all.")
    return modules.pop()


def settings_of(room: str) -> str:
    """The settings module of ``tests/rooms/<room>``."""
    if (Path(__file__).parent / "rooms" / room / "settings.py").exists():
        return f"tests.rooms.{room}.settings"
    return f"preau.{room if room in SITES else 'identity'}.settings"


def is_on_this_machine(host: str | bytes | None) -> bool:
    """Whether `host` (a name or an address) is the machine itself."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in LOCAL_NAMES:
        return True
    try:
        return ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return str(name).endswith((".localhost", ".test"))


def refuse_the_network(event: str, args: tuple[Any, ...]) -> None:
    """An audit hook: a test that leaves this machine fails, whatever library it goes through."""
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        if isinstance(address, tuple) and not is_on_this_machine(address[0]):
            raise ConnectionRefusedError(f"Tests stay on this machine: {address[0]} is elsewhere.")
    elif event == "socket.getaddrinfo" and not is_on_this_machine(args[0]):
        raise ConnectionRefusedError(f"Tests stay on this machine: {args[0]} is elsewhere.")


def settle() -> None:
    """Set the environment that settings read; a worker of xdist receives it from its controller."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        var = tempfile.mkdtemp(prefix="preau-test-")
        atexit.register(shutil.rmtree, var, ignore_errors=True)
        for name in [name for name in os.environ if name.startswith("PREAU_") and name not in KEPT]:
            del os.environ[name]
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", choose_settings(sys.argv[1:]))
        os.environ.update(
            PREAU_VAR=var,
            PREAU_DEVELOPMENT="1",
            PREAU_SECRET="only-for-tests-" * 4,
            PREAU_ARGON2_TIME_COST="1",
            PREAU_ARGON2_MEMORY_KIB="64",
            PREAU_CAPTCHA_COST="10",
        )
    sys.addaudithook(refuse_the_network)


# What a person may say from outside: where the sample exports are, whether the pictures are kept.
KEPT = {"PREAU_SAMPLES", "PREAU_SCREENSHOTS"}
settle()
