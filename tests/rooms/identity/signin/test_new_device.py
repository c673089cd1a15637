"""« Nouvelle connexion »: told to the proved address, for a browser the holder never used."""

from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from preau.identity.accounts.models import Account
from preau.identity.messaging import outbox
from preau.identity.messaging.models import Outgoing
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"


@pytest.fixture
def samira(family: Family, clock: Clock) -> Account:
    return people.active(family.account, at=clock.now())


@pytest.fixture
def told(samira: Account) -> Any:
    return lambda: Outgoing.objects.filter(message="signin/new_device", on=samira.key).count()


def test_the_very_first_visit_surprises_nobody(client: Client, samira: Account, told: Any) -> None:
    sign_in(client, samira.username, PASSWORD)
    assert told() == 0


def test_another_browser_is_told_once_and_then_known(client: Client, samira: Account, told: Any) -> None:
    sign_in(client, samira.username, PASSWORD)
    phone = Client()
    for _ in range(2):
        assert sign_in(phone, samira.username, PASSWORD).status_code == 302
        phone.post("/deconnexion/")
    assert told() == 1


def test_a_failure_tells_nobody(client: Client, samira: Account, told: Any) -> None:
    sign_in(client, samira.username, PASSWORD)
    sign_in(Client(), samira.username, "faux")
    assert told() == 0


def test_without_a_proved_address_nothing_leaves(client: Client, family: Family, clock: Clock) -> None:
    ines = people.active(family.ines_account, at=clock.now(), email="")
    for browser in (client, Client()):
        assert sign_in(browser, ines.username, PASSWORD, profile="eleve").status_code == 302
    assert not Outgoing.objects.exists()


def test_the_message_says_when_and_what_kind_of_device_and_neither_where_nor_from_which_address(
    client: Client, samira: Account, clock: Clock, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    sign_in(client, samira.username, PASSWORD)
    phone = Client(HTTP_USER_AGENT=IPHONE, REMOTE_ADDR="198.51.100.23")
    sign_in(phone, samira.username, PASSWORD)
    outbox.send_due(at=clock.now())
    (letter,) = mail.outbox
    assert letter.to == ["samira@example.org"] and letter.subject == "Nouvelle connexion à votre compte"
    said = str(letter.body)
    assert "téléphone" in said and samira.username in said and "Changez tout de suite votre mot de passe" in said
    assert "198.51.100" not in letter.message().as_string() and "iPhone" not in said


# What an ordinary sign-in costs: a figure that only goes down. Each statement is a millisecond at nine o'clock.
STATEMENTS = 10


def test_an_ordinary_sign_in_costs_no_statement_more(client: Client, samira: Account) -> None:
    sign_in(client, samira.username, PASSWORD)
    client.post("/deconnexion/")
    client.get("/connexion/responsable/")
    with CaptureQueriesContext(connection) as queries:
        response = client.post("/connexion/responsable/", {"username": samira.username, "password": PASSWORD})
    assert response.status_code == 302
    assert len(queries) <= STATEMENTS, "\n".join(query["sql"] for query in queries.captured_queries)
