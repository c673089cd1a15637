"""A sensitive deed asks again who you are, and comes back to where you were."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.signin import sessions, step_up
from preau.identity.signin.guards import signed_in
from preau.identity.signin.models import Session
from preau.identity.signin.step_up import Means, recently_proved
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in, words


@signed_in
@recently_proved
def sensitive(request: HttpRequest, session: Session) -> HttpResponse:
    return HttpResponse(f"fait : {request.method}")


urlpatterns = [path("compte/delicat/", sensitive), path("", include("preau.identity.urls"))]
ASKED = "/connexion/confirmer/?suite=%2Fcompte%2Fdelicat%2F"


@pytest.fixture(autouse=True)
def street() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture
def samira(family: Family, clock: Clock) -> Account:
    return people.active(family.account, at=clock.now())


@pytest.fixture
def browser(client: Client, samira: Account, clock: Clock) -> Client:
    """Samira's, where she signed in eleven minutes ago."""
    sign_in(client, samira.username, PASSWORD)
    clock.forward(minutes=11)
    return client


def test_a_proof_is_recent_for_ten_minutes(client: Client, samira: Account, clock: Clock) -> None:
    sign_in(client, samira.username, PASSWORD)
    clock.forward(minutes=9)
    assert client.get("/compte/delicat/").content == b"fait : GET"
    clock.forward(minutes=1)
    assert client.get("/compte/delicat/").url == ASKED


def test_where_nobody_can_be_told_signing_in_is_not_enough(client: Client, family: Family, clock: Clock) -> None:
    """A pupil walks away from a school's computer; the next one sits down, and no channel would tell the pupil."""
    ines = people.active(family.ines_account, at=clock.now(), email="")
    sign_in(client, ines.username, PASSWORD, profile="eleve")
    assert client.get("/compte/delicat/").url == ASKED
    assert "Confirme que c’est toi" in words(client.get(ASKED))
    assert client.post(ASKED, {"password": "celui d’une autre"}).status_code == 422
    assert client.post(ASKED, {"password": PASSWORD, "suite": "/compte/delicat/"}).url == "/compte/delicat/"
    assert client.get("/compte/delicat/").content == b"fait : GET"
    assert client.get(ASKED).status_code == 302  # asked once, not twice


def test_the_right_password_comes_back_to_the_page(browser: Client, clock: Clock) -> None:
    asked = browser.get("/compte/delicat/?onglet=2").url
    assert "Confirmez que c’est vous" in words(browser.get(asked))
    answer = browser.post("/connexion/confirmer/", {"password": PASSWORD, "suite": "/compte/delicat/?onglet=2"})
    assert answer.url == "/compte/delicat/?onglet=2"
    assert browser.get(answer.url).content == b"fait : GET"


def test_the_visit_remembers_where_one_was_when_the_address_is_lost(browser: Client) -> None:
    browser.get("/compte/delicat/")
    assert browser.post("/connexion/confirmer/", {"password": PASSWORD}).url == "/compte/delicat/"


def test_a_deed_refused_is_not_done_by_coming_back(browser: Client) -> None:
    refused = browser.post("/compte/delicat/", {"x": "1"}, HTTP_REFERER="http://testserver/compte/?fait=courriel")
    assert "Rien n’a été enregistré" in words(browser.get(refused.url))
    answer = browser.post("/connexion/confirmer/", {"password": PASSWORD})
    assert answer.url == "/compte/?fait=courriel&reprise=1"
    assert "il faut l’envoyer de nouveau" in words(browser.get(answer.url))


@pytest.mark.parametrize("referer", ["", "https://evil.example/compte/", "http://testserver//evil.example/"])
def test_without_a_page_of_ours_behind_it_a_deed_comes_back_to_its_own_address(browser: Client, referer: str) -> None:
    browser.post("/compte/delicat/", HTTP_REFERER=referer)
    assert browser.post("/connexion/confirmer/", {"password": PASSWORD}).url == "/compte/delicat/?reprise=1"


