"""A code by a proved channel ends the pause of a browser, opens nothing by itself, and says nothing of who is known."""

import re
from collections import Counter
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.messaging import outbox
from preau.identity.messaging.models import Outgoing
from preau.identity.signin import lockout
from preau.identity.signin.models import Code, Failure
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in, words

PAGE, CODE = "/connexion/sans-attendre/identifiant/", "/connexion/sans-attendre/code/"


@pytest.fixture
def samira(family: Family, clock: Clock, settings: Any) -> Account:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return people.active(family.account, at=clock.now())


def ref(page: Any) -> str:
    found = re.search(r'name="parcours" value="(\w+)"', page.content.decode())
    return found[1] if found else ""


def paused(client: Client, username: str) -> None:
    """This browser has failed too often."""
    for _ in range(6):
        response = sign_in(client, username, "faux")
    assert response.status_code == 429 and "/connexion/sans-attendre/" in words(response)


def ask(client: Client, username: str, way: str = "email") -> Any:
    """From the page of the pause to the page of the code."""
    page = client.get(client.get("/connexion/sans-attendre/").url)
    return client.post(PAGE, {"username": username, "way": way, "parcours": ref(page), **people.effort(page)})


def received(clock: Clock) -> str:
    """The code in the newest message."""
    clock.forward(seconds=1)
    outbox.send_due(at=clock.now())
    found = re.search(r"\b(\d{3}) ?(\d{3})\b", str(mail.outbox[-1].body).replace("\u00a0", " ").replace("\u202f", " "))
    assert found
    return found[1] + found[2]


def test_the_code_ends_the_pause_and_the_password_is_asked_again(client: Client, samira: Account, clock: Clock) -> None:
    paused(client, samira.username)
    assert ask(client, f" {samira.username.upper()}").url == CODE
    answer = client.post(CODE, {"code": received(clock), "parcours": ref(client.get(CODE))})
    assert answer.url == "/connexion/reessayer/" and "La pause est finie" in words(client.get(answer.url))
    assert client.get("/compte/").status_code == 302  # it opened nothing
    assert sign_in(client, samira.username, PASSWORD).url == "/connexion/suite/"
    assert Event.objects.filter(name=Events.PAUSE_ENDED, on=samira.key).count() == 1


def test_the_code_passes_a_crowded_network(client: Client, samira: Account, clock: Clock) -> None:
    for number in range(lockout.NETWORK.tries):
        sign_in(Client(), f"n.personne{number}", "azerty")
    sent = {"username": samira.username, "password": PASSWORD}
    assert client.post("/connexion/responsable/", sent).status_code == 429
    ask(client, samira.username)
    client.post(CODE, {"code": received(clock), "parcours": ref(client.get(CODE))})
    assert client.post("/connexion/responsable/", sent).url == "/connexion/suite/"


def test_a_wrong_code_ends_nothing(client: Client, samira: Account, clock: Clock) -> None:
    paused(client, samira.username)
    ask(client, samira.username)
    right = received(clock)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(3):
        assert client.post(CODE, {"code": wrong, "parcours": ref(client.get(CODE))}).status_code == 422
    assert client.post(CODE, {"code": right, "parcours": ref(client.get(CODE))}).status_code == 422
    assert sign_in(client, samira.username, PASSWORD).status_code == 429


def test_nobody_learns_from_it_who_is_known(client: Client, samira: Account, clock: Clock) -> None:
    pages, costs, rows = [], [], []
    ask(Client(), "somebody.before")  # the first from this network
    for username in (samira.username, "n.personne"):
        browser = Client()
        before = Counter({model: model.objects.count() for model in (Outgoing, Code, Failure, Event)})
        with CaptureQueriesContext(connection) as queries:
            answer = ask(browser, username)
            page = browser.get(answer.url)
        kept = [line for line in words(page).splitlines() if "csrf" not in line and "parcours" not in line]
        pages.append((answer.url, "\n".join(kept)))
        costs.append(Counter(query["sql"].split(" ", 1)[0] for query in queries.captured_queries))
        after = Counter({model: model.objects.count() for model in (Outgoing, Code, Failure, Event)})
        rows.append(after - before)
    assert pages[0] == pages[1] and costs[0] == costs[1] and rows[0] == rows[1]


def test_an_address_that_was_never_proved_receives_nothing(
    client: Client, family: Family, clock: Clock, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    account = people.active(family.account, at=clock.now(), email="")
    assert ask(client, account.username).url == CODE
    outbox.send_due(at=clock.now())
    assert not mail.outbox


def test_three_codes_a_day_for_one_username_whoever_bears_it(client: Client, samira: Account, clock: Clock) -> None:
    for username in (samira.username, "n.personne"):
        browser = Client()
        for _ in range(3):
            assert ask(browser, username).status_code == 302
            clock.forward(minutes=2)
        refused = ask(browser, username)
        assert refused.status_code == 422 and "Trois codes ont déjà été demandés" in words(refused)


def test_a_pupil_is_spoken_to_as_a_pupil_all_the_way(client: Client, family: Family, clock: Clock) -> None:
    pupil, polite = family.ines_account.username, ("vous", "Votre", "Tapez", "Attendez", "Ne le donnez")
    page = client.get(client.get("/connexion/eleve/sans-attendre/").url)
    assert not [word for word in polite if word in words(page)] and "ton mot de passe" in words(page)

    def again(username: str) -> Any:
        page = client.get(PAGE)
        return client.post(PAGE, {"username": username, "way": "email", "parcours": ref(page), **people.effort(page)})

    code = client.get(again(pupil).url)
    assert "Tape ici le code" in words(code) and "Ton professeur principal" in words(code)
    assert not [word for word in polite if word in words(code)]
    wrong = client.post(CODE, {"code": "123456", "parcours": ref(code)})
    assert "Attends de le recevoir" in words(wrong) and "Attendez" not in words(wrong)
    for _ in range(3):
        clock.forward(minutes=2)
        refused = again(pupil)
    assert refused.status_code == 422 and "Attends la fin de la pause" in words(refused)
    assert "attends 15 secondes" in words(refused) or "attends 30 secondes" in words(refused)
