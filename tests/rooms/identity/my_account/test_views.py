"""« Mon compte », for a guardian and for a pupil."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.messaging import outbox
from preau.identity.messaging.models import Outgoing
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import OTHER_PASSWORD, PASSWORD, Clock, Family, sign_in, words


@pytest.fixture
def samira(family: Family, clock: Clock) -> Account:
    return people.active(family.account, at=clock.now() - timedelta(days=2))


@pytest.fixture
def her_browser(client: Client, samira: Account) -> Client:
    sign_in(client, samira.username, PASSWORD)
    return client


@pytest.fixture
def unconfirmed(family: Family, clock: Clock) -> Account:
    account = people.active(family.account, at=clock.now(), email="")
    return lifecycle.give_email(account, address="samira@example.org", by=account.key, at=clock.now())


def enter(client: Client, account: Account) -> None:
    """Sign in and pass over the reminder."""
    sign_in(client, account.username, PASSWORD)
    client.post("/connexion/a-faire/courriel/", {"later": "on"})


# The page -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "page",
    [
        "/compte/", "/compte/identite/", "/compte/journal/", "/compte/mot-de-passe/", "/compte/mot-de-passe/premier/",
        "/compte/courriel/", "/compte/courriel/changer/", "/compte/mobile/", "/compte/mobile/changer/",
        "/compte/franceconnect/", "/compte/appareils/", "/compte/donnees/", "/compte/fermeture/",
        "/compte/acces-des-responsables/",
    ],
)  # fmt: skip
def test_nobody_sees_an_account_without_signing_in(client: Client, db: None, page: str) -> None:
    assert client.get(page).url.startswith("/connexion/?suite=")
    assert client.post(page).status_code in (302, 405)


def test_a_guardian_sees_who_she_is_and_her_children(her_browser: Client, samira: Account) -> None:
    page = words(her_browser.get("/compte/"))
    for expected in (
        "Samira",
        samira.username,
        "samira@example.org",
        "Confirmée",
        "Inès",
        "Hugo",
        "Collège Élise-Deroche",
    ):
        assert expected in page
    assert "5<sup>e</sup> B" in page and "6<sup>e</sup> A" in page


def test_the_mobile_is_masked(her_browser: Client) -> None:
    page = words(her_browser.get("/compte/"))
    assert "17" in page and "39981717" not in page and "39 98 17" not in page


@pytest.mark.parametrize("reason", ["disputed", "ended", "not legal", "left"])
def test_a_child_one_does_not_answer_for_is_not_shown(
    her_browser: Client, family: Family, clock: Clock, reason: str
) -> None:
    link = family.links()[1]
    if reason == "disputed":
        link.disputed_at = clock.now()
    elif reason == "ended":
        link.ended_at = clock.now()
    elif reason == "not legal":
        link.is_legal = False
    else:
        link.enrolment.left_on = clock.now().date()
        link.enrolment.save()
    link.save()
    page = words(her_browser.get("/compte/"))
    assert "Inès" in page and "Hugo" not in page


def test_the_other_guardian_appears_nowhere(her_browser: Client, samira: Account, family: Family, clock: Clock) -> None:
    karim = people.guardian(family.school, "11", "Karim", "ZIANE", family.ines, family.hugo)
    (account,) = lifecycle.open_for_guardians([karim], by="system:import", at=clock.now())
    people.active(account, at=clock.now(), email="karim@example.org")
    page = words(her_browser.get("/compte/"))
    assert "Karim" not in page and "ZIANE" not in page and "karim@example.org" not in page


def test_a_pupil_sees_their_own_page(client: Client, family: Family, clock: Clock) -> None:
    people.active(family.ines_account, at=clock.now(), email="")
    sign_in(client, family.ines_account.username, PASSWORD, profile="eleve")
    page = words(client.get("/compte/"))
    assert "Bonjour Inès" in page and "Ma scolarité" in page and "5<sup>e</sup> B" in page
    assert "Mes enfants" not in page and "Téléphone portable" not in page and "Samira" not in page


def test_hostile_names_are_only_text(her_browser: Client, family: Family) -> None:
    family.ines.first_name = "<script>alert(1)</script>\u202e"
    family.ines.save()
    page = words(her_browser.get("/compte/"))
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_the_page_costs_few_queries_however_many_children(her_browser: Client, family: Family) -> None:
    with CaptureQueriesContext(connection) as queries:
        her_browser.get("/compte/")
    assert len(queries) <= 10


# The password -------------------------------------------------------------------------------------
def change(client: Client, current: str = PASSWORD, new: str = OTHER_PASSWORD) -> Any:
    return client.post("/compte/mot-de-passe/", {"current": current, "password": new})


def test_changing_the_password_ends_the_other_visits_keeps_this_one_and_tells(
    her_browser: Client, samira: Account, clock: Clock
) -> None:
    elsewhere = Client()
    sign_in(elsewhere, samira.username, PASSWORD)
    clock.forward(minutes=1)
    assert change(her_browser).url == "/compte/?fait=mot-de-passe"
    assert "Le mot de passe est changé" in words(her_browser.get("/compte/?fait=mot-de-passe"))
    assert elsewhere.get("/compte/").status_code == 302
    assert sign_in(Client(), samira.username, PASSWORD).status_code == 422
    assert sign_in(Client(), samira.username, OTHER_PASSWORD).url == "/connexion/suite/"
    outbox.send_due(at=clock.now())
    (told,) = [one for one in mail.outbox if "mot de passe a changé" in one.subject]
    assert told.to == ["samira@example.org"]
    assert OTHER_PASSWORD not in str(told.message()) and PASSWORD not in str(told.message())


def test_a_double_click_changes_it_once(her_browser: Client) -> None:
    assert change(her_browser).status_code == 302
    assert change(her_browser).status_code == 422  # the present password is the new one by then
    assert Outgoing.objects.count() == 1


def test_the_present_password_must_be_right(her_browser: Client) -> None:
    response = change(her_browser, current="faux")
    assert response.status_code == 422 and "Ce n’est pas le mot de passe actuel." in words(response)


def test_guessing_the_present_password_meets_the_same_counters_as_the_door(
    her_browser: Client, samira: Account
) -> None:
    for _ in range(5):
        change(her_browser, current="faux")
    assert "Trop d’essais" in words(change(her_browser))
    assert sign_in(her_browser, samira.username, PASSWORD).status_code == 429


@pytest.mark.parametrize(
    ("new", "sentence"), [("court", "12"), (PASSWORD, "actuel"), ("Belkacem-2014!", "contient un nom")]
)
def test_a_poor_password_is_refused(her_browser: Client, new: str, sentence: str) -> None:
    response = change(her_browser, new=new)
    assert response.status_code == 422 and sentence in words(response)
    assert not Outgoing.objects.exists()


def test_without_a_confirmed_address_nothing_is_sent(client: Client, unconfirmed: Account) -> None:
    enter(client, unconfirmed)
    assert change(client).status_code == 302
    assert not Outgoing.objects.exists()


# The address --------------------------------------------------------------------------------------
def test_an_unconfirmed_address_is_said_clearly(client: Client, unconfirmed: Account) -> None:
    enter(client, unconfirmed)
    page = words(client.get("/compte/"))
    assert "Une adresse électronique est à confirmer" in page and "À confirmer" in page


def test_the_message_is_sent_again_or_to_a_corrected_address(
    client: Client, unconfirmed: Account, clock: Clock
) -> None:
    enter(client, unconfirmed)
    people.confirm(client)
    answer = client.post("/compte/courriel/", {"email": "s.belkacem@example.org"})
    assert answer.url == "/compte/courriel/?fait=courriel"
    page = words(client.get(answer.url))
    assert "Un message est en route" in page and "s.belkacem@example.org" in page
    outbox.send_due(at=clock.now())
    assert mail.outbox[-1].to == ["s.belkacem@example.org"]
    assert client.post("/compte/courriel/", {"email": "s.belkacem"}).status_code == 422


def test_a_visit_left_open_gives_the_account_no_new_address(client: Client, unconfirmed: Account, clock: Clock) -> None:
    enter(client, unconfirmed)
    clock.forward(minutes=11)
    answer = client.post("/compte/courriel/", {"email": "thief@example.org"})
    assert answer.url.startswith("/connexion/confirmer/")
    # The same one may be sent its message again: nothing is given away.
    assert client.post("/compte/courriel/", {"email": unconfirmed.pending_email}).url.endswith("?fait=courriel")
    before = unconfirmed.pending_email
    unconfirmed.refresh_from_db()
    assert unconfirmed.pending_email == before


def test_nor_does_the_reminder_of_a_visit_left_open(client: Client, unconfirmed: Account, clock: Clock) -> None:
    sign_in(client, unconfirmed.username, PASSWORD)
    clock.forward(minutes=11)
    reminder = "/connexion/a-faire/courriel/"
    answer = client.post(reminder, {"email": "thief@example.org"}, follow=True)
    assert answer.request["PATH_INFO"] == "/connexion/" and "de-nouveau=1" in answer.request["QUERY_STRING"]
    before = unconfirmed.pending_email
    unconfirmed.refresh_from_db()
    assert unconfirmed.pending_email == before
    # Its own address may be sent its message again, and the reminder passed over.
    assert client.post(reminder, {"email": before}).url == "/connexion/suite/"


def test_a_confirmed_address_does_not_change_here(her_browser: Client, samira: Account) -> None:
    assert her_browser.post("/compte/courriel/", {"email": "thief@example.org"}).status_code == 200
    samira.refresh_from_db()
    assert samira.pending_email == "" and samira.email == "samira@example.org"


def test_more_fields_than_asked_change_nothing(her_browser: Client, samira: Account) -> None:
    more = {
        "state": "closed",
        "username": "x",
        "origin": "self",
        "email": "thief@example.org",
        "kind": "pupil",
        "pk": "1",
    }
    her_browser.post("/compte/mot-de-passe/", {"current": PASSWORD, "password": OTHER_PASSWORD, **more})
    after = Account.objects.get(pk=samira.pk)
    assert (after.state, after.username, after.origin, after.email, after.kind) == (
        samira.state,
        samira.username,
        samira.origin,
        "samira@example.org",
        samira.kind,
    )
