"""Before a service by SAML learns something: told or asked, at an address that can be loaded again."""

from datetime import timedelta

import pytest
from django.test import Client

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.federation.models import Assertion, Consent, SamlProfile, Trouble
from tests.rooms.identity.federation.conftest import NOW, sign_in
from tests.rooms.identity.federation.notice_form import is_shown, leads_to, say, statements
from tests.rooms.identity.federation.saml import ent
from tests.rooms.identity.federation.saml.ent import Pair


@pytest.fixture
def browser(profile: SamlProfile, adama: Account, client: Client) -> Client:
    """Adama's, signed in, before an ENT he must agree to."""
    policy(profile, "ask")
    sign_in(client, adama)
    return client


def policy(profile: SamlProfile, notice: str) -> None:
    profile.party.notice = notice
    profile.party.save()


def request_of(number: str, **changes: str) -> str:
    return ent.query(ent.request_xml(NOW, ID=f"ENT_{number}", **changes))


def test_the_page_is_shown_where_it_can_be_loaded_again(
    browser: Client, ours: str, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown_at = browser.get(request_of("1"))
    assert shown_at.status_code == 302 and shown_at["Location"].startswith("/saml/sso?demande=")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=20))
    page = browser.get(shown_at["Location"])
    assert is_shown(page) and page["Referrer-Policy"] == "same-origin"
    words = page.content.decode()
    assert "Es-tu d’accord" in words and "Ta date de naissance" in words
    assert "Pour te retrouver dans l’annuaire de l’ENT" in words
    assert not Assertion.objects.exists()
    answer = browser.get(leads_to(say(browser, page, "oui")))
    response = ent.response_of(answer, ours)
    assert ent.codes_of(response) == ["Success"] and response.get("InResponseTo") == "ENT_1"
    assert ent.attributes_of(ent.assertion_of(response, pair, ours))["sn"] == ["BELKACEM"]


def test_who_agreed_is_not_asked_again_until_more_is_learnt(browser: Client, ours: str, profile: SamlProfile) -> None:
    agree(browser, "1")
    assert ent.codes_of(ent.response_of(browser.get(request_of("2")), ours)) == ["Success"]
    profile.party.scopes = ["ent"]
    profile.party.save()
    assert ent.codes_of(ent.response_of(browser.get(request_of("3")), ours)) == ["Success"]
    profile.party.scopes, profile.party.attributes = ["ent", "pupil"], ["email"]
    profile.party.save()
    assert is_shown(browser.get(browser.get(request_of("4"))["Location"]))


def agree(browser: Client, number: str) -> None:
    page = browser.get(browser.get(request_of(number))["Location"])
    browser.get(leads_to(say(browser, page, "oui")))


def test_who_refuses_is_denied_to_the_service_and_is_no_trouble(browser: Client, ours: str) -> None:
    page = browser.get(browser.get(request_of("1"))["Location"])
    response = ent.response_of(browser.get(leads_to(say(browser, page, "non"))), ours)
    assert ent.codes_of(response) == ["Responder", "RequestDenied"] and response.get("InResponseTo") == "ENT_1"
    assert not Assertion.objects.exists() and not Consent.objects.exists() and not Trouble.objects.exists()


def test_a_passive_request_shows_no_page(browser: Client, ours: str) -> None:
    response = ent.response_of(browser.get(request_of("1", IsPassive="true")), ours)
    assert ent.codes_of(response) == ["Responder", "NoPassive"]


def test_who_came_without_a_request_goes_home_when_they_refuse(browser: Client) -> None:
    unasked = f"/idp/profile/SAML2/Unsolicited/SSO?providerId={ent.ENTITY_ID}"
    page = browser.get(browser.get(unasked)["Location"])
    assert leads_to(say(browser, page, "non")) == "/"
    assert not Assertion.objects.exists()


def test_a_request_is_answered_once_even_when_the_form_is_sent_twice(browser: Client) -> None:
    page = browser.get(browser.get(request_of("1"))["Location"])
    going = leads_to(say(browser, page, "oui"))
    assert browser.get(going).status_code == 200
    assert browser.get(leads_to(say(browser, page, "oui"))).status_code == 409
    assert Assertion.objects.count() == 1


def test_a_lasting_name_and_an_address_as_a_name_are_said_too(browser: Client, profile: SamlProfile) -> None:
    SamlProfile.objects.update(name_id_formats=["persistent", "email"])
    for name_format, words in (
        ("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "te reconnaître"),
        ("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", "Ton adresse électronique"),
    ):
        asked = ent.request_xml(NOW, policy=name_format)
        page = browser.get(browser.get(ent.query(asked))["Location"])
        assert is_shown(page) and words in page.content.decode()


def test_a_service_that_asks_costs_one_reading_more_than_one_that_shows_nothing(
    browser: Client, profile: SamlProfile
) -> None:
    policy(profile, "none")
    browser.get(request_of("1"))
    plain = statements(browser, request_of("2"))
    policy(profile, "ask")
    agree(browser, "3")
    assert statements(browser, request_of("4")) == plain + 1
