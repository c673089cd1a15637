"""An effort after failures: made by the browser or by waiting, once, for one browser; nobody is locked out by it."""

import base64
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import altcha
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from preau.design.forms import PasswordField
from preau.identity.accounts.models import Account
from preau.identity.signin import captcha, lockout
from preau.identity.signin.captcha import Answer, Effort, GuardedForm
from preau.identity.signin.device import Device
from preau.identity.signin.lockout import CALM, Tries, seconds_to_wait
from preau.identity.signin.models import Failure
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import NOT_COMPARED, PASSWORD, Clock, Family, sign_in, words

PHONE, NETWORK = Device("phone"), "198.51.100.7"
DOOR = "/connexion/responsable/"


@pytest.fixture
def samira(family: Family, clock: Clock) -> Account:
    return people.active(family.account, at=clock.now())


def asked(clock: Clock, device: Device = PHONE, seconds: int = 15) -> Effort:
    return Effort(device, NETWORK, seconds=seconds, at=clock.now())


# When -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("tries", "seconds"),
    [
        (Tries(device=1, record=1), 0),
        (Tries(device=CALM.device, record=CALM.record), 0),
        (Tries(device=4, record=4), 15),
        (Tries(device=5, record=5), 30),
        (Tries(device=9, record=9), 60),
        (Tries(device=1, record=1, network=CALM.network), 15),
        (Tries(device=1, record=1, network=CALM.network, is_familiar=True), 0),
        (Tries(device=1, record=CALM.record + 1), 15),
        (Tries(device=1, record=CALM.record + 1, is_familiar=True), 0),
        (Tries(device=4, record=4, is_familiar=True), 15),
    ],
)
def test_the_effort_comes_before_the_pause_and_spares_the_devices_of_the_holder(tries: Tries, seconds: int) -> None:
    assert seconds_to_wait(tries) == seconds
    assert CALM.device < lockout.DEVICE[lockout.Door.PASSWORD].tries and CALM.network < lockout.NETWORK.tries


# What an answer is worth ----------------------------------------------------------------------------------------------
def test_an_answer_serves_once_and_for_the_browser_it_was_asked_of(db: None, clock: Clock) -> None:
    answer = people.solved(asked(clock).payload)
    assert asked(clock, Device("another")).judge(answer) is Answer.NONE
    assert asked(clock).judge(answer) is Answer.MET
    assert asked(clock).judge(answer) is Answer.NONE


def test_a_browser_without_our_cookie_answers_for_its_network(db: None, clock: Clock) -> None:
    answer = people.solved(asked(clock, Device()).payload)
    assert captcha.judge(answer, device=Device(), network="192.0.2.1", seconds=15, at=clock.now()) is Answer.NONE
    assert asked(clock, Device()).judge(answer) is Answer.MET


def test_without_a_script_the_effort_is_to_wait(db: None, clock: Clock) -> None:
    left_as_it_was = asked(clock, seconds=30).payload
    clock.forward(seconds=29)
    assert asked(clock, seconds=30).judge(left_as_it_was) is Answer.EARLY
    clock.forward(seconds=2)
    assert asked(clock, seconds=30).judge(left_as_it_was) is Answer.MET
    assert asked(clock, seconds=30).judge(left_as_it_was) is Answer.NONE


def test_who_comes_too_early_keeps_the_seconds_already_waited(db: None, clock: Clock) -> None:
    effort = asked(clock, seconds=30)
    typed = effort.payload
    clock.forward(seconds=20)
    now = asked(clock, seconds=30)
    following = captcha.following(now, typed, now.judge(typed))
    assert 9 <= following.seconds <= 11
    clock.forward(seconds=12)
    assert asked(clock, seconds=30).judge(following.payload) is Answer.MET


def test_a_question_is_forgotten_after_a_quarter_of_an_hour(db: None, clock: Clock) -> None:
    answer = people.solved(asked(clock).payload)
    clock.forward(minutes=16)
    assert asked(clock).judge(answer) is Answer.NONE


