"""Short messages: a key makes a repeated call harmless; the gateway fails when asked to, and reports afterwards."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.test import Client

HELLO = {"to": "+33639980017", "text": "Préau : votre code est 123 456", "key": "k1"}


def send(client: Client, **over: Any) -> Any:
    """Call the gateway."""
    return client.post("/sms", HELLO | over, content_type="application/json")


def test_a_message_gets_an_id_and_is_listed(client: Client) -> None:
    sent = send(client)
    assert sent.status_code == 201 and sent.json()["id"].startswith("sms-")
    (found,) = client.get("/boite.json", {"to": "+33639980017"}).json()["sms"]
    assert found["text"] == HELLO["text"]
    assert "123 456" in client.get("/boite/sms/").content.decode()


def test_the_same_key_sends_once(client: Client) -> None:
    first, second = send(client), send(client)
    assert (second.status_code, second.json()) == (200, first.json())
    assert len(client.get("/boite.json").json()["sms"]) == 1


def test_a_key_never_carries_two_messages(client: Client) -> None:
    send(client)
    assert send(client, text="another").status_code == 409


def test_the_key_may_come_in_the_header(client: Client) -> None:
    body = {"to": "+33639980018", "text": "x"}
    for status in (201, 200):
        answer = client.post("/sms", body, content_type="application/json", headers={"Idempotency-Key": "h1"})
        assert answer.status_code == status


def test_an_incomplete_call_is_refused(client: Client) -> None:
    for body in ({"to": "x"}, {"to": "x", "text": "y"}):
        assert client.post("/sms", body, content_type="application/json").status_code == 400
    assert client.post("/sms", b"[", content_type="application/json").status_code == 400
    assert client.post("/sms", b"[]", content_type="application/json").status_code == 400


def turn(client: Client, mood: str, seconds: float = 0) -> None:
    """Turn the switch."""
    assert client.post("/sms/humeur/", {"mood": mood, "seconds": str(seconds)}).status_code == 302


def test_the_gateway_fails_in_every_way_one_asks_it_to(client: Client) -> None:
    for mood, status in (("error", 500), ("busy", 503), ("refuses", 422), ("silent", 504)):
        turn(client, mood)
        assert send(client, key=mood).status_code == status
    assert client.get("/boite.json").json()["sms_count"] == 0
    turn(client, "good")
    assert send(client).status_code == 201
    assert client.post("/sms/humeur/", {"mood": "jolly"}).status_code == 400


def test_a_late_answer_still_sends_once(client: Client) -> None:
    turn(client, "late")
    send(client)
    assert send(client).status_code == 200
    assert client.get("/boite.json").json()["sms_count"] == 1


def test_a_lost_message_is_accepted_and_never_on_a_phone(client: Client) -> None:
    turn(client, "lost")
    assert send(client).status_code == 201
    assert client.get("/boite.json").json()["sms"] == []
    page = client.get("/boite/sms/").content.decode()
    assert "jamais arrivé" in page and "déréglée" in page


def test_the_identity_site_is_told_what_became_of_a_message(client: Client, settings: Any) -> None:
    with Ear() as ear:
        settings.IDENTITY_URL = ear.url
        send(client, key="k1", receipt=f"{ear.url}/sms/accuse/x/")
        turn(client, "lost")
        send(client, key="k2", receipt=f"{ear.url}/sms/accuse/x/")
        send(client, key="k3", receipt="http://127.0.0.1:1/elsewhere")
        ear.wait_for(2)
    assert sorted(said["state"] for said in ear.heard) == ["delivered", "undelivered"]


class Ear(ThreadingHTTPServer):
    """A site that listens to receipts."""

    def __init__(self) -> None:
        heard: list[dict[str, Any]] = []

        class Listen(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Listen)
        self.heard, self.url = heard, f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> "Ear":
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def wait_for(self, how_many: int) -> None:
        until = time.monotonic() + 10
        while len(self.heard) < how_many and time.monotonic() < until:
            time.sleep(0.05)
