"""Start, callback, sign-out, against a real provider on loopback, well-behaved then not."""

import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from preau.eservices.signin.models import Session
from preau.eservices.signin.sessions import digest
from tests.rooms.eservices.conftest import Browser, TownClock
from tests.rooms.eservices.small_provider import ADAMA, SmallProvider

REFERENCE = re.compile(r'class="code">([a-z0-9_-]+)<')


def reference(response: Any) -> str:
    """The reference a refusal shows."""
    found = REFERENCE.search(response.content.decode())
    assert found, response.content.decode()
    return found[1]


# There and back ---------------------------------------------------------------------------------------------------


def test_signing_in_opens_the_first_page(browser: Browser) -> None:
    back = browser.sign_in()
    assert (back.status_code, back["Location"]) == (302, "/")
    assert "Bonjour <bdi>Samira Belkacem</bdi>" in browser.get("/").content.decode()


def test_the_question_is_a_code_with_pkce_state_and_nonce(browser: Browser, provider: SmallProvider) -> None:
    browser.sign_in()
    (question,) = provider.asked
    assert question["response_type"] == "code"
    assert question["code_challenge_method"] == "S256"
    assert question["redirect_uri"] == "http://127.0.0.1:8001/connexion/retour/"
    assert "openid" in question["scope"].split()
    assert min(len(question[name]) for name in ("state", "nonce", "code_challenge")) >= 43


def test_one_lands_where_one_wanted_to_go(browser: Browser) -> None:
    assert browser.sign_in("/connexion/?suite=/deconnexion/%3Fa=1")["Location"] == "/deconnexion/?a=1"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://ailleurs.example/", "//ailleurs.example/", "/\\ailleurs.example", "javascript:alert(1)", "x" * 9],
)
def test_one_never_lands_on_another_site(browser: Browser, elsewhere: str) -> None:
    assert browser.sign_in(f"/connexion/?suite={elsewhere}")["Location"] == "/"


def test_two_tabs_may_sign_in_together(browser: Browser) -> None:
    first, second = browser.leave("/connexion/?suite=/%3Ftab=1"), browser.leave("/connexion/?suite=/%3Ftab=2")
    assert browser.get(second)["Location"] == "/?tab=2"
    assert browser.get(first)["Location"] == "/?tab=1"
    assert Session.objects.count() == 1


def test_the_database_knows_the_cookie_by_its_digest_only(browser: Browser) -> None:
    browser.sign_in()
    token = browser.client.cookies["scolarite"].value
    session = Session.objects.get()
    assert session.digest == digest(token)
    assert token not in str(vars(session))


def test_the_cookie_is_closed_to_scripts_and_to_other_sites(browser: Browser) -> None:
    browser.sign_in()
    cookie = browser.client.cookies["scolarite"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")


def test_the_attempt_leaves_no_cookie_behind(browser: Browser) -> None:
    browser.sign_in()
    assert {name for name, cookie in browser.client.cookies.items() if cookie.value} == {"scolarite"}


def test_a_cookie_fixed_beforehand_is_not_the_one_that_opens(browser: Browser) -> None:
    browser.client.cookies["scolarite"] = "chosen-by-somebody-else"
    browser.sign_in()
    assert browser.client.cookies["scolarite"].value != "chosen-by-somebody-else"
    other = Client()
    other.cookies["scolarite"] = "chosen-by-somebody-else"
    assert "Bonjour" not in other.get("/").content.decode()


def test_signing_in_again_closes_the_session_before(browser: Browser, provider: SmallProvider) -> None:
    browser.sign_in()
    before = browser.client.cookies["scolarite"].value
    provider.claims = ADAMA
    browser.sign_in()
    assert "Bonjour Adama" in browser.get("/").content.decode()
    stale = Client()
    stale.cookies["scolarite"] = before
    assert "Bonjour" not in stale.get("/").content.decode()


def test_the_provider_may_turn_its_keys(browser: Browser, provider: SmallProvider) -> None:
    browser.sign_in()
    provider.key = provider.foreign_key
    assert browser.sign_in()["Location"] == "/"


# Refusals: nothing opened, a page that says what to do ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "why"),
    [
        ({"iss": "https://ailleurs.example"}, "jeton-iss"),
        ({"aud": "another"}, "jeton-aud"),
        ({"aud": ["eservices", "another"]}, "jeton-aud"),
        ({"aud": None}, "jeton-aud"),
        ({"azp": "another"}, "jeton-azp"),
        ({"nonce": "another"}, "jeton-nonce"),
        ({"nonce": None}, "jeton-nonce"),
        ({"sub": None}, "jeton-sub"),
        ({"exp": 1}, "jeton-exp"),
        ({"exp": None}, "jeton-exp"),
        ({"iat": 4102444800}, "jeton-iat"),
    ],
)
def test_a_token_that_is_not_for_us_now_opens_nothing(
    browser: Browser, provider: SmallProvider, over: dict[str, Any], why: str
) -> None:
    provider.faults.id_token = over
    refused_with(browser, why)


