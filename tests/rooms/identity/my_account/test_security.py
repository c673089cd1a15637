"""The password of an account that had none, and the open visits."""

from django.contrib.auth.hashers import make_password
from django.test import Client

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.signin.models import Session
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import OTHER_PASSWORD, PASSWORD, Clock, Family, sign_in, words


def without_password(account: Account, clock: Clock) -> None:
    Account.objects.filter(pk=account.pk).update(password=make_password(None))


# A first password -------------------------------------------------------------------------------------
def test_an_account_that_franceconnect_alone_opened_chooses_a_password(
    her_browser: Client, samira: Account, clock: Clock
) -> None:
    without_password(samira, clock)
    assert "Choisir" in words(her_browser.get("/compte/"))
    assert her_browser.get("/compte/mot-de-passe/").url == "/compte/mot-de-passe/premier/"
    answer = her_browser.post("/compte/mot-de-passe/premier/", {"password": OTHER_PASSWORD})
    assert answer.url == "/compte/?fait=mot-de-passe"
    assert sign_in(Client(), samira.username, OTHER_PASSWORD).url == "/connexion/suite/"


def test_a_first_password_asks_a_recent_proof_and_is_none_twice(
    her_browser: Client, samira: Account, clock: Clock
) -> None:
    assert her_browser.get("/compte/mot-de-passe/premier/").url == "/compte/mot-de-passe/"
    without_password(samira, clock)
    clock.forward(minutes=11)
    answer = her_browser.post("/compte/mot-de-passe/premier/", {"password": OTHER_PASSWORD})
    assert answer.url.startswith("/connexion/confirmer/")
    assert not Account.objects.get(pk=samira.pk).has_usable_password()


# Visits -----------------------------------------------------------------------------------------------
def elsewhere(account: Account) -> Client:
    other = Client(HTTP_USER_AGENT="Mozilla/5.0 (Linux; Android 14) Mobile")
    sign_in(other, account.username, PASSWORD)
    return other


def test_the_visits_are_listed_and_this_one_is_marked(her_browser: Client, samira: Account) -> None:
    assert "Aucun autre appareil" in words(her_browser.get("/compte/appareils/"))
    elsewhere(samira)
    page = words(her_browser.get("/compte/appareils/"))
    assert "Cet appareil-ci" in page and "Téléphone" in page and "Aucun autre" not in page


def test_one_visit_is_ended_from_another(her_browser: Client, samira: Account) -> None:
    phone = elsewhere(samira)
    sid = Session.objects.order_by("-pk")[0].sid
    assert her_browser.post(f"/compte/appareils/{sid}/deconnecter/").url == "/compte/appareils/?fait=appareil"
    assert her_browser.post(f"/compte/appareils/{sid}/deconnecter/").url == "/compte/appareils/?fait=deja"
    assert phone.get("/compte/").status_code == 302 and her_browser.get("/compte/").status_code == 200
    assert Event.objects.filter(name=Events.SIGNED_OUT_ELSEWHERE).count() == 1


def test_the_visit_of_somebody_else_is_not_ended(her_browser: Client, family: Family, clock: Clock) -> None:
    karim = people.guardian(family.school, "11", "Karim", "ZIANE", family.ines)
    (account,) = lifecycle.open_for_guardians([karim], by="system:import", at=clock.now())
    people.active(account, at=clock.now(), email="karim@example.org")
    his = elsewhere(account)
    sid = Session.objects.get(account=account).sid
    assert her_browser.post(f"/compte/appareils/{sid}/deconnecter/").url.endswith("deja")
    assert his.get("/compte/").status_code == 200
    assert sid not in words(her_browser.get("/compte/appareils/"))


def test_everywhere_is_everywhere(her_browser: Client, samira: Account) -> None:
    phone = elsewhere(samira)
    assert her_browser.post("/compte/appareils/tous/").url == "/deconnexion/faite/"
    assert phone.get("/compte/").status_code == her_browser.get("/compte/").status_code == 302
    assert not Session.objects.filter(account=samira, ended_at=None).exists()


def test_a_pupil_is_spoken_to_as_one(her_pupil_browser: Client) -> None:
    assert "Là où ton compte est ouvert" in words(her_pupil_browser.get("/compte/appareils/"))
