"""Préau's machine says that a visit is over: whoever left elsewhere is out of here too."""

import time
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from preau.eservices.signin.models import Session
from preau.eservices.signin.tokens import LOGOUT_EVENT, LONGEST_TOKEN
from tests.rooms.eservices.conftest import Browser
from tests.rooms.eservices.small_provider import SmallProvider


def tell(provider: SmallProvider, **over: Any) -> HttpResponse:
    """A logout token, laid over with what is wrong; None takes a claim away."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": provider.issuer, "aud": "eservices", "iat": now, "exp": now + 120, "jti": "once",
        "events": {LOGOUT_EVENT: {}}, "sub": "samira-0001", "sid": "session-of-the-provider", **over,
    }  # fmt: skip
    token = provider.sign({name: value for name, value in claims.items() if value is not None})
    return say(token)


def say(token: str) -> HttpResponse:
    """As a machine does: no cookie, no page before."""
    return Client(enforce_csrf_checks=True).post("/deconnexion/annonce/", {"logout_token": token})


def test_the_visit_that_ended_at_preau_ends_here(browser: Browser, provider: SmallProvider) -> None:
    browser.sign_in()
    told = tell(provider)
    assert (told.status_code, told["Cache-Control"]) == (200, "no-store")
    assert "Bonjour" not in browser.get("/").content.decode()
    assert not Session.objects.exists()
    assert tell(provider).status_code == 200  # said twice: over both times


def test_without_a_visit_named_all_those_of_the_person_end(browser: Browser, provider: SmallProvider) -> None:
    browser.sign_in()
    assert tell(provider, sid=None).status_code == 200
    assert not Session.objects.exists()


@pytest.mark.parametrize("over", [{"sid": "another"}, {"sid": None, "sub": "somebody-else"}])
def test_another_visit_ends_nothing_here(browser: Browser, provider: SmallProvider, over: dict[str, Any]) -> None:
    browser.sign_in()
    assert tell(provider, **over).status_code == 200
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    "over",
    [
        {"iss": "https://ailleurs.example"}, {"aud": "another"}, {"aud": ["eservices", "another"]}, {"exp": 1},
        {"iat": None}, {"jti": None}, {"events": None}, {"events": {"another": {}}}, {"events": {LOGOUT_EVENT: True}},
        {"nonce": "of an ID token"}, {"sub": None, "sid": None},
    ],
)  # fmt: skip
def test_what_is_no_logout_token_for_us_ends_nothing(
    browser: Browser, provider: SmallProvider, over: dict[str, Any]
) -> None:
    browser.sign_in()
    assert tell(provider, **over).status_code == 400
    assert Session.objects.count() == 1


@pytest.mark.parametrize("alg", ["none", "HS256", "RS256"])
def test_the_algorithm_is_ours_to_choose(browser: Browser, provider: SmallProvider, alg: str) -> None:
    browser.sign_in()
    provider.faults.alg = alg
    assert tell(provider).status_code == 400
    assert Session.objects.count() == 1


def test_another_key_the_id_token_of_the_visit_and_noise_end_nothing(browser: Browser, provider: SmallProvider) -> None:
    browser.sign_in()
    for token in (Session.objects.get().id_token, "", "x", "a.b.c", "x" * (LONGEST_TOKEN + 1)):
        assert say(token).status_code == 400
    provider.faults.is_key_foreign = True
    assert tell(provider).status_code == 400
    assert Session.objects.count() == 1


def test_preaus_keys_may_have_turned(browser: Browser, provider: SmallProvider) -> None:
    browser.sign_in()
    provider.key = provider.foreign_key
    assert tell(provider).status_code == 200
    assert not Session.objects.exists()
