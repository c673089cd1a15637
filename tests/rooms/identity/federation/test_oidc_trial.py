"""The service of test by OpenID Connect: connected by an operator, it shows what it checked of each sign-in."""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.federation import registration, signing
from preau.identity.federation.checks import CannotRegister
from preau.identity.federation.models import AccessToken, RelyingParty
from preau.identity.federation.oidc import trial
from preau.identity.federation.received import NotReceived
from preau.identity.federation.saml import trial as trial_by_saml
from preau.identity.staff.models import Role
from tests.rooms.identity.console.world import make_world
from tests.rooms.identity.federation.conftest import NOW, answer_of, sign_in
from tests.rooms.identity.federation.notice_form import is_shown, leads_to, say
from tests.rooms.identity.federation.test_oidc import ISSUER

DOOR, ASKS, RETURNED = "/services/essai/", "/services/essai/openid/", "/services/essai/openid/recu/"
CONNECT = "/gestion/services/ajouter/essai/openid/"


@pytest.fixture
def party(db: None) -> RelyingParty:
    return trial.connect(by="staff:1", at=NOW)


@pytest.fixture
def browser(party: RelyingParty, adama: Account, client: Client) -> Client:
    """Adama's, signed in."""
    sign_in(client, adama)
    return client


def noticed(browser: Client) -> Any:
    """From the door to the page that says what the service learns."""
    assert f'href="{ASKS}"' in browser.get(DOOR).content.decode()
    page = browser.get(browser.get(ASKS)["Location"])
    assert is_shown(page)
    return page


def came_back(browser: Client) -> dict[str, str]:
    """The same, to the answer that the browser carries back."""
    there = browser.get(leads_to(say(browser, noticed(browser), "oui")))["Location"]
    assert there.startswith(f"{trial.callback()}?")
    return answer_of(there)


def test_until_an_operator_connects_it_and_once_it_is_cut_off_it_is_nowhere(client: Client, db: None) -> None:
    for address in (DOOR, ASKS, RETURNED):
        assert client.get(address).status_code == 404
    party = trial.connect(by="staff:1", at=NOW)
    assert client.get(DOOR).status_code == 200 and client.get(RETURNED).status_code == 400
    registration.disable(party, by="staff:1", at=NOW)
    for address in (DOOR, ASKS, RETURNED):
        assert client.get(address).status_code == 404


def test_its_question_is_one_of_a_careful_service_and_new_each_time(client: Client, party: RelyingParty) -> None:
    registration.change(party, scopes=["openid", "profile", "email"], by="staff:1", at=NOW)
    first, second = (parse_qs(urlsplit(client.get(ASKS)["Location"]).query) for _ in range(2))
    assert first["scope"] == ["openid profile email"] and first["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name] and len(first[name][0]) >= 43
    assert client.cookies[trial.COOKIE]["httponly"] and client.cookies[trial.COOKIE]["samesite"] == "Lax"


def test_all_that_it_received_is_shown_beside_its_meaning(browser: Client, party: RelyingParty) -> None:
    registration.change(party, scopes=["openid", "profile", "children"], by="staff:1", at=NOW)
    answer = browser.get(RETURNED, came_back(browser))
    page = answer.content.decode()
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert "Votre prénom" in page and "Adama" in page and "given_name · userinfo" in page and "5E B" in page
    assert "amr · id_token" in page and "pwd" in page and "24/11/2026 10:00:00" in page
    assert "&quot;uai&quot;: &quot;0991234D&quot;" in page and "email" not in page
    assert Event.objects.get(name=Events.PARTY_VISITED).facts["party"] == trial.CLIENT_ID


def test_nothing_is_left_of_a_visit_and_its_page_cannot_be_loaded_again(browser: Client) -> None:
    answer = came_back(browser)
    assert browser.get(RETURNED, answer).status_code == 200
    assert AccessToken.objects.get().revoked_at == NOW and not browser.cookies[trial.COOKIE].value
    assert browser.get(RETURNED, answer).status_code == 400


def test_an_answer_signed_as_the_operator_chose_is_read_too(browser: Client, party: RelyingParty) -> None:
    registration.change(
        party, id_token_signed_response_alg="ES256", userinfo_signed_response_alg="ES256", by="staff:1", at=NOW
    )
    assert "Adama" in browser.get(RETURNED, came_back(browser)).content.decode()


def test_who_says_no_gives_it_nothing(browser: Client) -> None:
    there = browser.get(leads_to(say(browser, noticed(browser), "non")))["Location"]
    page = browser.get(there)
    assert page.status_code == 400 and "access_denied" in page.content.decode()
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [{"state": "x"}, {"state": ""}, {"iss": "https://mechant.example"}, {"iss": ""}, {"code": "x"}, {"code": ""}],
)
def test_what_was_changed_shows_nothing(browser: Client, changes: dict[str, str]) -> None:
    page = browser.get(RETURNED, {**came_back(browser), **changes})
    assert page.status_code == 400 and "n’a rien reçu" in page.content.decode()
    assert not AccessToken.objects.filter(revoked_at=None).exists()


