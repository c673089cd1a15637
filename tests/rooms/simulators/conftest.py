"""The simulators are one process with a memory: tests walk through their pages."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def client(db: None) -> Client:
    """A browser on the simulators."""
    return Client()


@pytest.fixture
def town(tmp_path: Path, settings: Any) -> Callable[[dict[str, Any]], None]:
    """Write the cast file, as the demo does."""
    settings.CAST_FILE = str(tmp_path / "cast.json")

    def write(cast: dict[str, Any]) -> None:
        (tmp_path / "cast.json").write_text(json.dumps(cast), encoding="utf-8")

    return write


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@pytest.fixture
def free_port() -> int:
    """A port nobody listens on."""
    return _free_port()


@pytest.fixture
def other_port() -> int:
    """Another one."""
    return _free_port()
