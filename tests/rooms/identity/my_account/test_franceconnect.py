"""Linking FranceConnect: the identity that came back is shown, must bear the same name, and a button confirms."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from preau.identity.accounts.lifecycle import link_franceconnect
from preau.identity.accounts.models import Account, FranceConnectLink
from preau.identity.directory.models import Guardian
from preau.identity.franceconnect import sealing
from preau.identity.franceconnect.identity import Identity
from preau.identity.my_account import linking
from preau.identity.signin.franceconnect import LINKING
from preau.journeys.models import Draft
from tests.rooms.identity.franceconnect.simulator import FranceConnect
from tests.rooms.identity.my_account.post import mails
from tests.rooms.identity.signin.people import Clock, words

PAGE, BACK = "/compte/franceconnect/", "/connexion/franceconnect/retour/"


def come_back(browser: Client, house: FranceConnect, who: str = "samira") -> Any:
    """Leave for FranceConnect from the account, be `who` there, come back."""
    left = browser.get("/compte/franceconnect/relier/")
    away = browser.get(left.url)
    return browser.get(BACK, house.choose(away["Location"], who))


def ref(page: Any) -> str:
    found = re.search(r'name="parcours" value="(\w+)"', words(page))
    return found[1] if found else ""


def test_the_identity_is_shown_then_linked_by_a_button_and_told(
    franceconnect: FranceConnect, her_browser: Client, samira: Account, clock: Clock
) -> None:
    assert "Relier" in words(her_browser.get(PAGE))
    assert come_back(her_browser, franceconnect).url == PAGE
    shown = her_browser.get(PAGE)
    assert "Relier cette identité" in words(shown) and "Samira" in words(shown)
    assert not FranceConnectLink.objects.exists()
    form = {"parcours": ref(shown)}
    assert her_browser.post(PAGE, form).url == PAGE + "?fait=relie"
    assert her_browser.post(PAGE, form).status_code == 200, "a second click does nothing more"
    assert FranceConnectLink.objects.get().account == samira
    assert [subject for _, subject, _ in mails(clock)] == ["FranceConnect ouvre maintenant votre compte"]
    assert "Relié" in words(her_browser.get("/compte/"))


def test_another_name_is_refused_kindly(franceconnect: FranceConnect, her_browser: Client, samira: Account) -> None:
    Guardian.objects.update(birth_name="ZIANE")
    come_back(her_browser, franceconnect)
    page = her_browser.get(PAGE)
    assert page.status_code == 403 and "Ce n’est pas le même nom" in words(page)
    assert "01 99 00 12 34" in words(page)
    assert not FranceConnectLink.objects.exists()
    assert "Relier FranceConnect" in words(her_browser.get(PAGE)), "one may begin again"


def test_an_identity_that_opens_another_account_is_not_taken_from_it(
    franceconnect: FranceConnect, her_browser: Client, family: Any, samira: Account, clock: Clock
) -> None:
    come_back(her_browser, franceconnect)
    subject = sealing.unseal(Draft.objects.get(journey=LINKING).facts["identity"]).subject
    link_franceconnect(family.ines_account, subject=subject, by="x", at=clock.now())
    shown = her_browser.get(PAGE)
    answer = her_browser.post(PAGE, {"parcours": ref(shown)})
    assert answer.status_code == 403 and "déjà un autre compte" in words(answer)
    assert FranceConnectLink.objects.get().account == family.ines_account


def test_one_may_think_again(franceconnect: FranceConnect, her_browser: Client) -> None:
    come_back(her_browser, franceconnect)
    shown = her_browser.get(PAGE)
    assert her_browser.post(PAGE, {"parcours": "", "annuler": "1"}).url == PAGE
    assert her_browser.post(PAGE, {"parcours": ref(shown)}).status_code == 200
    assert not FranceConnectLink.objects.exists()


def test_without_a_button_pressed_here_nothing_is_linked(franceconnect: FranceConnect, her_browser: Client) -> None:
    come_back(her_browser, franceconnect)
    her_browser.post(PAGE, {"parcours": "0123456789abcdef"})
    her_browser.post(PAGE)
    assert not FranceConnectLink.objects.exists()


def test_linking_and_unlinking_ask_a_recent_proof(
    franceconnect: FranceConnect, her_browser: Client, samira: Account, clock: Clock
) -> None:
    come_back(her_browser, franceconnect)
    form = {"parcours": ref(her_browser.get(PAGE))}
    clock.forward(minutes=11)
    assert her_browser.post(PAGE, form).url.startswith("/connexion/confirmer/")
    assert her_browser.get("/compte/franceconnect/relier/").url.startswith("/connexion/confirmer/")
    link_franceconnect(samira, subject="s", by="x", at=clock.now())
    assert her_browser.post("/compte/franceconnect/detacher/").url.startswith("/connexion/confirmer/")
    assert FranceConnectLink.objects.count() == 1


def test_unlinking_is_told(her_browser: Client, samira: Account, clock: Clock) -> None:
    link_franceconnect(samira, subject="s", by="x", at=clock.now())
    assert her_browser.post("/compte/franceconnect/detacher/").url == PAGE + "?fait=detache"
    assert her_browser.post("/compte/franceconnect/detacher/").url == PAGE + "?fait=detache"
    assert not FranceConnectLink.objects.exists()
    assert [subject for _, subject, _ in mails(clock)] == ["FranceConnect n’ouvre plus votre compte"]


def test_the_last_way_in_is_kept(her_browser: Client, samira: Account, clock: Clock) -> None:
    link_franceconnect(samira, subject="s", by="x", at=clock.now())
    Account.objects.filter(pk=samira.pk).update(password=make_password(None))
    assert "choisissez d’abord un mot de passe" in words(her_browser.get(PAGE))
    assert her_browser.post("/compte/franceconnect/detacher/").url == PAGE + "?fait=seul"
    assert FranceConnectLink.objects.exists()


def test_a_pupil_has_no_franceconnect(her_pupil_browser: Client) -> None:
    assert her_pupil_browser.get(PAGE).url == "/compte/"


@pytest.mark.parametrize(
    ("given", "birth", "used", "is_alike"),
    [
        (("Samira", "Leïla"), "BELKACEM", "", True),
        (("Leïla", "Samira"), "BELKACEM", "", True),
        (("Samira",), "HADDAD", "BELKACEM", True),
        (("Samira",), "BELKACEM-HADDAD", "", True),
        (("Karim",), "BELKACEM", "", False),
        (("Samira",), "ZIANE", "", False),
        ((), "BELKACEM", "", False),
        (("Samira",), "", "", False),
    ],
)
def test_a_surname_and_a_given_name_agree(
    samira: Account, given: tuple[str, ...], birth: str, used: str, is_alike: bool
) -> None:
    identity = Identity("subject", given_names=given, birth_name=birth, used_name=used)
    assert linking.is_named_alike(samira, identity) is is_alike