@pytest.mark.parametrize("alg", ["none", "HS256", "RS256"])
def test_the_algorithm_is_ours_to_choose(browser: Browser, provider: SmallProvider, alg: str) -> None:
    provider.faults.alg = alg
    refused_with(browser, "jeton-signature")


def test_another_key_signs_nothing(browser: Browser, provider: SmallProvider) -> None:
    provider.faults.is_key_foreign = True
    refused_with(browser, "jeton-signature")


def test_the_claims_of_another_person_open_nothing(browser: Browser, provider: SmallProvider) -> None:
    provider.faults.userinfo = {"sub": "somebody-else"}
    refused_with(browser, "informations-sub")


@pytest.mark.parametrize("iss", ["", "https://ailleurs.example"])
def test_an_answer_must_name_its_sender(browser: Browser, provider: SmallProvider, iss: str) -> None:
    provider.faults.answer_iss = iss
    refused_with(browser, "retour-iss")


@pytest.mark.parametrize(
    ("path", "status", "code", "why"),
    [
        ("/token", 400, 400, "reponse-400"),
        ("/token", 302, 400, "reponse-302"),
        ("/token", 503, 503, "reponse-503"),
        ("/userinfo", 401, 400, "reponse-401"),
        ("/jwks", 500, 503, "reponse-500"),
    ],
)
def test_a_failing_address_opens_nothing(
    browser: Browser, provider: SmallProvider, path: str, status: int, code: int, why: str
) -> None:
    provider.faults.status = {path: status}
    refused_with(browser, why, status=code)


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("/token", b"<html>", "reponse-illisible"),
        ("/token", b"[]", "reponse-illisible"),
        ("/token", b"{}", "jetons-absents"),
        ("/token", b'{"access_token": 1, "id_token": {}}', "jetons-absents"),
        ("/token", b'{"access_token": "a", "id_token": "a.b.c"}', "jeton-signature"),
        ("/token", b'{"access_token": "a", "id_token": "' + b"a" * 20_000 + b'"}', "jeton-taille"),
        ("/jwks", b'{"keys": 3}', "fournisseur-cles"),
        ("/jwks", b'{"keys": [{"kty": "EC"}]}', "fournisseur-cles"),
        ("/userinfo", b"[]", "reponse-illisible"),
    ],
)
def test_an_unreadable_answer_opens_nothing(
    browser: Browser, provider: SmallProvider, path: str, body: bytes, why: str
) -> None:
    provider.faults.body = {path: body}
    refused_with(browser, why)


def test_an_endless_answer_is_cut(browser: Browser, provider: SmallProvider) -> None:
    provider.faults.body = {"/userinfo": b'{"sub": "' + b"a" * 2_000_000 + b'"}'}
    refused_with(browser, "reponse-trop-longue", status=503)


def test_an_answer_to_nobody_opens_nothing(browser: Browser) -> None:
    answer = browser.leave()
    stranger = Client()
    response = stranger.get(answer)
    assert (response.status_code, reference(response)) == (400, "essai-absent")
    assert not Session.objects.exists()


def test_an_answer_with_another_state_opens_nothing(browser: Browser) -> None:
    answer = browser.leave()
    state = parse_qs(urlsplit(answer).query)["state"][0]
    response = browser.get(answer.replace(state, state[:12] + "A" * 31))
    assert (response.status_code, reference(response)) == (400, "essai-state")
    assert not Session.objects.exists()


