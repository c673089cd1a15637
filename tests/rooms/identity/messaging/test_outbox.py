"""Messages leave, whatever the mail server does. Each test speaks to a real SMTP server on this machine."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from preau.identity.messaging import outbox
from preau.identity.messaging.catalogue import MESSAGES, Audience, Message
from preau.identity.messaging.catalogue import Envelope as Letter
from preau.identity.messaging.models import Outgoing

pytestmark = pytest.mark.django_db
NAME = "signin/confirm_email"


class Server:
    """A mail server with moods: takes all, refuses for now, hangs up at MAIL or after the content."""

    def __init__(self) -> None:
        self.mood = "good"
        self.received: list[tuple[str, bytes]] = []
        self.sessions = 0

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str, lines: Any) -> Any:
        self.sessions += 1
        session.host_name = hostname
        return lines

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if self.mood == "hangs up early":
            server.transport.close()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if self.mood == "later":
            return "451 4.7.1 Greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.received.append((",".join(envelope.rcpt_tos), envelope.content or b""))
        if self.mood == "hangs up":
            server.transport.close()
            await asyncio.sleep(0.2)
        return "250 OK"


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    mailbox = Server()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "preau.identity.messaging.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    outbox._line.answers()
    yield mailbox
    controller.stop()
    outbox._line.answers()


def envelope(outgoing: Outgoing, at: datetime) -> Letter | None:
    if outgoing.facts.get("gone"):
        return None
    if outgoing.facts.get("broken"):
        raise ValueError("9KQ2WX5MTRB8")
    context = {"first_name": "Samira", "username": "s.belkacem", "link": "/x", "email": "a@example.org"}
    return Letter(f"{outgoing.on.partition(':')[2]}@example.org", context)


@pytest.fixture(autouse=True)
def _message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MESSAGES, NAME, Message(NAME, Audience.ANYONE, f"{__name__}.envelope"))


def only() -> Outgoing:
    return Outgoing.objects.get()


def test_each_message_has_one_recipient_and_all_share_a_line(server: Server, at: datetime) -> None:
    outbox.post_many(NAME, on=["account:1", "account:2", "account:3"], at=at)
    assert outbox.send_due(at=at) == 3
    assert [to for to, _ in server.received] == ["1@example.org", "2@example.org", "3@example.org"]
    assert server.sessions == 1
    assert outbox.send_due(at=at + timedelta(days=1)) == 0


def test_a_double_post_with_the_same_key_sends_once(server: Server, at: datetime) -> None:
    assert outbox.post(NAME, on="account:1", at=at, once="reset:1")
    assert outbox.post(NAME, on="account:1", at=at + timedelta(seconds=1), once="reset:1") is None
    outbox.send_due(at=at + timedelta(seconds=2))
    assert len(server.received) == 1


def test_a_refusal_for_now_is_tried_again_and_leaves_no_doubt(server: Server, at: datetime) -> None:
    server.mood = "later"
    outbox.post(NAME, on="account:1", at=at)
    outbox.send_due(at=at)
    assert (only().trouble, only().is_doubtful) == ("SMTPRecipientsRefused", False)
    server.mood = "good"
    assert outbox.send_due(at=at + timedelta(seconds=59)) == 0
    assert outbox.send_due(at=at + timedelta(seconds=61)) == 1
    assert len(server.received) == 1 and only().sent_at


def test_a_line_cut_after_the_content_leaves_a_doubt(server: Server, at: datetime) -> None:
    server.mood = "hangs up"
    outbox.post(NAME, on="account:1", at=at)
    outbox.send_due(at=at)
    assert (only().is_doubtful, only().trouble) == (True, "NobodyKnows")
    server.mood = "good"
    outbox.send_due(at=at + timedelta(minutes=2))
    assert len(server.received) == 2 and only().sent_at and only().is_doubtful


def test_a_line_cut_before_the_content_leaves_none(server: Server, at: datetime) -> None:
    server.mood = "hangs up early"
    outbox.post(NAME, on="account:1", at=at)
    outbox.send_due(at=at)
    assert not only().is_doubtful and not server.received


def test_a_server_that_is_down_costs_no_message_a_try(server: Server, at: datetime, settings: Any) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    outbox.post_many(NAME, on=["account:1", "account:2"], at=at)
    assert outbox.send_due(at=at) == 0
    assert {row.tries for row in Outgoing.objects.all()} == {0}
    settings.EMAIL_PORT = port
    assert outbox.send_due(at=at + timedelta(seconds=1)) == 0, "a pause first"
    assert outbox.send_due(at=at + timedelta(seconds=3)) == 2


def test_a_worker_killed_while_it_sent_leaves_one_doubt(server: Server, at: datetime) -> None:
    outbox.post_many(NAME, on=["account:1", "account:2"], at=at)
    assert outbox._take(at=at)  # and then kill -9
    later = at + outbox.LEASE + timedelta(seconds=1)
    assert outbox.send_due(at=at) == 1, "the other leaves at once"
    assert outbox.send_due(at=later) == 1
    assert [row.is_doubtful for row in Outgoing.objects.order_by("pk")] == [True, False]


def test_a_message_that_cannot_be_made_stops_no_other_and_its_words_stay_out_of_the_log(
    server: Server, at: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    outbox.post(NAME, on="account:1", at=at, broken=True)
    outbox.post(NAME, on="account:2", at=at)
    assert outbox.send_due(at=at) == 2
    assert [to for to, _ in server.received] == ["2@example.org"]
    assert "9KQ2WX5MTRB8" not in caplog.text + str(list(Outgoing.objects.values()))


def test_a_message_whose_reason_has_gone_is_not_sent(server: Server, at: datetime) -> None:
    outbox.post(NAME, on="account:1", at=at, gone=True)
    outbox.send_due(at=at)
    assert not server.received and only().trouble == outbox.WITHOUT_OBJECT


def test_after_four_days_of_refusals_it_is_given_up_and_kept_visible(server: Server, at: datetime) -> None:
    server.mood = "later"
    outbox.post(NAME, on="account:1", at=at)
    for hours in range(24 * 8):
        outbox.send_due(at=at + timedelta(hours=hours))
    assert only().given_up_at and not server.received
