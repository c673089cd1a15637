"""OVHcloud's protocol, against a server that checks every call as the documentation says, and fails when asked to."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from preau.identity.messaging import gateways
from preau.identity.messaging.gateways import Fate, NobodyKnows, OVHcloud, Receipt, Refused, Unavailable

NOW = 1_795_000_000  # the server's own time, not ours
MOBILE = "+33639980017"


class Ovh(ThreadingHTTPServer):
    """Two methods and the time of /1.0."""

    def __init__(self) -> None:
        self.mood = "good"
        self.jobs: list[dict[str, Any]] = []
        self.calls: list[str] = []
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}/1.0/sms/sms-ab12345-1"


class Answers(BaseHTTPRequestHandler):
    server: Ovh

    def do_GET(self) -> None:
        if self.path == "/1.0/auth/time":
            self.say(200 if self.server.mood != "timeless" else 500, NOW)
        elif self.is_signed(b""):
            tag = parse_qs(urlsplit(self.path).query)["tag"]
            found = [place for place, job in enumerate(self.server.jobs, 100) if [job["tag"]] == tag]
            self.say(200, found)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.is_signed(body):
            return
        if self.server.mood in {"poor", "broken"}:
            return self.say({"poor": 402, "broken": 500}[self.server.mood], {"message": self.server.mood})
        job = json.loads(body)
        if self.server.mood == "unknown number":
            return self.say(200, {"ids": [], "invalidReceivers": job["receivers"], "validReceivers": []})
        self.server.jobs.append(job)
        if self.server.mood == "hangs up":
            self.connection.close()
            return None
        report = {"ids": [100], "invalidReceivers": [], "validReceivers": job["receivers"], "totalCreditsRemoved": 1}
        return self.say(200, report)

    def is_signed(self, body: bytes) -> bool:
        """By hand, from the page « First steps with the API »."""
        self.server.calls.append(f"{self.command} {self.path}")
        url = f"http://{self.headers['Host']}{self.path}"
        clear = f"SECRET+CONSUMER+{self.command}+{url}+{body.decode()}+{NOW}"
        headers = {
            "X-Ovh-Application": "APPLICATION",
            "X-Ovh-Consumer": "CONSUMER",
            "X-Ovh-Timestamp": str(NOW),
            "X-Ovh-Signature": "$1$" + hashlib.sha1(clear.encode()).hexdigest(),
        }
        if all(self.headers[name] == value for name, value in headers.items()):
            return True
        self.say(403, {"message": "Invalid signature"})
        return False

    def say(self, status: int, what: Any) -> None:
        content = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def ovh(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ovh]:
    monkeypatch.setattr(gateways, "PAUSES", (0.01, 0.01))
    with Ovh() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


def send(ovh: Ovh, *, secret: str = "SECRET", sender: str = "Preau") -> str:
    line = OVHcloud(ovh.url, "APPLICATION", secret, "CONSUMER", sender)
    return line.send(to=MOBILE, text="123456 est votre code", key="a1b2")


def test_a_job_is_signed_with_the_time_of_the_server_and_asks_for_a_message_that_waits_for_nobody(ovh: Ovh) -> None:
    assert send(ovh) == "100"
    (job,) = ovh.jobs
    assert (job["receivers"], job["message"], job["sender"]) == ([MOBILE], "123456 est votre code", "Preau")
    assert job["noStopClause"] is True and job["priority"] == "high" and job["tag"] == "a1b2"
    assert job["senderForResponse"] is False


def test_without_a_sender_of_ours_a_short_number_is_asked(ovh: Ovh) -> None:
    send(ovh, sender="")
    assert ovh.jobs[0]["senderForResponse"] is True and "sender" not in ovh.jobs[0]


def test_a_wrong_secret_no_credit_and_no_time_are_for_later(ovh: Ovh) -> None:
    with pytest.raises(Unavailable):
        send(ovh, secret="another")
    for mood in ("poor", "timeless"):
        ovh.mood = mood
        with pytest.raises(Unavailable):
            send(ovh)
    assert not ovh.jobs


def test_a_number_it_does_not_know_is_refused(ovh: Ovh) -> None:
    ovh.mood = "unknown number"
    with pytest.raises(Refused):
        send(ovh)


def test_a_call_without_an_answer_is_looked_up_by_its_tag_and_never_made_again(ovh: Ovh) -> None:
    ovh.mood = "hangs up"
    assert send(ovh) == "100"
    assert [call.split()[0] for call in ovh.calls] == ["POST", "GET"] and len(ovh.jobs) == 1


def test_what_cannot_be_found_leaves_a_doubt(ovh: Ovh) -> None:
    ovh.mood = "broken"
    with pytest.raises(NobodyKnows):
        send(ovh)
    assert [call.split()[0] for call in ovh.calls] == ["POST", "GET", "GET"]


@pytest.mark.parametrize(
    ("description", "fate"),
    [
        ("0", Fate.WAITING),
        ("1", Fate.DELIVERED),
        ("2", Fate.UNDELIVERED),
        ("8", Fate.WAITING),
        ("16", Fate.UNDELIVERED),
    ],
)
def test_its_receipts_are_read(description: str, fate: Fate) -> None:
    line = OVHcloud("https://eu.api.ovh.com/1.0/sms/x", "a", "s", "c", "")
    query = {"id": "100", "ptt": "4", "date": "2026-11-24 10:00:00", "description": description, "descriptionDlr": "x"}
    assert line.receipt(query, b"") == Receipt("100", fate)
    assert line.receipt({**query, "id": "1;2"}, b"") is None and line.receipt({"id": "1"}, b"") is None