def test_an_answer_serves_once(browser: Browser) -> None:
    answer = browser.leave()
    kept = {name: cookie.value for name, cookie in browser.client.cookies.items()}
    browser.get(answer)
    replaying = Client()
    for name, value in kept.items():
        replaying.cookies[name] = value
    response = replaying.get(answer)
    assert (response.status_code, reference(response)) == (400, "reponse-400")
    assert Session.objects.count() == 1


def test_an_attempt_ten_minutes_old_opens_nothing(browser: Browser, clock: TownClock) -> None:
    answer = browser.leave()
    clock.advance(minutes=11)
    response = browser.get(answer)
    assert (response.status_code, reference(response)) == (400, "essai-ancien")
    assert not Session.objects.exists()


def test_the_back_button_after_signing_in_leads_home(browser: Browser) -> None:
    answer = browser.leave()
    browser.get(answer)
    assert browser.get(answer)["Location"] == "/"
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("error", "status", "why"),
    [
        ("access_denied", 400, "retour-abandon"),
        ("server_error", 503, "retour-panne"),
        ("temporarily_unavailable", 503, "retour-panne"),
        ("<script>alert(1)</script>", 400, "retour-erreur"),
    ],
)
def test_an_error_of_the_provider_is_said_in_our_words(
    browser: Browser, provider: SmallProvider, error: str, status: int, why: str
) -> None:
    state = parse_qs(urlsplit(browser.leave()).query)["state"][0]
    query = {"error": error, "error_description": "<b>texte du fournisseur</b>", "state": state, "iss": provider.issuer}
    response = browser.client.get("/connexion/retour/", query)
    assert (response.status_code, reference(response)) == (status, why)
    assert "texte du fournisseur" not in response.content.decode()
    assert "alert(1)" not in response.content.decode()


def test_an_answer_without_code_opens_nothing(browser: Browser, provider: SmallProvider) -> None:
    state = parse_qs(urlsplit(browser.leave()).query)["state"][0]
    response = browser.client.get("/connexion/retour/", {"state": state, "iss": provider.issuer})
    assert reference(response) == "retour-sans-code"


# Préau is away ------------------------------------------------------------------------------------------------------


def test_when_preau_is_down_the_page_says_so_and_offers_to_retry(browser: Browser, provider: SmallProvider) -> None:
    port = provider.server.server_address[1]
    provider.close()
    response = browser.get("/connexion/?suite=/%3Fa=1")
    words = response.content.decode()
    assert (response.status_code, reference(response)) == (503, "sans-reponse")
    assert "Réessayer" in words and 'href="/connexion/?suite=/%3Fa%3D1"' in words
    provider.open(port)
    assert browser.sign_in("/connexion/?suite=/%3Fa=1")["Location"] == "/?a=1"


