"""Before a service by OpenID Connect learns something: told or asked, once, and it may be taken back."""

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.audit.models import Event
from preau.identity.federation import consents, farewells
from preau.identity.federation.models import AuthorizationCode, Consent, RelyingParty
from tests.rooms.identity.federation.conftest import NOW, answer_of, exchange, question, sign_in
from tests.rooms.identity.federation.listening_service import listening
from tests.rooms.identity.federation.notice_form import DOOR, is_shown, leads_to, pending_of, say, statements


@pytest.fixture
def asking(party: RelyingParty) -> RelyingParty:
    """The ENT, which people must agree to."""
    return _policy(party, "ask")


@pytest.fixture
def telling(party: RelyingParty) -> RelyingParty:
    """The ENT, of which people are told."""
    return _policy(party, "tell")


def _policy(party: RelyingParty, notice: str) -> RelyingParty:
    party.notice = notice
    party.save()
    return party


@pytest.fixture
def browser(client: Client, samira: Account) -> Client:
    """Samira's, signed in."""
    sign_in(client, samira)
    return client


def later(monkeypatch: pytest.MonkeyPatch, **more: int) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(**more))


def enter(browser: Client, **changes: str | None) -> dict[str, str]:
    """Ask, agree, and go on: what the service receives."""
    going = leads_to(say(browser, browser.get(question(**changes)), "oui"))
    return answer_of(browser.get(going)["Location"])


def events(account: Account) -> list[str]:
    found = Event.objects.filter(on=account.key, name__startswith="federation.").order_by("id")
    return [one.name.removeprefix("federation.") for one in found]


def test_the_page_says_what_is_learnt_and_nothing_has_left_before_yes(browser: Client, asking: RelyingParty) -> None:
    page = browser.get(question())
    # « no-referrer » would send « Origin: null » with the form, which Django refuses.
    assert is_shown(page) and page["Cache-Control"] == "no-store" and page["Referrer-Policy"] == "same-origin"
    words = page.content.decode()
    assert "Vos nom et prénom" in words and "Vos enfants" in words and "Refuser" in words
    assert "le mot de passe" in words and "l’adresse électronique" not in words
    assert not AuthorizationCode.objects.exists() and not Consent.objects.exists()


def test_who_agrees_goes_on_to_the_service_and_is_not_asked_again(
    browser: Client, samira: Account, asking: RelyingParty
) -> None:
    told = enter(browser)
    assert told["state"] == "the-state" and exchange(told["code"]).status_code == 200
    kept = Consent.objects.get(account=samira, party=asking)
    assert kept.is_agreement and {"children", "email", "name", "sub"} <= set(kept.names)
    assert "code" in answer_of(browser.get(question())["Location"])
    assert "code" in answer_of(browser.get(question(prompt="none"))["Location"])
    assert events(samira) == ["consent_given", "visited", "visited", "visited"]


def test_the_answer_to_a_form_does_not_redirect_to_another_site(browser: Client, asking: RelyingParty) -> None:
    # CSP form-action is checked on every redirect of a form's answer.
    answer = say(browser, browser.get(question()), "oui")
    assert answer.status_code == 200 and answer["Refresh"].startswith("0; url=/oidc/authorize?")


def test_who_refuses_is_denied_to_the_service_and_asked_the_next_time(
    browser: Client, samira: Account, asking: RelyingParty
) -> None:
    going = leads_to(say(browser, browser.get(question()), "non"))
    told = answer_of(browser.get(going)["Location"])
    assert told["error"] == "access_denied" and told["state"] == "the-state" and "code" not in told
    assert events(samira) == ["consent_refused"] and not Consent.objects.exists()
    assert is_shown(browser.get(question()))


def test_who_is_only_told_may_leave_too(browser: Client, samira: Account, telling: RelyingParty) -> None:
    page = browser.get(question())
    assert "Ne pas y aller" in page.content.decode()
    assert answer_of(browser.get(leads_to(say(browser, page, "non")))["Location"])["error"] == "access_denied"
    assert "code" in enter(browser)
    assert Consent.objects.get().is_agreement is False and "notice_read" in events(samira)
    assert "code" in answer_of(browser.get(question())["Location"])


