"""Short codes: asked by a page, drawn by the worker, typed back once, in the same browser, for the same thing."""

import logging
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from preau.identity.accounts.channels import Way
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.messaging import gateways, outbox, sms
from preau.identity.messaging.models import Outgoing
from preau.identity.signin import codes, sms_watch, tidying
from preau.identity.signin.codes import Asked, Checked, Found, Sending
from preau.identity.signin.device import Device
from preau.identity.signin.models import Code
from tests.rooms.identity.messaging.gateway_apart import Gateway, free_port, opened
from tests.rooms.identity.signin.people import Clock

pytestmark = pytest.mark.django_db
ADDRESS, MOBILE = "samira@example.org", "+33639980017"


@dataclass
class Walk:
    """A draft, as far as codes are concerned."""

    ref: str = "a1b2c3d4e5f60718"


HERS, OTHER = Walk(), Walk("ffffffffffffffff")


def ask(clock: Clock, *, walk: Walk = HERS, address: str = ADDRESS, on: str = "account:1", **over: str) -> Asked:
    return codes.ask(
        trail=walk,
        purpose=over.get("purpose", "recovery"),
        way=Way.SMS if address.startswith("+") else Way.EMAIL,
        address=address,
        on=on,
        device=Device(over.get("device", "d1")),
        network=over.get("network", "192.0.2.1"),
        at=clock.now(),
    )


def received(clock: Clock) -> str:
    """What the newest message says."""
    outbox.send_due(at=clock.now())
    return re.findall(r"^\d{6}$", str(mail.outbox[-1].body), re.M)[0]


def check(clock: Clock, typed: str, *, walk: Walk = HERS, purpose: str = "recovery") -> Checked:
    return codes.check(trail=walk, purpose=purpose, typed=typed, at=clock.now())


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_code_received_opens_once(clock: Clock) -> None:
    assert ask(clock).sending is Sending.POSTED
    code = received(clock)
    assert check(clock, code).is_right
    assert check(clock, code).found is Found.USED


def test_another_browser_or_another_purpose_opens_nothing(clock: Clock) -> None:
    ask(clock)
    code = received(clock)
    assert check(clock, code, walk=OTHER).found is Found.NOT_SENT
    assert check(clock, code, purpose="activation").found is Found.NOT_SENT
    assert check(clock, code).is_right


def test_three_wrong_tries_end_a_code_and_another_may_be_asked(clock: Clock) -> None:
    ask(clock)
    code = received(clock)
    tried = [check(clock, another(code)) for _ in range(3)]
    assert [(one.found, one.tries_left) for one in tried] == [(Found.WRONG, 2), (Found.WRONG, 1), (Found.SPENT, 0)]
    assert check(clock, code).found is Found.SPENT
    clock.forward(seconds=61)
    ask(clock)
    assert check(clock, received(clock)).is_right


def test_a_new_code_kills_the_one_before_once_it_has_left(clock: Clock) -> None:
    ask(clock)
    first = received(clock)
    clock.forward(seconds=61)
    ask(clock)
    second = received(clock)
    if first != second:
        assert check(clock, first).found is Found.WRONG
    assert check(clock, second).is_right


def test_it_may_be_asked_again_after_a_minute_and_five_times_a_day_by_anybody(clock: Clock) -> None:
    assert ask(clock).sending is Sending.POSTED
    clock.forward(seconds=59)
    assert ask(clock, walk=OTHER, device="d2", network="192.0.2.2").sending is Sending.TOO_SOON
    clock.forward(seconds=2)
    states = []
    for number in range(6):
        states.append(ask(clock, walk=OTHER, address=ADDRESS.upper(), device=f"d{number}").sending)
        clock.forward(seconds=61)
    assert states == [Sending.POSTED] * 4 + [Sending.DAY_OVER] * 2
    clock.forward(days=1)
    assert ask(clock).sending is Sending.POSTED


def test_a_code_lives_thirty_minutes(clock: Clock) -> None:
    ask(clock)
    code = received(clock)
    clock.forward(minutes=30)
    assert check(clock, code).found is Found.EXPIRED
    assert not Outgoing.objects.due(clock.now()).exists()


def test_a_code_that_could_not_leave_in_time_never_does(clock: Clock) -> None:
    ask(clock)
    clock.forward(minutes=31)
    outbox.send_due(at=clock.now())
    assert not mail.outbox and check(clock, "000000").found is Found.NOT_SENT


def test_a_code_sent_to_one_number_never_proves_another(clock: Clock) -> None:
    """Somebody receives a code at home, then says that the number is a stranger's, whose own code has not left."""
    ask(clock)
    code = received(clock)
    ask(clock, address="victime@example.org", on="account:2")
    assert check(clock, code).found is Found.NOT_SENT
    for place, found in (("victime@example.org", Found.NOT_SENT), (ADDRESS, Found.NOT_SENT)):
        outcome = codes.check(trail=HERS, purpose="recovery", typed=code, at=clock.now(), way=Way.EMAIL, address=place)
        assert outcome.found is found


