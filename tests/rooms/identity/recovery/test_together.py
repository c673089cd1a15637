"""What happens when two browsers act at the same instant: each its own connection, where the engine has several."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.recovery import approvals
from preau.identity.recovery.models import Approval
from preau.identity.signin.device import Device
from tests.rooms.identity.recovery.walkers import NEW, Household, Walker, lost_password

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "samira@example.org"


def at_once(how_many: int, do: Any) -> list[Any]:
    """Run `do(number)` in threads that start together; one after the other where the database is in memory."""
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
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


def test_two_browsers_with_the_right_code_change_the_password_once(family: Household) -> None:
    walkers: list[Walker] = []
    for _ in range(2):
        walker = lost_password(family.samira.username, "email")
        walker.send("code", code=family.code(ADDRESS))
        walkers.append(walker)
        family.clock.forward(seconds=61)
    ends = at_once(2, lambda number: walkers[number].send("mot-de-passe", password=f"{NEW} {number}").url)
    assert sorted(ends) == ["/recuperation/fin/", "/recuperation/responsable/mot-de-passe/fait/"]
    assert Event.objects.filter(name=Events.PASSWORD_RECOVERED).count() == 1


def test_requests_made_together_leave_one_standing(family: Household) -> None:
    ines, at = family.ines, family.clock.now()

    def ask(number: int) -> None:
        approvals.ask(
            trail=f"walk-{number}", username=ines.username, account=ines, device=Device(f"d{number}"),
            kind="téléphone", network="192.0.2.1", is_silent=False, at=at,
        )  # fmt: skip

    at_once(4, ask)
    assert Approval.objects.standing(at).count() == 1 and Approval.objects.count() == 4


def test_numbers_typed_together_are_three_at_most(family: Household) -> None:
    ines, samira, at = family.ines, family.samira, family.clock.now()
    made = approvals.ask(
        trail="walk", username=ines.username, account=ines, device=Device("d"), kind="téléphone",
        network="192.0.2.1", is_silent=False, at=at,
    )  # fmt: skip
    right = int(approvals.number(made))

    def answer(number: int) -> approvals.Answered:
        typed = f"{(right + 1 + number) % 1000:03d}"
        return approvals.answer(samira, ref=made.ref, typed=typed, by=samira.key, at=at)

    found = at_once(8, answer)
    assert sorted(one.tries_left for one in found if one.tries_left is not None) == [0, 1, 2]
    last = approvals.answer(samira, ref=made.ref, typed=approvals.number(made), by=samira.key, at=at)
    assert last == approvals.Answered()