def _changed(payload: str, **parameters: Any) -> str:
    read = json.loads(base64.b64decode(payload))
    read["challenge"]["parameters"].update(parameters)
    return base64.b64encode(json.dumps(read).encode()).decode()


def test_a_question_made_or_changed_by_others_is_worth_nothing(db: None, clock: Clock) -> None:
    effort = asked(clock)
    old = {**json.loads(base64.b64decode(effort.payload))["challenge"]["parameters"]["data"], "made": 1}
    easier = altcha.create_challenge("PBKDF2/SHA-256", 1, counter=1, hmac_secret="guessed")
    theirs = {"challenge": easier.to_dict(), "solution": {"counter": 0, "derivedKey": ""}}
    solved_theirs = people.solved(base64.b64encode(json.dumps(theirs).encode()).decode())
    for forged in (
        _changed(effort.payload, cost=1, keyPrefix=""), _changed(effort.payload, data=old),
        solved_theirs,
        "", "x" * 5000, "e30=", "%%%", base64.b64encode(b'{"challenge": 1, "solution": []}').decode(),
    ):  # fmt: skip
        assert effort.judge(forged) is Answer.NONE


# At the door ----------------------------------------------------------------------------------------------------------
def fail(client: Client, username: str, times: int) -> Any:
    response = None
    for _ in range(times):
        response = sign_in(client, username, "faux")
    return response


def test_after_three_failures_the_page_asks_an_effort_and_the_next_ones_still_do(
    client: Client, samira: Account
) -> None:
    assert "altcha" not in words(fail(client, samira.username, 2))
    third = fail(client, samira.username, 1)
    assert third.status_code == 422 and 'name="altcha"' in words(third) and "attendez 15 secondes" in words(third)
    assert 'name="altcha"' in words(client.get(DOOR))
    assert sign_in(client, samira.username, PASSWORD).url == "/connexion/suite/"


def test_without_the_effort_nothing_is_compared_and_no_try_is_lost(client: Client, samira: Account) -> None:
    fail(client, samira.username, 3)
    before = Counter(Failure.objects.values_list("count", flat=True))
    for _ in range(6):  # never paused by this
        response = client.post(DOOR, {"username": samira.username, "password": PASSWORD})
        assert response.status_code == 422 and NOT_COMPARED in words(response)
    assert Counter(Failure.objects.values_list("count", flat=True)) == before
    assert sign_in(client, samira.username, PASSWORD).url == "/connexion/suite/"


def test_a_person_without_a_script_waits_as_told_and_comes_in(client: Client, samira: Account, clock: Clock) -> None:
    shown = words(fail(client, samira.username, 3))
    sent = {"username": samira.username, "password": PASSWORD, "altcha": shown.partition('name="altcha" value="')[2]}
    sent["altcha"] = sent["altcha"].partition('"')[0]
    clock.forward(seconds=5)
    early = client.post(DOOR, sent)
    assert early.status_code == 422 and "Attendez encore" in words(early)
    clock.forward(seconds=12)
    assert client.post(DOOR, sent).url == "/connexion/suite/"


def test_an_answer_caught_on_the_way_serves_nobody_twice(client: Client, samira: Account) -> None:
    answer = people.effort(fail(client, samira.username, 3))
    assert client.post(DOOR, {"username": samira.username, "password": "faux", **answer}).status_code == 422
    replayed = client.post(DOOR, {"username": samira.username, "password": PASSWORD, **answer})
    assert NOT_COMPARED in words(replayed)


