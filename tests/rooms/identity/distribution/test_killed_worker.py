"""kill -9 of the worker in the middle of a mailing: real processes, a real SMTP session, a database of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

from tests.rooms.identity.distribution.test_mailing import SECRET

NUMBER = 12
KILLED_AT = (4, 9)  # the messages the server has just taken when the worker dies


class Server:
    """Takes every message; at some of them, kills the worker before it can read the answer."""

    def __init__(self) -> None:
        self.received: list[tuple[str, str, bool]] = []
        self.worker: subprocess.Popen[bytes] | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        body = message_from_bytes(envelope.content or b"", policy=default).get_body(("plain",))  # type: ignore[arg-type]
        text = body.get_content() if body else ""
        found = SECRET.search(text)
        assert found and len(envelope.rcpt_tos) == 1
        self.received.append((envelope.rcpt_tos[0], "".join(found.groups()), "Seul celui-ci compte" in text))
        if len(self.received) in KILLED_AT and self.worker:
            self.worker.send_signal(signal.SIGKILL)
        return "250 OK"


@pytest.fixture
def database(tmp_path: Path, django_db_blocker: Any, django_db_setup: None) -> Iterator[str]:
    """An empty database on the engine under test."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'db.sqlite3'}"
        return
    name = f"apart_{uuid.uuid4().hex[:8]}"
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
        yield os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def server() -> Iterator[tuple[Server, int]]:
    mailbox = Server()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, port
    controller.stop()


def test_a_killed_worker_loses_nobody_and_doubles_one_message_at_most(
    database: str, server: tuple[Server, int], tmp_path: Path
) -> None:
    mailbox, port = server
    clock = tmp_path / "clock"
    clock.write_text("0", encoding="ascii")
    world = {**os.environ, "DATABASE_URL": database, "PREAU_CLOCK_FILE": str(clock)}
    world["PREAU_SMTP_URL"] = f"smtp://127.0.0.1:{port}"
    apart = [sys.executable, "-m", "tests.rooms.identity.distribution.world_apart"]
    subprocess.run([sys.executable, "-m", "preau", "identity", "migrate", "-v0"], env=world, check=True)
    subprocess.run([*apart, "seed", str(NUMBER)], env=world, check=True)

    logs = b""
    for _ in range(len(KILLED_AT) + 1):
        mailbox.worker = subprocess.Popen(
            [sys.executable, "-m", "preau", "identity", "worker", "--interval", "0.1"],
            env=world,
            stderr=subprocess.PIPE,
        )
        deadline = time.monotonic() + 60
        while mailbox.worker.poll() is None and len(mailbox.received) < NUMBER + len(KILLED_AT):
            assert time.monotonic() < deadline, "the mailing does not end"
            time.sleep(0.05)
        if mailbox.worker.returncode is None:
            time.sleep(0.5)
            mailbox.worker.terminate()
        logs += mailbox.worker.communicate()[1]
        # The lease of the message in doubt runs out.
        clock.write_text(str(float(clock.read_text()) + 400), encoding="ascii")
    assert mailbox.worker and mailbox.worker.returncode == 0, "SIGTERM ends the worker cleanly"

    last = {to: secret for to, secret, _again in mailbox.received}
    found = json.loads(
        subprocess.run(
            [*apart, "report"], env=world, check=True, input=json.dumps(last).encode(), capture_output=True
        ).stdout
    )
    doubled = [to for to in last if sum(one == to for one, _, _ in mailbox.received) > 1]
    assert len(last) == NUMBER and len(mailbox.received) == NUMBER + len(KILLED_AT)
    assert len(doubled) == len(KILLED_AT), "one message in doubt for each worker killed"
    said = {to for to, _, says_only_this_counts in mailbox.received if says_only_this_counts}
    assert said == set(doubled), "the second says that only it counts, the others do not"
    assert found == {"sent": NUMBER, "waiting": 0, "doubled": len(KILLED_AT), "events": len(KILLED_AT), "wrong": []}
    assert len({secret for _, secret, _ in mailbox.received}) == len(mailbox.received), "never the same secret twice"
    assert not [secret for _, secret, _ in mailbox.received if secret.encode() in logs]
    if database.startswith("sqlite"):
        kept = b"".join(file.read_bytes() for file in tmp_path.glob("db.sqlite3*"))
        assert not [secret for _, secret, _ in mailbox.received if secret.encode() in kept]
