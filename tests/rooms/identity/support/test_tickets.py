"""Tickets: what they keep, what they hide, how they are found again."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.support import tickets, tidying
from preau.identity.support.models import LASTS, Answer, Ticket
from preau.identity.support.tickets import Stated
from tests.rooms.identity.signin import people

pytestmark = pytest.mark.django_db
SAMIRA = Stated(
    surname="Belkacem", first_name="Samira Leïla", mobile="+33639981717",
    births=frozenset({date(2014, 3, 14), date(2015, 8, 27)}), email="Samira@Example.org", title="MME",
)  # fmt: skip


def test_a_number_can_be_read_aloud_and_typed_back_carelessly(at: datetime) -> None:
    number = tickets.issue(journey="activation-mobile", stated=SAMIRA, at=at)
    assert len(number) == 8 and number[3] == "-" and set(number.replace("-", "")) <= set(tickets.ALPHABET)
    for typed in (number, number.lower(), number.replace("-", " "), f" {number} "):
        found = tickets.find(typed, at=at)
        assert found is not None and found.journey == "activation-mobile"


def test_a_sign_that_looks_like_another_is_understood() -> None:
    assert tickets.as_typed("0oi-l2sz") == "QQLL252"


def test_what_was_typed_compares_with_its_number_only(at: datetime) -> None:
    number, other = (tickets.issue(journey="activation-mobile", stated=SAMIRA, at=at) for _ in range(2))
    ticket = tickets.find(number, at=at)
    assert ticket is not None
    assert tickets.says(ticket, number, "surname", "BELKACEM")
    assert tickets.says(ticket, number, "first_name", "SAMIRA LEILA")
    assert tickets.says(ticket, number, "first_given", "SAMIRA")
    assert tickets.says(ticket, number, "births", "2014-03-14")
    assert tickets.says(ticket, number, "email", "samira@example.org")
    assert not tickets.says(ticket, number, "mobile", "+33639981718")
    assert not tickets.says(ticket, number, "births", "2014-03-15")
    assert not tickets.says(ticket, number, "child", "")
    assert not tickets.says(ticket, other, "surname", "BELKACEM")


def test_the_row_holds_nothing_readable_and_two_alike_share_nothing(at: datetime) -> None:
    numbers = [tickets.issue(journey="activation-mobile", stated=SAMIRA, at=at) for _ in range(2)]
    one, two = Ticket.objects.order_by("pk")
    written = json.dumps([one.fields, two.fields, one.digest, two.digest]).casefold()
    words = ("belkacem", "samira", "639981717", "2014-03-14", "samira@", *(n.replace("-", "").lower() for n in numbers))
    assert not [word for word in words if word in written]
    flat = [set(json.dumps(ticket.fields).split('"')) for ticket in (one, two)]
    assert not [digest for digest in flat[0] & flat[1] if "$" in digest]


def test_nothing_is_read_of_anybody_so_the_work_is_the_same(family: people.Family, at: datetime) -> None:
    assert _statements(SAMIRA, at) == _statements(replace(SAMIRA, surname="Personne"), at) > 0
    one, two = Ticket.objects.order_by("pk")
    assert one.fields.keys() == two.fields.keys()
    assert len(one.fields["births"]) == len(two.fields["births"]) == 2


def test_a_ticket_lives_thirty_days_then_goes(at: datetime) -> None:
    number = tickets.issue(journey="activation-mobile", stated=SAMIRA, at=at)
    assert tickets.find(number, at=at + LASTS - timedelta(seconds=1))
    assert tickets.find(number, at=at + LASTS) is None
    assert tidying.forget_tickets(at=at + LASTS) == 1
    assert not Ticket.objects.exists()


def test_a_walk_has_one_ticket_and_a_device_so_many_a_day(at: datetime, rf: RequestFactory) -> None:
    facts: dict[str, object] = {}
    numbers = {tickets.hand(rf.get("/"), facts, journey="x", stated=SAMIRA, at=at) for _ in range(3)}
    assert len(numbers) == 1 and Ticket.objects.count() == 1
    for _ in range(tickets.FROM_DEVICE - 1):
        assert tickets.hand(rf.get("/"), {}, journey="x", stated=SAMIRA, at=at)
    empty: dict[str, object] = {}
    assert tickets.hand(rf.get("/"), empty, journey="x", stated=SAMIRA, at=at) == ""
    assert tickets.words(empty)["ticket"] == ""
    assert Ticket.objects.count() == tickets.FROM_DEVICE


def test_the_school_looks_then_answers_and_each_leaves_an_event(family: people.Family, at: datetime) -> None:
    number = tickets.issue(journey="activation-mobile", stated=SAMIRA, at=at)
    ticket = tickets.find(number, at=at)
    assert ticket is not None
    with pytest.raises(tickets.NotLookedAt):
        tickets.answer(ticket, what=Answer.RETRY, retry_at=at, by="staff:1", at=at)
    tickets.look(ticket, family.guardian, by="staff:1", at=at)
    tickets.answer(ticket, what=Answer.RETRY, retry_at=at + timedelta(hours=24), by="staff:1", at=at)
    ticket.refresh_from_db()
    assert (ticket.guardian, ticket.school, ticket.looked_at) == (family.guardian, family.school, at)
    assert ticket.retry_at == at + timedelta(hours=24)
    read, answered = Event.objects.filter(name__startswith="support.").order_by("pk")
    assert (read.name, read.on, read.uai) == (Events.TICKET_READ, family.guardian.key, "0991234D")
    assert answered.facts == {"ticket": ticket.pk, "answer": "retry"}


def _statements(stated: Stated, at: datetime) -> int:
    with CaptureQueriesContext(connection) as captured:
        tickets.issue(journey="activation-mobile", stated=stated, at=at)
    return len(captured)