def test_a_slow_preau_does_not_hold_the_page(
    browser: Browser, provider: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("preau.eservices.signin.provider.PATIENCE", (1, 0.2))
    provider.faults.slow_seconds = 0.6
    assert browser.get("/connexion/").status_code == 503


@pytest.mark.parametrize(
    ("over", "why"),
    [
        ({"issuer": "https://ailleurs.example"}, "fournisseur-iss"),
        ({"token_endpoint": None}, "fournisseur-adresses"),
        ({"userinfo_endpoint": "file:///etc/passwd"}, "fournisseur-adresses"),
    ],
)
def test_a_discovery_document_that_is_not_its_own_is_refused(
    browser: Browser, provider: SmallProvider, over: dict[str, Any], why: str
) -> None:
    provider.faults.discovery = over
    response = browser.get("/connexion/")
    assert (response.status_code, reference(response)) == (400, why)


def test_in_production_no_address_is_plain_http(browser: Browser, settings: Any) -> None:
    settings.DEVELOPMENT = False
    assert reference(browser.get("/connexion/")) == "fournisseur-adresses"


# Time passes --------------------------------------------------------------------------------------------------------


def test_a_session_sleeps_after_half_an_hour(browser: Browser, clock: TownClock) -> None:
    browser.sign_in()
    clock.advance(minutes=29)
    assert "Bonjour" in browser.get("/").content.decode()
    clock.advance(minutes=29)
    assert "Bonjour" in browser.get("/").content.decode()
    clock.advance(minutes=31)
    assert "Bonjour" not in browser.get("/").content.decode()


def test_a_session_ends_after_a_school_day_however_busy(browser: Browser, clock: TownClock) -> None:
    browser.sign_in()
    for _ in range(24):
        clock.advance(minutes=20)
        page = browser.get("/").content.decode()
    assert "Bonjour" not in page


def test_the_claims_of_ended_sessions_are_swept_away(
    browser: Browser, provider: SmallProvider, clock: TownClock
) -> None:
    browser.sign_in()
    clock.advance(hours=9)
    provider.lives_at = lambda: time.time() + 9 * 3600
    other = Browser(Client())
    other.sign_in()
    assert Session.objects.count() == 1


# Out of both --------------------------------------------------------------------------------------------------------


def test_signing_out_ends_our_session_then_preau_s(browser: Browser, provider: SmallProvider) -> None:
    browser.sign_in()
    hint = Session.objects.get().id_token
    sent = browser.client.post("/deconnexion/")
    assert sent.status_code == 303
    assert not Session.objects.exists()
    question = {name: values[0] for name, values in parse_qs(urlsplit(sent["Location"]).query).items()}
    assert sent["Location"].startswith(f"{provider.issuer}/logout?")
    assert question["id_token_hint"] == hint
    assert question["client_id"] == "eservices"
    assert question["post_logout_redirect_uri"] == "http://127.0.0.1:8001/deconnexion/faite/"
    words = browser.client.get("/deconnexion/faite/", {"state": question["state"]}).content.decode()
    assert "Vous êtes déconnecté" in words and "De Scolarité Services et de Préau" in words
    assert "Bonjour" not in browser.get("/").content.decode()


def test_without_the_right_state_the_page_promises_less(browser: Browser) -> None:
    browser.sign_in()
    browser.client.post("/deconnexion/")
    words = browser.client.get("/deconnexion/faite/", {"state": "another"}).content.decode()
    assert "Vous êtes déconnecté" in words and "et de Préau" not in words


def test_the_goodbye_page_does_not_lie_to_who_is_still_in(browser: Browser) -> None:
    browser.sign_in()
    assert "Vous êtes encore connecté" in browser.get("/deconnexion/faite/").content.decode()


def test_when_preau_is_down_signing_out_still_ends_our_session(browser: Browser, provider: SmallProvider) -> None:
    port = provider.server.server_address[1]
    browser.sign_in()
    provider.close()
    response = browser.client.post("/deconnexion/")
    words = response.content.decode()
    assert "votre session Préau est peut-être encore ouverte" in words
    assert "Se déconnecter" not in words
    assert not Session.objects.exists()
    assert browser.client.cookies["scolarite"].value == ""
    provider.open(port)


def test_a_link_alone_signs_nobody_out(browser: Browser) -> None:
    browser.sign_in()
    assert "Voulez-vous vous déconnecter" in browser.get("/deconnexion/").content.decode()
    assert Session.objects.count() == 1


def test_a_form_from_elsewhere_signs_nobody_out(browser: Browser) -> None:
    browser.sign_in()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["scolarite"] = browser.client.cookies["scolarite"].value
    response = strict.post("/deconnexion/")
    assert response.status_code == 403
    assert "Cette page a expiré" in response.content.decode()
    assert Session.objects.count() == 1


# Headers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/deconnexion/faite/", "/connexion/retour/", "/introuvable"])
def test_no_page_is_kept_framed_or_scripted_from_elsewhere(browser: Browser, path: str) -> None:
    response = browser.get(path)
    policy = response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"
    assert response["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert response["Referrer-Policy"] == "same-origin"
    assert " style=" not in response.content.decode()


def refused_with(browser: Browser, why: str, *, status: int = 400) -> None:
    """Sign in; it must be refused for that reason, with a way on, and nothing opened."""
    response = browser.sign_in()
    assert (reference(response), response.status_code) == (why, status)
    assert 'href="/connexion/' in response.content.decode()
    assert not Session.objects.exists()
    assert "scolarite" not in browser.client.cookies
