"""Codes that a stranger makes leave cost money: a browser that asks a lot makes an effort first, whoever matches."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from preau.identity.activation.claimant import DOOR
from preau.identity.signin import captcha
from preau.identity.signin.device import Device
from preau.identity.signin.models import Code
from preau.identity.support.models import Ticket
from tests.rooms.identity import phone
from tests.rooms.identity.activation.test_franceconnect import Citizen
from tests.rooms.identity.activation.test_mobile import TYPED, Walk
from tests.rooms.identity.signin import people

pytestmark = pytest.mark.django_db
WHO = "/activation/mobile/mobile/"


@pytest.fixture
def phones(settings: Any) -> Iterator[phone.Phones]:
    with phone.switched_on() as phones:
        settings.SMS_URL = phones.url
        yield phones


@pytest.fixture
def walk(clock: people.Clock, phones: phone.Phones, db: None) -> Walk:
    return Walk(clock, phones)


@pytest.fixture
def citizen(clock: people.Clock, phones: phone.Phones, db: None) -> Citizen:
    return Citizen(clock, phones)


def ask(walk: Walk, times: int) -> Walk:
    """So many numbers, one after the other, from the first page."""
    walk.begin()
    for last in range(times):
        back(walk).say(mobile=f"06 39 98 10 0{last}")
        walk.clock.forward(seconds=61)
    return back(walk)


def back(walk: Walk, path: str = WHO) -> Walk:
    walk.page, walk.path = walk.client.get(path, follow=True), path
    return walk


def test_the_fourth_code_from_one_browser_asks_an_effort_before_it_leaves(family: people.Family, walk: Walk) -> None:
    assert "altcha" not in ask(walk, 2).words
    ask(walk, 1)
    assert "altcha" in walk.words and "attendez 15 secondes" in walk.words
    codes, question = Code.objects.count(), walk.page
    walk.say()
    assert walk.page.status_code == 422 and Code.objects.count() == codes and "vérification de plus" in walk.words
    back(walk).answer(surname="Belkacem", first_name="Samira", mobile=TYPED, **people.effort(question))
    assert walk.at == "code"
    walk.sms()
    assert walk.at == "enfants"


def test_without_a_script_one_waits_the_seconds_that_the_page_says(family: people.Family, walk: Walk) -> None:
    left = re.search(r'name="altcha" value="([^"]+)"', ask(walk, 3).words)
    assert left
    who = {"surname": "Belkacem", "first_name": "Samira", "mobile": TYPED, "altcha": left[1]}
    walk.clock.forward(seconds=5)
    assert "Attendez encore" in walk.answer(**who).words
    walk.clock.forward(seconds=12)
    assert back(walk).answer(**who).at == "code"


def test_what_is_mistyped_costs_neither_the_effort_nor_a_count(family: people.Family, walk: Walk) -> None:
    walk.begin()
    for _ in range(6):
        walk.answer(surname="", first_name="", mobile="12")
    assert "altcha" not in back(walk).words


def test_the_effort_is_of_the_browser_and_says_nothing_of_who_is_known(family: people.Family, walk: Walk) -> None:
    pages, costs = [], []
    for surname in ("Belkacem", "Inconnu"):
        one = ask(Walk(walk.clock, walk.phones), 3)
        with CaptureQueriesContext(connection) as queries:
            one.say(surname)
        assert one.page.status_code == 422
        pages.append(re.sub(r'value="[^"]*"|nonce="[^"]*"', "", one.words))
        costs.append(Counter(query["sql"].split(" ", 1)[0] for query in queries.captured_queries))
    assert pages[0] == pages[1] and costs[0] == costs[1]
    assert "altcha" not in Walk(walk.clock, walk.phones).begin().words, "another browser is asked nothing"


def test_fifty_askings_from_one_network_ask_it_of_newcomers_too(family: people.Family, walk: Walk) -> None:
    for number in range(50):
        captcha.count(DOOR, device=Device(f"browser {number}"), network="127.0.0.1", at=walk.clock.now())
    assert "altcha" in walk.begin().words


def test_after_franceconnect_too_but_not_to_say_that_the_number_is_lost(
    family: people.Family, citizen: Citizen
) -> None:
    page = "/activation/franceconnect/mobile/"
    citizen.arrive()
    for last in range(3):
        back(citizen, page).answer(mobile=f"06 39 98 10 0{last}")
        citizen.clock.forward(seconds=61)
    assert "altcha" in back(citizen, page).words
    assert citizen.answer(mobile=TYPED).page.status_code == 422
    assert back(citizen, page).answer(other="1").at == "autre-preuve"
    citizen.answer(proof="email")
    assert "altcha" in citizen.words
    question = citizen.page
    assert citizen.answer(email="samira@example.org").page.status_code == 422
    assert citizen.answer(email="samira@example.org", **people.effort(question)).at == "code"


def test_a_letter_tried_after_franceconnect_is_a_try_at_the_door_of_the_passwords(
    family: people.Family, citizen: Citizen
) -> None:
    code = people.notified(family.account, at=citizen.clock.now())
    citizen.arrive().answer(other="1").answer(proof="letter")
    for _ in range(3):
        citizen.answer(username=family.account.username, password="2222 2222 2222")
    assert "Cette lettre n’ouvre rien" in citizen.words and "altcha" in citizen.words
    letter = {"username": family.account.username, "password": code}
    assert "vérification de plus" in citizen.answer(**letter).words, "nothing was compared"
    assert citizen.answer(**letter, **people.effort(citizen.page)).at == "enfants"


def test_a_paused_letter_says_until_when(family: people.Family, citizen: Citizen) -> None:
    citizen.arrive().answer(other="1").answer(proof="letter")
    for _ in range(6):
        wrong = {"username": family.account.username, "password": "2222 2222 2222"}
        citizen.answer(**wrong, **people.effort(citizen.page))
    assert "Recommencez après" in citizen.words and "une autre preuve" in citizen.words
    assert not Ticket.objects.exists()
