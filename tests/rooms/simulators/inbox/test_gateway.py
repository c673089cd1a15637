"""Short messages: a key makes a repeated call harmless."""

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