@pytest.mark.parametrize("suite", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_confirming_leads_to_no_other_site(browser: Client, suite: str) -> None:
    answer = browser.post("/connexion/confirmer/", {"password": PASSWORD, "suite": suite})
    assert answer.url == "/compte/"


def test_a_wrong_password_confirms_nothing_and_counts_as_at_the_door(browser: Client, samira: Account) -> None:
    for _ in range(5):
        answer = browser.post("/connexion/confirmer/", {"password": "faux"})
        assert answer.status_code == 422 and "Ce n’est pas le mot de passe de ce compte." in words(answer)
    paused = browser.post("/connexion/confirmer/", {"password": PASSWORD})
    assert paused.status_code == 422 and "Trop d’essais sur cet appareil" in words(paused)
    assert sign_in(browser, samira.username, PASSWORD).status_code == 429
    assert browser.get("/compte/delicat/").status_code == 302


def test_the_key_of_the_visit_changes_and_the_one_before_opens_nothing(browser: Client, samira: Account) -> None:
    before = browser.cookies["session"].value
    browser.post("/connexion/confirmer/", {"password": PASSWORD})
    assert browser.cookies["session"].value != before
    assert browser.get("/compte/").status_code == 200
    thief = Client()
    thief.cookies["session"] = before
    assert thief.get("/compte/").status_code == 302
    assert Session.objects.get(ended_at=None).sid  # the same visit goes on
    assert Event.objects.filter(name=Events.PROVED_AGAIN, on=samira.key).count() == 1


def test_the_key_changes_with_a_new_password_too(browser: Client) -> None:
    before = browser.cookies["session"].value
    sent = {"current": PASSWORD, "password": people.OTHER_PASSWORD}
    assert browser.post("/compte/mot-de-passe/", sent).status_code == 302
    assert browser.cookies["session"].value != before
    assert browser.get("/compte/").status_code == 200


def test_proving_oneself_by_another_means_is_added_to_the_visit(browser: Client, samira: Account, clock: Clock) -> None:
    session = Session.objects.get(account=samira)
    sessions.renew(session, amr="otp", at=clock.now())
    sessions.renew(session, amr="pwd otp", at=clock.now())
    session.refresh_from_db()
    assert session.amr == "pwd otp"


def test_who_proved_themselves_already_just_goes_on(client: Client, samira: Account) -> None:
    sign_in(client, samira.username, PASSWORD)
    assert client.get("/connexion/confirmer/?suite=/compte/courriel/").url == "/compte/courriel/"


def test_nobody_confirms_without_a_visit(client: Client, samira: Account) -> None:
    assert client.get("/connexion/confirmer/").url.startswith("/connexion/")
    assert client.post("/connexion/confirmer/", {"password": PASSWORD}).url.startswith("/connexion/")
    assert not Event.objects.filter(name=Events.PROVED_AGAIN).exists()


def test_an_account_without_a_password_is_asked_none(browser: Client, samira: Account, clock: Clock) -> None:
    samira.set_unusable_password()
    samira.save()
    page = words(browser.get("/connexion/confirmer/"))
    assert 'type="password"' not in page and 'href="/connexion/?de-nouveau=1"' in page
    assert browser.post("/connexion/confirmer/", {"password": PASSWORD}).status_code == 422


def _is_a_guardian(account: Account) -> bool:
    return account.kind == "guardian"


def test_the_means_offered_are_those_the_account_has(samira: Account, family: Family) -> None:
    key = Means("Une clé", "Le téléphone ou l’ordinateur", "signin:profile", f"{__name__}._is_a_guardian", "?x=1")
    assert step_up.offered(samira, (key,)) == [key] and key.address == "/connexion/?x=1"
    assert step_up.offered(family.ines_account, (key,)) == []


# Visits in other browsers -------------------------------------------------------------------------
def test_signing_out_everywhere_ends_the_other_visits_and_keeps_this_one(
    client: Client, samira: Account, family: Family, clock: Clock
) -> None:
    phone, stranger = Client(), Client()
    people.active(family.ines_account, at=clock.now(), email="")
    sign_in(phone, samira.username, PASSWORD)
    sign_in(stranger, family.ines_account.username, PASSWORD, profile="eleve")
    sign_in(client, samira.username, PASSWORD)
    here = Session.objects.filter(account=samira).latest("pk")
    assert [one.account_id for one in sessions.others(here, at=clock.now())] == [samira.pk]
    assert sessions.end_others(here, by=samira.key, at=clock.now()) == 1
    assert sessions.end_others(here, by=samira.key, at=clock.now()) == 0
    assert client.get("/compte/").status_code == 200 and phone.get("/compte/").status_code == 302
    assert stranger.get("/compte/").status_code == 200
    assert Event.objects.filter(name=Events.SIGNED_OUT_ELSEWHERE, on=samira.key).count() == 1


def test_one_visit_is_ended_by_its_name_and_never_somebody_else_s(
    client: Client, samira: Account, family: Family, clock: Clock
) -> None:
    phone, stranger = Client(), Client()
    people.active(family.ines_account, at=clock.now(), email="")
    sign_in(phone, samira.username, PASSWORD)
    sign_in(stranger, family.ines_account.username, PASSWORD, profile="eleve")
    sign_in(client, samira.username, PASSWORD)
    theirs, here = Session.objects.get(account=family.ines_account), Session.objects.filter(account=samira).latest("pk")
    elsewhere = sessions.others(here, at=clock.now())[0]
    assert not sessions.end_one(here, sid=theirs.sid, by=samira.key, at=clock.now())
    assert not sessions.end_one(here, sid=here.sid, by=samira.key, at=clock.now())
    assert sessions.end_one(here, sid=elsewhere.sid, by=samira.key, at=clock.now())
    assert phone.get("/compte/").status_code == 302 and stranger.get("/compte/").status_code == 200


def test_a_visit_that_is_over_is_not_shown_as_open(client: Client, samira: Account, clock: Clock) -> None:
    sign_in(Client(), samira.username, PASSWORD)
    clock.forward(minutes=31)
    sign_in(client, samira.username, PASSWORD)
    assert len(sessions.alive(samira, at=clock.now())) == 1
