"""The command that opens the doors, in its own process."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.outside
Serve = Callable[..., "subprocess.Popen[str]"]


def serve(var: Path, *options: str, **env: str) -> "subprocess.Popen[str]":
    """Start ``preau simulators serve``."""
    return subprocess.Popen(
        [sys.executable, "-m", "preau", "simulators", "serve", *options],
        env={**os.environ, "PREAU_VAR": str(var), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_pages_and_mail_are_served_until_told_to_stop(tmp_path: Path, free_port: int, other_port: int) -> None:
    address, smtp = f"127.0.0.1:{free_port}", f"127.0.0.1:{other_port}"
    with serve(tmp_path, "--address", address, "--smtp", smtp) as process:
        assert process.stdout and address in process.stdout.readline()
        with smtplib.SMTP(smtp.split(":")[0], other_port, timeout=5) as session:
            session.sendmail("a@example.org", ["b@example.org"], "Subject: Bonjour\r\n\r\nx")
        with urlopen(f"http://{address}/boite.json", timeout=5) as answer:
            assert b"Bonjour" in answer.read()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.parametrize("option", ["--address", "--smtp"])
def test_a_busy_port_is_a_clear_message(tmp_path: Path, free_port: int, other_port: int, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        taken = f"127.0.0.1:{busy.getsockname()[1]}"
        addresses = {"--address": f"127.0.0.1:{free_port}", "--smtp": f"127.0.0.1:{other_port}", option: taken}
        with serve(tmp_path, *(word for pair in addresses.items() for word in pair)) as process:
            _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"{taken} est déjà occupé" in said and "Traceback" not in said


def test_nobody_outside_this_machine_is_served(tmp_path: Path) -> None:
    with serve(tmp_path, "--address", "0.0.0.0:8010") as process:
        _, said = process.communicate(timeout=20)
    assert process.returncode == 1 and "que sur cette machine" in said


def test_production_refuses_to_start_with_them(tmp_path: Path) -> None:
    with serve(tmp_path, PREAU_DEVELOPMENT="0") as process:
        _, said = process.communicate(timeout=20)
    assert process.returncode != 0 and "PREAU_DEVELOPMENT=1 only" in said
