"""A pupil with the sheet in hand."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from preau.identity.accounts.models import Account, TemporaryPassword
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Pupil
from preau.identity.messaging import outbox
from preau.identity.signin.models import Session
from preau.identity.support import tickets
from preau.identity.support.models import Ticket
from preau.journeys.models import Draft
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in, words

BASE = "/activation/eleve"
INES = {"born_on_day": "14", "born_on_month": "mars", "born_on_year": "2014"}


def send(client: Client, page: str, **answers: Any) -> Any:
    return client.post(f"{BASE}/{page}/", {"parcours": Draft.objects.latest("id").ref, **answers})


@pytest.fixture
def code(family: Family, clock: Clock) -> str:
    return people.notified(family.ines_account, at=clock.now())


@pytest.fixture
def walker(client: Client, family: Family, code: str) -> Client:
    assert sign_in(client, family.ines_account.username, code, profile="eleve").url == f"{BASE}/commencer/"
    return client


def up_to_the_address(client: Client) -> None:
    assert send(client, "mot-de-passe", password=PASSWORD).url == f"{BASE}/naissance/"
    assert send(client, "naissance", **INES).url == f"{BASE}/courriel/"


def test_a_pupil_activates_without_an_address_and_is_in(walker: Client, family: Family) -> None:
    assert walker.get(f"{BASE}/commencer/").url == f"{BASE}/mot-de-passe/"
    up_to_the_address(walker)
    assert send(walker, "courriel", email="").url == "/activation/bienvenue/"
    page = words(walker.get("/activation/bienvenue/"))
    assert "Accéder à mes services" in page and family.ines_account.username in page
    account = Account.objects.get(pk=family.ines_account.pk)
    assert (account.state, account.origin, account.pending_email) == (State.ACTIVE, "school", "")
    assert walker.get("/compte/").status_code == 200
    assert not TemporaryPassword.objects.exists()
    assert sign_in(Client(), account.username, PASSWORD, profile="eleve").url == "/connexion/suite/"


def test_a_pupil_may_give_an_address_and_confirm_it_later(walker: Client, family: Family, clock: Clock) -> None:
    up_to_the_address(walker)
    send(walker, "courriel", email="ines@example.org")
    assert "À confirmer" in words(walker.get("/activation/bienvenue/"))
    assert walker.get("/compte/").status_code == 200  # not confirming does not keep out
    outbox.send_due(at=clock.now())
    link = re.search(r"/activation/courriel/\S+/", mail.outbox[-1].body)
    assert link and mail.outbox[-1].to == ["ines@example.org"]
    assert "L’adresse est confirmée" in words(Client().post(link.group(0)))
    account = Account.objects.get(pk=family.ines_account.pk)
    assert account.email == "ines@example.org" and account.has_confirmed_email()


def test_the_way_on_is_where_the_pupil_was_going(client: Client, family: Family, code: str) -> None:
    sign_in(client, family.ines_account.username, code, profile="eleve", suite="/compte/mot-de-passe/")
    up_to_the_address(client)
    send(client, "courriel", email="")
    assert 'href="/compte/mot-de-passe/"' in words(client.get("/activation/bienvenue/"))


def test_the_draft_keeps_only_the_hash_of_the_password(walker: Client) -> None:
    send(walker, "mot-de-passe", password=PASSWORD)
    answers = Draft.objects.get().answers
    assert PASSWORD not in str(answers) and answers["mot-de-passe"]["encoded"].startswith("preau_argon2$")
    assert PASSWORD not in words(walker.get(f"{BASE}/mot-de-passe/"))


def test_a_wrong_birth_date_three_times_pauses_the_device_and_leaves_a_ticket(walker: Client, clock: Clock) -> None:
    send(walker, "mot-de-passe", password=PASSWORD)
    for year in ("2010", "2011"):
        response = send(walker, "naissance", **{**INES, "born_on_year": year})
        assert response.status_code == 422 and "Vérifie-la" in words(response)
    assert send(walker, "naissance", **{**INES, "born_on_year": "2012"}).url == f"{BASE}/pause/"
    page = words(walker.get(f"{BASE}/pause/"))
    assert "01 99 00 12 34" in page and "Ton numéro de ticket" in page and "Donnez" not in page and "vous" not in page
    assert send(walker, "naissance", **INES).url == f"{BASE}/pause/"
    number = re.search(r"[2-9A-Z]{3}-[2-9A-Z]{4}", page)
    ticket = tickets.find(number[0] if number else "", at=clock.now())
    assert ticket is not None and number and sorted(ticket.fields) == ["birth", "child"]
    assert tickets.says(ticket, number[0], "birth", "2012-03-14") and tickets.says(ticket, number[0], "child", "INES")


def test_a_pupil_without_a_birth_date_passes_by_the_office(walker: Client, family: Family) -> None:
    Pupil.objects.filter(pk=family.ines.pk).update(birth_on=None)
    assert walker.get(f"{BASE}/mot-de-passe/").url == f"{BASE}/etablissement/"
    assert "Passe au secrétariat" in words(walker.get(f"{BASE}/etablissement/"))
    send(walker, "etablissement")
    assert "Donne ce numéro" in words(walker.get(f"{BASE}/etablissement/"))
    assert list(Ticket.objects.get().fields) == ["child"]


def test_a_pupil_who_left_too(walker: Client, family: Family, clock: Clock) -> None:
    family.ines.enrolments.update(left_on=clock.now().date())
    assert walker.get(f"{BASE}/mot-de-passe/").url == f"{BASE}/etablissement/"


def test_the_birth_date_cannot_be_skipped(walker: Client) -> None:
    send(walker, "mot-de-passe", password=PASSWORD)
    assert send(walker, "courriel", email="").url == f"{BASE}/naissance/"
    assert walker.get(f"{BASE}/courriel/").url == f"{BASE}/naissance/"
    assert not Session.objects.exists()


def test_a_double_click_on_the_last_page_activates_once(walker: Client, family: Family) -> None:
    up_to_the_address(walker)
    both = [send(walker, "courriel", email="").url for _ in range(2)]
    assert both == ["/activation/bienvenue/"] * 2
    assert Event.objects.filter(name=Events.ACCOUNT_ACTIVATED).count() == 1
    assert Session.objects.count() == 1


def test_two_browsers_with_one_sheet_activate_once(walker: Client, family: Family, code: str) -> None:
    up_to_the_address(walker)
    other = Client()
    sign_in(other, family.ines_account.username, code, profile="eleve")
    up_to_the_address(other)
    assert send(other, "courriel", email="").url == "/activation/bienvenue/"
    first = Draft.objects.order_by("id").first()
    assert first is not None
    late = walker.post(f"{BASE}/courriel/", {"parcours": first.ref, "email": "thief@example.org"})
    assert late.url == f"{BASE}/fait/"
    assert Session.objects.count() == 1 and Account.objects.get(pk=family.ines_account.pk).pending_email == ""


def test_a_replayed_sheet_opens_nothing(walker: Client, family: Family, code: str) -> None:
    up_to_the_address(walker)
    send(walker, "courriel", email="")
    assert sign_in(Client(), family.ines_account.username, code, profile="eleve").status_code == 422


@pytest.mark.parametrize(
    "typed", ["Inès-14032014!", "i.belkacem-Secret1", "BELKACEM 2026 ok", "14/03/2014 est ma date"]
)
def test_a_password_made_of_oneself_is_refused(walker: Client, typed: str) -> None:
    response = send(walker, "mot-de-passe", password=typed)
    assert response.status_code == 422 and "contient un nom" in words(response)


def test_a_missing_date_says_what_is_missing(walker: Client) -> None:
    send(walker, "mot-de-passe", password=PASSWORD)
    assert "Il manque l’année." in words(send(walker, "naissance", born_on_day="14", born_on_month="3"))


def test_the_welcome_is_for_who_is_signed_in(client: Client, db: None) -> None:
    assert client.get("/activation/bienvenue/").url == "/connexion/?suite=%2Factivation%2Fbienvenue%2F"