def test_told_is_not_asked(browser: Client, telling: RelyingParty) -> None:
    enter(browser)
    _policy(telling, "ask")
    assert is_shown(browser.get(question()))
    enter(browser)
    assert Consent.objects.get().is_agreement


@pytest.mark.parametrize(("notice", "error"), [("ask", "consent_required"), ("tell", "interaction_required")])
def test_prompt_none_shows_nothing_and_says_why(browser: Client, party: RelyingParty, notice: str, error: str) -> None:
    _policy(party, notice)
    assert answer_of(browser.get(question(prompt="none"))["Location"])["error"] == error
    assert not AuthorizationCode.objects.exists()


def test_prompt_consent_shows_it_again_once(browser: Client, asking: RelyingParty) -> None:
    enter(browser)
    told = enter(browser, prompt="consent")
    assert "code" in told
    assert is_shown(browser.get(question(prompt="consent")))


def test_a_service_that_shows_nothing_shows_nothing(browser: Client, party: RelyingParty) -> None:
    assert "code" in answer_of(browser.get(question(prompt="consent"))["Location"])


def test_more_is_asked_again_less_is_not(browser: Client, asking: RelyingParty) -> None:
    enter(browser, scope="openid profile")
    assert "code" in answer_of(browser.get(question(scope="openid"))["Location"])
    page = browser.get(question(scope="openid profile email"))
    assert is_shown(page) and "Votre adresse électronique" in page.content.decode()
    enter(browser, scope="openid profile email")
    for scope in ("openid profile", "openid email", "openid profile email"):
        assert "code" in answer_of(browser.get(question(scope=scope))["Location"])


def test_a_name_asked_by_the_claims_parameter_counts(browser: Client, asking: RelyingParty) -> None:
    enter(browser, scope="openid")
    assert is_shown(browser.get(question(scope="openid", claims='{"id_token": {"email": null}}')))


def test_acting_later_is_something_to_agree_to(browser: Client, asking: RelyingParty) -> None:
    asking.may_refresh = True
    asking.save()
    enter(browser, scope="openid profile")
    page = browser.get(question(scope="openid profile offline_access"))
    assert is_shown(page) and "quand vous n’êtes pas là" in page.content.decode()


def test_the_form_counts_in_the_visit_it_was_drawn_for_only(
    browser: Client, adama: Account, asking: RelyingParty
) -> None:
    page = browser.get(question())
    stranger = Client()
    sign_in(stranger, adama)
    for other in (stranger, Client()):
        answer = say(other, page, "oui")
        assert answer.status_code == 400 and "recommencez" in answer.content.decode()
    assert not Consent.objects.exists()


def test_an_answer_is_worth_nothing_in_another_visit(browser: Client, adama: Account, asking: RelyingParty) -> None:
    refused = leads_to(say(browser, browser.get(question()), "non"))
    stranger = Client()
    sign_in(stranger, adama)
    assert is_shown(stranger.get(refused))
    agreed = leads_to(say(browser, browser.get(question(prompt="consent")), "oui"))
    assert is_shown(stranger.get(agreed))


def test_a_form_sent_twice_counts_once(browser: Client, samira: Account, asking: RelyingParty) -> None:
    page = browser.get(question())
    first, second = say(browser, page, "oui"), say(browser, page, "oui")
    assert leads_to(first).partition("avis=")[0] == leads_to(second).partition("avis=")[0]
    assert events(samira) == ["consent_given"] and Consent.objects.count() == 1


