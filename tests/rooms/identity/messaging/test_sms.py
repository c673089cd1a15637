"""SMS through the gateway of the simulators, over real HTTP: it fails in every way, and no key is on a phone twice."""

import io
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from preau import clock
from preau.identity.messaging import gateways, outbox, sms
from preau.identity.messaging.catalogue import MESSAGES, Audience, Envelope, Message, Way
from preau.identity.messaging.models import Outgoing, SmsHour
from tests.rooms.identity.messaging.gateway_apart import Gateway, free_port, opened

pytestmark = pytest.mark.django_db
NAME = "signin/code"
MOBILE = "+33639980017"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with opened(Path(tmp_path_factory.mktemp("simulators"))) as gateway:
        yield gateway


@pytest.fixture
def gateway(house: Gateway, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    house.empty()
    settings.SMS_URL = f"{house.url}/sms"
    monkeypatch.setattr(gateways, "TIMEOUT", (1.0, 0.5))
    monkeypatch.setattr(gateways, "PAUSES", (0.05, 1.0))
    monkeypatch.setitem(MESSAGES, NAME, Message(NAME, Audience.ANYONE, f"{__name__}.envelope"))
    return house


def envelope(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """A new code at each try, as in life."""
    context = {"code": f"{100000 + outgoing.tries}", "minutes": 30, "host": "localhost"}
    return Envelope(outgoing.facts.get("to", MOBILE), {**context, "is_only_latest": outgoing.is_doubtful})


def post(at: datetime, **facts: str) -> Outgoing:
    posted = outbox.post(NAME, on="code", at=at, way=Way.SMS, **facts)
    assert posted
    return posted


def test_the_words_fit_in_one_message_of_the_cheapest_alphabet_and_end_with_what_phones_read(
    gateway: Gateway, at: datetime
) -> None:
    for doubt in (False, True):
        posted = post(at)
        posted.is_doubtful = doubt
        made = envelope(posted, at)
        assert made
        made.context["host"] = "comptes.ac-prevert.example"
        text = sms.text_of(NAME, made)
        assert set(text) <= sms.GSM and len(text) <= 160
        assert text.splitlines()[-1] == "@comptes.ac-prevert.example #100000"
        assert "Ne le donnez à personne" in text and "30 minutes" in text


def test_an_sms_leaves_once_and_its_receipt_is_kept(gateway: Gateway, at: datetime, client: Client) -> None:
    posted = post(at)
    assert outbox.send_due(at=at) == 1
    posted.refresh_from_db()
    (found,) = gateway.received(MOBILE)
    assert posted.sent_at and posted.reference == f"sms-{found['id']}"
    said = {"id": posted.reference, "state": "undelivered"}
    assert client.post("/sms/accuse/0123/", said, content_type="application/json").status_code == 404
    for state, status in (("undelivered", 204), ("delivered", 204), ("undelivered", 204), ("jolly", 400)):
        answer = client.post(sms.receipts_path(), {**said, "state": state}, content_type="application/json")
        assert answer.status_code == status
    posted.refresh_from_db()
    assert posted.delivered_at and not posted.undelivered_at, "delivered is delivered"


def test_a_gateway_that_is_down_or_busy_costs_no_try_and_people_are_told(
    gateway: Gateway, at: datetime, settings: Any
) -> None:
    posted = post(at)
    good, settings.SMS_URL = settings.SMS_URL, f"http://127.0.0.1:{free_port()}/sms"
    outbox.send_due(at=at)
    posted.refresh_from_db()
    assert (posted.tries, posted.is_doubtful, posted.sent_at) == (0, False, None)
    assert sms.is_down(at) and outbox.send_due(at=at) == 0, "a pause first"
    settings.SMS_URL = good
    gateway.turn("busy")
    assert outbox.send_due(at=at + timedelta(seconds=5)) == 1 and not gateway.count()
    gateway.turn("good")
    outbox.send_due(at=at + timedelta(seconds=15))
    assert gateway.count() == 1 and not sms.is_down(at + timedelta(seconds=16))
    assert sms.sent_in_hour(at) == 1, "failures eat no budget"


def test_a_failure_that_nobody_saw_repaired_is_forgotten(gateway: Gateway, at: datetime) -> None:
    sms.fails(at)
    assert sms.is_down(at + timedelta(minutes=9)) and not sms.is_down(at + timedelta(minutes=11))


def test_a_late_answer_never_sends_twice(gateway: Gateway, at: datetime) -> None:
    gateway.turn("late", seconds=0.8)
    posted = post(at)
    outbox.send_due(at=at)
    posted.refresh_from_db()
    assert gateway.count() == 1 and (posted.sent_at is None) == posted.is_doubtful


def test_an_error_leaves_a_doubt_and_the_next_message_says_that_only_the_last_counts(
    gateway: Gateway, at: datetime
) -> None:
    gateway.turn("error")
    posted = post(at)
    outbox.send_due(at=at)
    posted.refresh_from_db()
    assert posted.is_doubtful and posted.trouble == "NobodyKnows" and sms.is_down(at)
    gateway.turn("good")
    outbox.send_due(at=at + timedelta(minutes=2))
    (found,) = gateway.received(MOBILE)
    assert "Seul compte le dernier code" in found["text"]


def test_a_silent_gateway_lets_go_of_the_worker(gateway: Gateway, at: datetime) -> None:
    gateway.turn("silent", seconds=2)
    post(at)
    begun = time.monotonic()
    outbox.send_due(at=at)
    assert time.monotonic() - begun < 6 and Outgoing.objects.get().is_doubtful


def test_a_number_that_does_not_exist_is_given_up_and_stops_no_other(gateway: Gateway, at: datetime) -> None:
    gateway.turn("refuses")
    first = post(at)
    outbox.send_due(at=at)
    first.refresh_from_db()
    assert first.given_up_at and not sms.is_down(at)
    gateway.turn("good")
    post(at)
    outbox.send_due(at=at)
    assert gateway.count() == 1


def test_nothing_is_sent_where_we_do_not_send(gateway: Gateway, at: datetime) -> None:
    for number in ("+88213000000", "+447911123456", "+212612345678", "0639980017"):
        post(at, to=number)
    outbox.send_due(at=at)
    assert not gateway.count() and Outgoing.objects.filter(given_up_at=None).count() == 0
    for number in ("+33639980017", "+590690123456", "+596696123456", "+594694123456", "+262692123456", "+687751234"):
        assert sms.is_served(number)


def test_the_budget_of_the_hour_holds_the_others_back_until_the_next(
    gateway: Gateway, at: datetime, settings: Any
) -> None:
    settings.SMS_PER_HOUR = 4
    for _ in range(6):
        post(at)
    outbox.send_due(at=at)
    assert gateway.count() == 3 and sms.is_down(at) and not sms.is_over_budget(at)
    outbox.send_due(at=at + timedelta(hours=1))
    assert gateway.count() == 6


def test_a_dial_code_overseas_takes_half_at_most(gateway: Gateway, at: datetime, settings: Any) -> None:
    settings.SMS_PER_HOUR = 8
    for last in range(5):
        post(at, to=f"+68987{last}00000"[:12])
    post(at)
    outbox.send_due(at=at)
    assert sorted(SmsHour.objects.values_list("dial_code", "sent")) == [("33", 1), ("689", 4)]
    assert not sms.is_down(at), "the others may still receive theirs"


def test_families_overseas_receive_theirs_on_the_busiest_metropolitan_morning(
    gateway: Gateway, at: datetime, settings: Any
) -> None:
    settings.SMS_PER_HOUR = 12
    overseas = ("+590690123456", "+594694123456", "+262692123456")
    for _ in range(15):
        post(at)
    for number in overseas:
        post(at, to=number)
    outbox.send_due(at=at)
    assert sms.sent_in_hour(at, "33") == 9 and sms.is_down(at)
    assert sms.sent_in_hour(at, "590", "594", "262") == len(overseas)


def test_countries_abroad_that_the_operator_adds_stay_a_trickle(gateway: Gateway, at: datetime, settings: Any) -> None:
    settings.SMS_PER_HOUR = 40
    settings.SMS_DIAL_CODES = ["33", "594", "32", "352", "41"]
    for last in range(3):
        for number in (f"+3247012345{last}", f"+35262112345{last}", f"+4179123456{last}"):
            post(at, to=number)
    outbox.send_due(at=at)
    sent = dict(SmsHour.objects.values_list("dial_code", "sent"))
    assert sum(sent.values()) == 4 and max(sent.values()) == 2, "a twentieth each, a tenth together"
    assert not sms.is_down(at)


def test_who_serves_one_country_only_gives_it_everything(settings: Any) -> None:
    settings.SMS_PER_HOUR, settings.SMS_DIAL_CODES = 10, ["687"]
    assert sms.share("687") == 10


def test_without_a_gateway_nothing_is_lost_and_people_are_told(at: datetime, settings: Any) -> None:
    settings.SMS_URL = ""
    post(at)
    assert outbox.send_due(at=at) == 0 and sms.is_down(at)
    assert Outgoing.objects.due(at).count() == 1


def test_the_operator_reads_where_the_gateway_reports_and_what_left(gateway: Gateway, at: datetime) -> None:
    now = clock.now()
    post(now)
    outbox.send_due(at=now)
    said = io.StringIO()
    call_command("sms", stdout=said)
    assert sms.receipts_path() in said.getvalue() and "+33 : 1" in said.getvalue()
    assert "en attente : 0" in said.getvalue()