def test_the_effort_says_nothing_of_whether_the_username_is_known(client: Client, samira: Account) -> None:
    pages, costs = [], []
    for username in (samira.username, "n.personne"):
        browser = Client()
        fail(browser, username, 3)
        with CaptureQueriesContext(connection) as queries:
            answer = browser.post(DOOR, {"username": username, "password": PASSWORD})
        kept = [line for line in words(answer).splitlines() if "altcha" not in line and "csrf" not in line]
        pages.append("\n".join(kept).replace(f'value="{username}"', ""))
        costs.append(Counter(query["sql"].split(" ", 1)[0] for query in queries.captured_queries))
    assert pages[0] == pages[1] and costs[0] == costs[1]


def test_many_devices_failing_on_one_record_are_asked_an_effort_but_never_its_holder(
    client: Client, samira: Account
) -> None:
    sign_in(client, samira.username, PASSWORD)
    client.post("/deconnexion/")
    for _ in range(CALM.record):
        sign_in(Client(), samira.username, "faux")
    sent = {"username": samira.username, "password": PASSWORD}
    assert NOT_COMPARED in words(Client().post(DOOR, sent))
    assert client.post(DOOR, sent).url == "/connexion/suite/"


@pytest.mark.parametrize("seconds", ["0", "-1", "999", "quinze"])
def test_a_reminder_changed_by_hand_shortens_nothing(client: Client, samira: Account, seconds: str) -> None:
    fail(client, samira.username, 3)
    client.cookies["verification"] = seconds
    assert client.get(DOOR).status_code == 200
    answer = client.get(DOOR).content.decode().partition('name="altcha" value="')[2].partition('"')[0]
    sent = {"username": samira.username, "password": PASSWORD, "altcha": answer}
    assert client.post(DOOR, sent).status_code == 422


def test_a_pupil_is_asked_it_as_a_pupil(client: Client, family: Family) -> None:
    for _ in range(3):
        shown = words(sign_in(client, family.ines_account.username, "faux", profile="eleve"))
    assert "attends 15 secondes" in shown and "attendez" not in shown
    sent = {"username": family.ines_account.username, "password": "faux"}
    assert "Envoie de nouveau ta réponse" in words(client.post("/connexion/eleve/", sent))


# At other doors -------------------------------------------------------------------------------------------------------
class AnyForm(GuardedForm):
    word = PasswordField()


def test_another_door_asks_nothing_at_first_then_the_same_effort(db: None, clock: Clock) -> None:
    def asked_now() -> Effort | None:
        return captcha.effort("recovery", device=PHONE, network=NETWORK, at=clock.now())

    for _ in range(3):
        assert asked_now() is None
        captcha.count("recovery", device=PHONE, network=NETWORK, at=clock.now())
    effort = asked_now()
    assert effort is not None and effort.seconds == 15
    assert captcha.is_needed("recovery", device=PHONE, network=NETWORK, at=clock.now())
    assert not captcha.is_needed("recovery", device=Device("another"), network=NETWORK, at=clock.now())
    assert not captcha.is_needed("activation", device=PHONE, network=NETWORK, at=clock.now())
    clock.forward(hours=1)
    assert asked_now() is None


def test_a_guarded_form_wants_the_effort_once_the_rest_is_well_formed(db: None, clock: Clock) -> None:
    assert AnyForm({"word": "x"}).is_valid()
    answer = people.solved(asked(clock).payload)
    assert not AnyForm({"altcha": answer}, effort=asked(clock)).is_valid()  # the word is missing: the answer is kept
    refused = AnyForm({"word": "x"}, effort=asked(clock))
    assert not refused.is_valid() and NOT_COMPARED in str(refused.errors)
    assert AnyForm({"word": "x", "altcha": answer}, effort=asked(clock)).is_valid()
    assert not AnyForm({"word": "x", "altcha": answer}, effort=asked(clock)).is_valid()


def test_the_memory_of_what_served_is_thrown_away_with_the_counters(db: None, clock: Clock) -> None:
    asked(clock).judge(people.solved(asked(clock).payload))
    assert Failure.objects.exists()
    Failure.objects.all().purge(at=clock.now() + captcha.LASTS + timedelta(seconds=1))
    assert not Failure.objects.exists()