def test_the_answer_of_another_browser_or_to_another_question_shows_nothing(browser: Client) -> None:
    answer = came_back(browser)
    assert Client().get(RETURNED, answer).status_code == 400
    thief = Client()
    injected = {**answer, "state": parse_qs(urlsplit(thief.get(ASKS)["Location"]).query)["state"][0]}
    page = thief.get(RETURNED, injected)
    assert page.status_code == 400 and "invalid_grant" in page.content.decode(), "PKCE: the code is of another question"


@pytest.mark.parametrize("minutes", [0, 2])
def test_a_code_that_waited_too_long_shows_nothing(
    browser: Client, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    answer = came_back(browser)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=minutes))
    assert browser.get(f"{RETURNED}?{urlencode(answer)}").status_code == (400 if minutes else 200)


def id_token(key: Any = None, algorithm: str = "RS256", **changes: Any) -> str:
    """Of this very site, for this service, now, changed as asked."""
    half = base64.urlsafe_b64encode(hashlib.sha256(b"the-token").digest()[:16]).rstrip(b"=").decode()
    now = int(NOW.timestamp())
    claims = {"iss": ISSUER, "aud": trial.CLIENT_ID, "iat": now, "exp": now + 600, "sub": "x", "nonce": "n"}
    header = {"alg": algorithm, "kid": signing.ring(at=NOW).signing["RS256"].kid}
    signer = key or signing.ring(at=NOW).signing[algorithm]
    return jwt.encode(header, {**claims, "at_hash": half, **changes}, signer, [algorithm])


@pytest.mark.parametrize("made", [
    lambda: id_token(nonce="other"), lambda: id_token(nonce=None), lambda: id_token(at_hash="other"),
    lambda: id_token(aud="ent"), lambda: id_token(aud=[trial.CLIENT_ID, "ent"]), lambda: id_token(iss="https://x.example"),
    lambda: id_token(exp=int(NOW.timestamp()) - 61), lambda: id_token(iat=int(NOW.timestamp()) + 61),
    lambda: id_token(algorithm="ES256"), lambda: id_token(RSAKey.generate_key(2048)),
    lambda: id_token(OctKey.import_key(b"x" * 32), "HS256"), lambda: id_token()[:-9], lambda: "",
])  # fmt: skip
def test_a_token_that_is_not_for_this_question_is_not_believed(party: RelyingParty, made: Callable[[], str]) -> None:
    told = {"nonce": "n", "at": NOW}
    assert trial.believed(id_token(), "the-token", party, **told)["sub"] == "x"
    with pytest.raises(NotReceived):
        trial.believed(made(), "the-token", party, **told)


def test_the_operator_connects_it_by_one_button_tries_it_and_cuts_it_off(db: None) -> None:
    world = make_world(NOW)
    world.member("operator", Role.OPERATOR, None)
    operator = world.browser("operator", own_factor=True)
    assert (
        "Raccorder le service d’essai par OpenID Connect" in operator.get("/gestion/services/ajouter/").content.decode()
    )
    assert operator.post(CONNECT)["Location"] == f"/gestion/services/{trial.CLIENT_ID}/?fait=raccorde"
    made = RelyingParty.objects.get()
    assert (made.scopes, made.notice, made.secret_digest) == (["openid", "profile"], "tell", "")
    page = operator.get(f"/gestion/services/{trial.CLIENT_ID}/").content.decode()
    assert f'href="{DOOR}"' in page and "C’est le service d’essai de ce site" in page
    registration.change(made, scopes=["openid", "email"], by="staff:1", at=NOW)
    operator.post(f"/gestion/services/{trial.CLIENT_ID}/couper/")
    assert f'href="{DOOR}"' not in operator.get(f"/gestion/services/{trial.CLIENT_ID}/").content.decode()
    operator.post(CONNECT)
    assert RelyingParty.objects.in_use().get().scopes == ["openid", "email"], "with the rights it had"


def test_both_protocols_have_their_way_in(client: Client, party: RelyingParty) -> None:
    trial_by_saml.connect(by="staff:1", at=NOW)
    page = client.get(DOOR).content.decode()
    assert page.index("Me connecter par SAML 2.0") < page.index("Me connecter par OpenID Connect")


def test_a_name_already_taken_is_told(db: None) -> None:
    registration.register(client_id=trial.CLIENT_ID, name="X", redirect_uris=["https://x.example/r"], by="t:1", at=NOW)
    with pytest.raises(CannotRegister, match=trial.callback()):
        trial.connect(by="staff:1", at=NOW)
    assert Client().get(DOOR).status_code == 404