def test_nobody_behind_the_address_costs_the_same_work_and_says_the_same(clock: Clock) -> None:
    seen = []
    for walk, address, on in ((HERS, ADDRESS, "account:1"), (OTHER, "inconnue@example.org", "")):
        rows = {model: model._default_manager.count() for model in apps.get_models() if model._meta.managed}
        with CaptureQueriesContext(
            connection,
        ) as asking:
            asked = ask(clock, walk=walk, address=address, on=on, device=walk.ref, network=walk.ref)
        outbox.send_due(at=clock.now())
        with CaptureQueriesContext(connection) as checking:
            tries = [check(clock, "not digits", walk=walk) for _ in range(4)]
        grown = {model: model._default_manager.count() - count for model, count in rows.items() if model._meta.managed}
        shapes = [re.sub(r"'[^']*'|\d+", "?", one["sql"]) for one in (*asking, *checking)]
        seen.append((asked.sending, tries, grown, [re.sub(r"\s+", " ", shape)[:60] for shape in shapes]))
    assert seen[0] == seen[1]
    assert len(mail.outbox) == 1


def test_nothing_readable_is_kept_nor_logged(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ask(clock)
    code = received(clock)
    check(clock, another(code))
    dump = caplog.text
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            dump += "".join(bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else f" {v} " for v in row)
    assert ADDRESS not in dump
    assert not re.search(rf"(?<![0-9a-f.]){code}(?![0-9a-f])", dump)


def test_codes_are_forgotten_the_next_day(clock: Clock) -> None:
    ask(clock)
    clock.forward(hours=23)
    tidying.forget_codes(at=clock.now())
    assert Code.objects.exists()
    clock.forward(hours=2)
    tidying.forget_codes(at=clock.now())
    assert not Code.objects.exists()


# Tries made at the same instant --------------------------------------------------------------------------------------


def at_once(how_many: int, do: Any) -> list[Any]:
    """Run `do(number)` in threads that start together, each with its own connection.

    One connection holds SQLite’s database, in memory: there, together means one after the other.
    """
    if connection.vendor == "sqlite":
        return [do(number) for number in range(how_many)]
    gate = threading.Barrier(how_many)

    def run(number: int) -> Any:
        try:
            gate.wait(10)
            return do(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(how_many) as pool:
        return list(pool.map(run, range(how_many)))


@pytest.mark.django_db(transaction=True)
def test_wrong_tries_made_together_are_all_counted(clock: Clock) -> None:
    ask(clock)
    code = received(clock)
    found = at_once(8, lambda _: check(clock, another(code)).found)
    assert found.count(Found.SPENT) >= 6 and Found.RIGHT not in found
    assert check(clock, code).found is Found.SPENT and Code.objects.get().tries == 3


@pytest.mark.django_db(transaction=True)
def test_the_right_code_typed_in_two_tabs_together_opens_one(clock: Clock) -> None:
    ask(clock)
    code = received(clock)
    found = at_once(3, lambda _: check(clock, code).found)
    assert found.count(Found.RIGHT) == 1


@pytest.mark.django_db(transaction=True)
def test_a_code_asked_ten_times_together_leaves_once(clock: Clock) -> None:
    sendings = at_once(10, lambda number: ask(clock, walk=Walk(f"walk-{number}"), device=f"d{number}").sending)
    assert sorted(sendings) == [Sending.POSTED] + [Sending.TOO_SOON] * 9
    outbox.send_due(at=clock.now())
    assert len(mail.outbox) == 1


# By SMS --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with opened(Path(tmp_path_factory.mktemp("simulators"))) as gateway:
        yield gateway


@pytest.fixture
def gateway(house: Gateway, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    house.empty()
    settings.SMS_URL = f"{house.url}/sms"
    monkeypatch.setattr(gateways, "TIMEOUT", (1.0, 1.0))
    monkeypatch.setattr(gateways, "PAUSES", (0.05, 0.05))
    return house


def texted(gateway: Gateway, clock: Clock, to: str = MOBILE) -> str:
    """The code of the newest SMS."""
    outbox.send_due(at=clock.now())
    return str(gateway.received(to)[0]["text"])[:6]


def test_a_code_by_sms_opens_once(gateway: Gateway, clock: Clock) -> None:
    ask(clock, address=MOBILE)
    code = texted(gateway, clock)
    assert gateway.received(MOBILE)[0]["text"].endswith(f"@localhost #{code}")
    assert check(clock, code).is_right and not check(clock, code).is_right


def test_nobody_behind_the_number_receives_nothing(gateway: Gateway, clock: Clock) -> None:
    assert ask(clock, address=MOBILE, on="").sending is Sending.POSTED
    outbox.send_due(at=clock.now())
    assert not gateway.count() and check(clock, "123456").tries_left == 2


def test_a_country_we_do_not_serve_is_refused_whoever_asks(gateway: Gateway, clock: Clock) -> None:
    assert {ask(clock, address="+88213000000", on=on).sending for on in ("", "account:1")} == {Sending.NOT_SERVED}
    assert not Code.objects.exists()


def test_a_gateway_that_is_down_eats_nothing_of_the_day(gateway: Gateway, clock: Clock, settings: Any) -> None:
    good, settings.SMS_URL = settings.SMS_URL, f"http://127.0.0.1:{free_port()}/sms"
    for _ in range(5):
        assert ask(clock, address=MOBILE).sending is Sending.POSTED
        outbox.send_due(at=clock.now())
        clock.forward(seconds=61)
    assert sms.is_down(clock.now())
    settings.SMS_URL = good
    outbox.send_due(at=clock.now())
    assert gateway.count() == 1, "only the last one asked leaves"
    clock.forward(seconds=61)
    left = 0
    while ask(clock, address=MOBILE).is_posted:
        left += 1
        outbox.send_due(at=clock.now())
        clock.forward(seconds=61)
    assert left == 4, "the first of all was asked while nobody knew"


def test_what_was_asked_during_a_failure_never_leaves_in_a_burst(gateway: Gateway, clock: Clock, settings: Any) -> None:
    good, settings.SMS_URL = settings.SMS_URL, f"http://127.0.0.1:{free_port()}/sms"
    for number in range(12):
        assert ask(clock, walk=Walk(f"w{number}"), address=MOBILE, device=f"d{number}").sending is Sending.POSTED
        outbox.send_due(at=clock.now())
        clock.forward(seconds=61)
    settings.SMS_URL = good
    outbox.send_due(at=clock.now() + timedelta(minutes=2))
    assert gateway.count() == codes.A_DAY


def test_a_code_that_comes_late_is_harmless(gateway: Gateway, clock: Clock) -> None:
    """The gateway sent it and never said so: what the phone shows works until another one leaves."""
    gateway.turn("late", seconds=2)
    ask(clock, address=MOBILE)
    code = texted(gateway, clock)
    gateway.turn("good")
    assert gateway.count() == 1
    clock.forward(minutes=2)
    again = texted(gateway, clock)
    if again != code:
        assert check(clock, code).found is Found.WRONG
    assert check(clock, again).is_right


def test_a_thousand_requests_from_fifty_networks_send_five_to_each_number(gateway: Gateway, clock: Clock) -> None:
    """specs/security.md, A18: a site made to send to a few numbers, from many places."""
    numbers = [f"+3363998{last:04d}" for last in range(4)]
    for request in range(1000):
        ask(
            clock,
            walk=Walk(f"walk-{request}"),
            address=numbers[request % 4],
            device="" if request % 2 else f"d{request}",
            network=f"192.0.2.{request % 50}",
        )
        if request % 100 == 99:
            clock.forward(minutes=2)
            outbox.send_due(at=clock.now())
    assert {number: len(gateway.received(number)) for number in numbers} == dict.fromkeys(numbers, 5)


def test_one_network_and_one_browser_cannot_send_to_a_whole_town(gateway: Gateway, clock: Clock) -> None:
    def posted(device: str, network: str, first: int) -> int:
        asked = [
            ask(clock, walk=Walk(f"w{n}"), address=f"+3363998{n:04d}", device=device, network=network)
            for n in range(first, first + 120)
        ]
        return sum(one.sending is Sending.POSTED for one in asked)

    assert posted("one browser", "192.0.2.1", 0) == codes.DEVICE_A_DAY
    assert posted("", "192.0.2.2", 1000) == codes.NETWORK_AN_HOUR


def test_a_spent_budget_is_an_alarm_once_an_hour_and_everybody_is_told(
    gateway: Gateway, clock: Clock, settings: Any
) -> None:
    settings.SMS_PER_HOUR = 4
    for last in range(5):
        ask(clock, walk=Walk(f"w{last}"), address=f"+3363998000{last}", device=f"d{last}")
    outbox.send_due(at=clock.now())
    for _ in range(3):
        sms_watch.watch(at=clock.now())
    (alarm,) = Event.objects.filter(name=Events.SMS_BUDGET)
    assert alarm.facts == {"sent": 3} and gateway.count() == 3 and sms.is_down(clock.now())


def test_a_gateway_that_is_down_and_codes_that_nobody_types_are_alarms(clock: Clock) -> None:
    sms.fails(clock.now())
    sms_watch.watch(at=clock.now())
    assert Event.objects.filter(name=Events.SMS_DOWN).count() == 1
    for number in range(60):
        Code.objects.create(
            trail=f"w{number}", purpose="x", way=Way.SMS, on="account:1", sealed=b"", counter="", digest="x",
            asked_at=clock.now(), drawn_at=clock.now(), used_at=clock.now() if number < 5 else None,
        )  # fmt: skip
    sms_watch.watch(at=clock.now())
    assert not Event.objects.filter(name=Events.SMS_UNANSWERED).exists(), "they still have time"
    sms_watch.watch(at=clock.now() + timedelta(minutes=31))
    assert Event.objects.get(name=Events.SMS_UNANSWERED).facts == {"sent": 60, "typed": 5}