def test_a_form_shown_before_an_agreement_was_taken_back_does_not_give_it_again(
    browser: Client, samira: Account, asking: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = browser.get(question())
    say(browser, page, "oui")
    later(monkeypatch, minutes=1)
    consents.withdraw(samira, asking, by=samira.key, at=clock.now())
    later(monkeypatch, minutes=2)
    going = leads_to(say(browser, page, "oui"))
    assert is_shown(browser.get(going)) and Consent.objects.get().withdrawn_at is not None


@pytest.mark.parametrize("changed", ["", "x", "{token}x", "eyJ2Ijoi"])
def test_a_form_that_is_not_ours_leads_nowhere(browser: Client, asking: RelyingParty, changed: str) -> None:
    token = pending_of(browser.get(question()))
    answer = browser.post(DOOR, {"demande": changed.format(token=token), "reponse": "oui"})
    assert answer.status_code == 400 and "Location" not in answer and not Consent.objects.exists()


def test_a_form_without_an_answer_or_too_old_leads_nowhere(
    browser: Client, asking: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = browser.get(question())
    assert browser.post(DOOR, {"demande": pending_of(page)}).status_code == 400
    later(monkeypatch, minutes=61)
    assert say(browser, page, "oui").status_code == 400
    assert not Consent.objects.exists()


def test_another_site_cannot_send_the_form(samira: Account, asking: RelyingParty) -> None:
    careful = Client(enforce_csrf_checks=True)
    assert careful.post(DOOR, {"demande": "x", "reponse": "oui"}).status_code == 403


def test_a_service_cut_off_meanwhile_learns_no_agreement(browser: Client, asking: RelyingParty) -> None:
    page = browser.get(question())
    RelyingParty.objects.update(disabled_at=NOW)
    assert say(browser, page, "oui").status_code == 404
    assert not Consent.objects.exists()


def test_whom_the_service_is_not_for_is_not_asked_anything(browser: Client, asking: RelyingParty) -> None:
    RelyingParty.objects.update(audience=["pupil"])
    assert browser.get(question()).status_code == 403


def renewed(token: str) -> Any:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "ent"}
    return Client().post("/oidc/token", {**form, "client_secret": "secret-of-the-ent"})


def test_taking_back_closes_what_the_service_holds(browser: Client, samira: Account, asking: RelyingParty) -> None:
    asking.may_refresh = True
    asking.save()
    scope = "openid profile offline_access"
    tokens = exchange(enter(browser, scope=scope)["code"]).json()
    waiting = answer_of(browser.get(question(scope=scope))["Location"])["code"]
    answer = browser.post("/compte/services/ent/retirer/")
    assert answer["Location"] == "/compte/services/?fait=retire"
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert Client().get("/oidc/userinfo", headers=bearer).status_code == 401
    assert renewed(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert exchange(waiting).json()["error"] == "invalid_grant"
    assert is_shown(browser.get(question(scope=scope)))
    assert events(samira)[-1] == "consent_withdrawn"
    assert browser.post("/compte/services/ent/retirer/")["Location"] == "/compte/services/?fait=deja"


def test_once_taken_back_the_end_of_the_visit_tells_the_service_nothing_more(
    browser: Client, asking: RelyingParty
) -> None:
    with listening() as machine:
        asking.may_refresh, asking.backchannel_logout_uri = True, machine.url
        asking.save()
        tokens = exchange(enter(browser, scope="openid profile offline_access")["code"]).json()
        browser.post("/compte/services/ent/retirer/")
        browser.post("/deconnexion/")
        farewells.notice_endings(at=NOW)
        farewells.tell_due(at=NOW)
    (heard,) = machine.heard
    (token,) = parse_qs(heard.decode())["logout_token"]
    claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    # What names the visit that it knows, which is to be forgotten; of the person, the opaque name it had.
    assert claims.keys() == {"iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"}
    secret = {"client_id": "ent", "client_secret": "secret-of-the-ent"}
    for one in (tokens["access_token"], tokens["refresh_token"]):
        assert Client().post("/oidc/introspect", {"token": one, **secret}).json() == {"active": False}
    assert renewed(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_nothing_is_renewed_beyond_what_was_agreed(browser: Client, asking: RelyingParty) -> None:
    asking.may_refresh, asking.scopes = True, [*asking.scopes, "ect.scope.ent"]
    asking.attributes, asking.reason = ["FrEduCtId"], "Convention"
    asking.save()
    tokens = exchange(enter(browser, scope="openid ect.scope.ent offline_access")["code"]).json()
    tokens = renewed(tokens["refresh_token"]).json()
    RelyingParty.objects.update(attributes=["FrEduCtId", "children"])
    assert renewed(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_one_reading_more_for_a_service_that_asks_than_for_one_that_shows_nothing(
    browser: Client, party: RelyingParty
) -> None:
    browser.get(question())
    plain = statements(browser, question())
    _policy(party, "ask")
    enter(browser)
    assert statements(browser, question()) == plain + 1
