"""The first page, for whoever comes."""

from copy import deepcopy
from typing import Any

import pytest
from django.utils.html import escape

from tests.rooms.eservices.conftest import Browser
from tests.rooms.eservices.small_provider import ADAMA, SAMIRA, SmallProvider


def words(browser: Browser) -> str:
    """The first page."""
    return browser.get("/").content.decode()


def test_outside_there_is_one_button(browser: Browser) -> None:
    page = words(browser)
    assert page.count('class="button"') == 1
    assert "Se connecter avec Préau" in page
    assert "Se déconnecter" not in page


def test_a_guardian_sees_every_child_with_school_and_division(browser: Browser) -> None:
    browser.sign_in()
    page = words(browser)
    assert "Bonjour <bdi>Samira Belkacem</bdi>" in page
    for expected in ("<bdi>Inès Belkacem</bdi>", "5<sup>e</sup> B", "<bdi>Hugo Faure</bdi>", "6<sup>e</sup> A"):
        assert expected in page
    assert page.count("Collège Élise-Deroche") == 2
    assert "Se déconnecter" in page


def test_nothing_that_is_closed_looks_open(browser: Browser) -> None:
    browser.sign_in()
    page = words(browser)
    assert "Aucune démarche n’est encore ouverte ici" in page
    assert page.count("Bientôt") == 6
    assert "Demander une bourse" in page


def test_a_guardian_without_children_is_told_whom_to_ask(browser: Browser, provider: SmallProvider) -> None:
    provider.claims = SAMIRA | {"children": []}
    browser.sign_in()
    page = words(browser)
    assert "Aucun enfant n’est rattaché à votre compte" in page
    assert "secrétariat" in page


@pytest.mark.parametrize("over", [{"email_verified": False}, {"email": None, "email_verified": None}])
def test_a_missing_confirmed_email_is_said_with_the_way_to_confirm(
    browser: Browser, provider: SmallProvider, over: dict[str, Any]
) -> None:
    assert "adresse électronique confirmée" not in words_for(browser, provider, {})
    page = words_for(browser, provider, over)
    assert "Nous n’avons pas d’adresse électronique confirmée" in page
    assert 'href="http://localhost:8000/compte/"' in page


def words_for(browser: Browser, provider: SmallProvider, over: dict[str, Any]) -> str:
    """The first page when the claims are these."""
    provider.claims = SAMIRA | over
    browser.sign_in()
    return words(browser)


def test_a_pupil_is_greeted_by_first_name(browser: Browser, provider: SmallProvider) -> None:
    provider.claims = ADAMA
    browser.sign_in()
    page = words(browser)
    assert "Bonjour Adama" in page and "Bonjour Adama Coulibaly" not in page
    assert "5<sup>e</sup> B" in page


def test_hostile_names_are_text(browser: Browser, provider: SmallProvider) -> None:
    claims = deepcopy(SAMIRA)
    claims["children"][0] |= {"given_name": "<script>alert(1)</script>", "family_name": "GIORIG\u202eNEVES {{ 7*7 }}"}
    claims["children"][0]["school"]["name"] = '"><img src=x onerror=alert(2)>'
    provider.claims = claims
    browser.sign_in()
    page = words(browser)
    assert "<script>alert" not in page and "<img src=x" not in page
    assert escape("<script>alert(1)</script>") in page
    assert "\u202e" not in page and "49" not in page


def test_claims_that_say_nothing_sure_show_nothing(browser: Browser, provider: SmallProvider) -> None:
    provider.claims = SAMIRA | {"kind": "staff"}
    browser.sign_in()
    response = browser.get("/")
    page = response.content.decode()
    assert response.status_code == 502
    assert "Samira" not in page and "Inès" not in page
    assert "Se déconnecter" in page and 'class="code">kind<' in page


def test_two_people_in_two_browsers_each_see_themselves(browser: Browser, provider: SmallProvider) -> None:
    browser.sign_in()
    provider.claims = ADAMA
    other = Browser(type(browser.client)())
    other.sign_in()
    assert "Samira" in words(browser) and "Adama" not in words(browser)
    assert "Adama" in words(other) and "Samira" not in words(other)


def test_the_page_costs_two_queries_at_most(browser: Browser, django_assert_max_num_queries: object) -> None:
    browser.sign_in()
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        words(browser)


def test_a_name_received_in_capitals_is_read_in_small_letters(browser: Browser, provider: SmallProvider) -> None:
    provider.claims = {**deepcopy(SAMIRA), "family_name": "BELKACEM"}
    browser.sign_in()
    assert "Bonjour <bdi>Samira Belkacem</bdi>" in words(browser)


def test_everything_that_was_said_is_shown_beside_what_it_means(browser: Browser, provider: SmallProvider) -> None:
    provider.claims = {**SAMIRA, "shoe_size": "<b>38</b>"}
    browser.sign_in()
    assert 'href="/recu/"' in words(browser)
    page = browser.get("/recu/").content.decode()
    for name in provider.claims:
        assert f">{name}</bdi>" in page
    assert "Les enfants, leur date de naissance" in page and "Inès" in page
    assert "Ce site ne s’en sert pas" in page and "&lt;b&gt;38" in page


def test_outside_nothing_was_received(browser: Browser) -> None:
    assert browser.get("/recu/")["Location"] == "/"
