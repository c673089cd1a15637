"""Real SMTP in, pages and a list out."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client

from preau.simulators.inbox.smtp import Postbox


@pytest.fixture
def smtp(transactional_db: None, settings: Any, free_port: int) -> Iterator[smtplib.SMTP]:
    """A session with the server, open on a free port."""
    postbox = Postbox(f"127.0.0.1:{free_port}")
    postbox.open()
    with smtplib.SMTP("127.0.0.1", free_port, timeout=5) as session:
        yield session
    postbox.close()


def letter(to: str = "Samira <Samira.Belkacem@example.org>", subject: str = "Votre compte à activer") -> EmailMessage:
    """An e-mail as Préau sends them: text, HTML, an attachment."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Préau <ne-pas-repondre@preau.example>", to, subject
    message.set_content("Bonjour,\nouvrez http://localhost:8000/activation/?c=a1. À bientôt\n")
    message.add_alternative(
        '<p>Bonjour <a href="http://localhost:8000/activation/?c=a1">ici</a>, '
        '<a href="http://localhost:8000/aide/">aide</a> <script>alert(1)</script></p>',
        subtype="html",
    )
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="Lettre à garder.pdf")
    return message


def test_what_is_sent_is_listed_newest_first(smtp: smtplib.SMTP) -> None:
    smtp.send_message(letter())
    smtp.send_message(letter(subject="Rappel"))
    found = Client().get("/boite.json").json()["emails"]
    assert [one["subject"] for one in found] == ["Rappel", "Votre compte à activer"]
    assert found[0]["to"] == ["samira.belkacem@example.org"]
    assert found[0]["links"] == ["http://localhost:8000/activation/?c=a1", "http://localhost:8000/aide/"]
    assert found[0]["attachments"] == [{"name": "Lettre à garder.pdf", "type": "application/pdf", "size": 8}]
    assert "À bientôt" in found[0]["text"]


def test_each_address_finds_its_own(smtp: smtplib.SMTP) -> None:
    smtp.send_message(letter())
    smtp.send_message(letter(to="karim.belkacem@example.org"))
    for asked, count in (("SAMIRA.belkacem@example.org", 1), ("belkacem@example.org", 0), ("", 2), ("%", 0)):
        assert len(Client().get("/boite.json", {"to": asked}).json()["emails"]) == count


def test_the_envelope_decides_who_received_it(smtp: smtplib.SMTP) -> None:
    smtp.sendmail("a@example.org", ["hidden@example.org"], "Subject: x\r\n\r\ny")
    assert Client().get("/boite.json", {"to": "hidden@example.org"}).json()["emails"][0]["to"] == ["hidden@example.org"]


def test_some_mailboxes_refuse_for_good_and_some_for_now(smtp: smtplib.SMTP) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as for_good:
        smtp.sendmail("a@example.org", ["refuse.un@example.org"], "Subject: x\r\n\r\ny")
    assert for_good.value.recipients["refuse.un@example.org"][0] == 550
    with pytest.raises(smtplib.SMTPRecipientsRefused) as for_now:
        smtp.sendmail("a@example.org", ["plus-tard@example.org"], "Subject: x\r\n\r\ny")
    assert for_now.value.recipients["plus-tard@example.org"][0] == 451
    assert Client().get("/boite.json").json()["emails"] == []


def test_a_letter_shows_its_text_links_and_attachment(smtp: smtplib.SMTP) -> None:
    smtp.send_message(letter())
    client = Client()
    pk = client.get("/boite.json").json()["emails"][0]["id"]
    page = client.get(f"/boite/{pk}/").content.decode()
    assert '<a href="http://localhost:8000/activation/?c=a1"' in page and "À bientôt" in page
    piece = client.get(f"/boite/{pk}/piece/0/")
    assert piece.content == b"%PDF-1.7" and piece["Content-Disposition"].startswith("attachment;")
    assert client.get(f"/boite/{pk}/piece/1/").status_code == 404


def test_the_html_of_a_letter_is_kept_in_its_frame(smtp: smtplib.SMTP) -> None:
    smtp.send_message(letter())
    client = Client()
    pk = client.get("/boite.json").json()["emails"][0]["id"]
    frame = client.get(f"/boite/{pk}/html/")
    policy = frame["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox allow-popups" in policy and "script-src" not in policy
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert b"alert(1)" in frame.content


def test_a_hostile_subject_is_text(smtp: smtplib.SMTP) -> None:
    smtp.sendmail("a@example.org", ["b@example.org"], "Subject: <script>alert(1)</script>\r\n\r\ny")
    assert "<script>alert" not in Client().get("/boite/").content.decode()


def test_the_inbox_can_be_emptied(smtp: smtplib.SMTP) -> None:
    smtp.send_message(letter())
    Client().post("/boite/vider/")
    assert Client().get("/boite.json").json() == {"emails": [], "sms": [], "sms_count": 0}
    assert "Rien n’est encore arrivé" in Client().get("/boite/").content.decode()
