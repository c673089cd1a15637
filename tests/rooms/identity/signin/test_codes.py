"""Short codes: asked by a page, drawn by the worker, typed back once, in the same browser, for the same thing."""

import re
from dataclasses import dataclass

import pytest
from django.core import mail

from preau.identity.accounts.channels import Way
from preau.identity.messaging import outbox
from preau.identity.signin import codes
from preau.identity.signin.codes import Asked, Checked, Found, Sending
from preau.identity.signin.device import Device
from tests.rooms.identity.signin.people import Clock

pytestmark = pytest.mark.django_db
ADDRESS = "samira@example.org"


@dataclass
class Walk:
    """A draft, as far as codes are concerned."""

    ref: str = "a1b2c3d4e5f60718"


HERS, OTHER = Walk(), Walk("ffffffffffffffff")


def ask(clock: Clock, *, walk: Walk = HERS, address: str = ADDRESS, on: str = "account:1", **over: str) -> Asked:
    return codes.ask(
        trail=walk,
        purpose=over.get("purpose", "recovery"),
        way=Way.EMAIL,
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
