"""FranceConnect, as its client sees it: as strict as the real one."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from joserfc import jwt
from joserfc.jwk import KeySet

from preau import clock
from preau.simulators.franceconnect import citizens
from preau.simulators.franceconnect.citizens import CLAIMS, ODDITIES, Citizen
from preau.simulators.franceconnect.faults import FAULTS, switches

BASE = "/franceconnect/api/v2"
BACK = "http://localhost:8000/connexion/franceconnect/retour/"
OUT = "http://localhost:8000/deconnexion/faite/"
QUESTION = {
    "response_type": "code", "client_id": "preau", "redirect_uri": BACK, "acr_values": "eidas1",
    "scope": "openid given_name family_name birthdate gender birthplace birthcountry email preferred_username",
    "state": "s" * 43, "nonce": "n" * 43,
}  # fmt: skip
DAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def repaired() -> Any:
    """Every test finds it in order."""
    switches.throw([])
    yield
    switches.throw([])


def choose(client: Client, who: str, **over: str) -> dict[str, str]:
    """Arrive, click on somebody; the parameters of the answer."""
    page = client.get(f"{BASE}/authorize", QUESTION | over)
    assert page.status_code == 200, page.content.decode()
    sealed = re.search(r'name="question" value="([^"]+)"', page.content.decode())
    assert sealed
    sent = client.post(f"{BASE}/choix", {"question": unescape(sealed[1]), "who": who})
    assert sent.status_code == 303 and sent["Location"].startswith(f"{BACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(sent["Location"]).query).items()}


def redeem(client: Client, code: str, **over: str) -> Any:
    """Ask for tokens."""
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": "preau",
        "client_secret": "development",
    } | over  # fmt: skip
    return client.post(f"{BASE}/token", form)


def told(client: Client, token: str) -> dict[str, Any]:
    """The claims of a token, verified with the published keys."""
    keys = KeySet.import_key_set(client.get(f"{BASE}/jwks").json())
    return jwt.decode(token, keys, algorithms=["ES256"]).claims


def identity(client: Client, who: str, **over: str) -> dict[str, Any]:
    """What userinfo says of somebody."""
    token = redeem(client, choose(client, who, **over)["code"]).json()["access_token"]
    answer = client.get(f"{BASE}/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert answer["Content-Type"].startswith("application/jwt")
    return told(client, answer.content.decode())


def refused(client: Client, over: dict[str, str], without: str = "") -> tuple[int, str]:
    """What a request comes to: a page (status, its words) or an error for the client (302, the error)."""
    asked = {name: value for name, value in (QUESTION | over).items() if name != without}
    page = client.get(f"{BASE}/authorize", asked)
    if page.status_code == 302:
        return 302, parse_qs(urlsplit(page["Location"]).query)["error"][0]
    return page.status_code, page.content.decode()


# The request ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "unknown",
    ["code_challenge", "code_challenge_method", "max_age", "login_hint", "display", "response_mode", "request", "foo"],
)
def test_a_parameter_outside_the_list_is_an_error_page(client: Client, unknown: str) -> None:
    status, words = refused(client, {unknown: "S256"})
    assert status == 400 and "Y030007" in words


@pytest.mark.parametrize(
    "missing", ["client_id", "redirect_uri", "response_type", "scope", "acr_values", "state", "nonce"]
)
def test_a_mandatory_parameter_that_is_missing_is_an_error_page(client: Client, missing: str) -> None:
    status, words = refused(client, {}, without=missing)
    assert status == 400 and "Y030007" in words


@pytest.mark.parametrize(
    "wrong",
    [{"nonce": "n" * 21}, {"prompt": "none"}, {"prompt": "select_account"}, {"prompt": ""}],
)
def test_a_short_nonce_or_another_prompt_is_an_error_page(client: Client, wrong: dict[str, str]) -> None:
    status, words = refused(client, wrong)
    assert status == 400 and "Y030007" in words


@pytest.mark.parametrize("prompt", ["login", "consent", "login consent"])
def test_the_three_prompts_are_taken(client: Client, prompt: str) -> None:
    assert choose(client, "reference", prompt=prompt)["code"]


def test_a_parameter_given_twice_is_an_error_page(client: Client) -> None:
    page = client.get(f"{BASE}/authorize", {**QUESTION, "state": ["a" * 43, "b" * 43]})
    assert page.status_code == 400


@pytest.mark.parametrize(
    ("over", "code"),
    [({"client_id": "another"}, "Y04EA6EF"), ({"redirect_uri": f"{BACK}?x"}, "Y04C013C")],
)
def test_an_unknown_client_or_address_is_never_redirected(client: Client, over: dict[str, str], code: str) -> None:
    status, words = refused(client, over)
    assert status == 400 and code in words


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"scope": "given_name"}, "invalid_request"),
        ({"scope": "openid address"}, "invalid_scope"),
        ({"acr_values": "eidas2"}, "invalid_request"),
        ({"idp_hint": "x"}, "invalid_idp_hint"),
        ({"claims": '{"id_token":{"amr":null}}'}, "invalid_request"),
    ],
)
def test_other_errors_go_back_to_the_site(client: Client, over: dict[str, str], error: str) -> None:
    assert refused(client, over) == (302, error)


# The answer ----------------------------------------------------------------------------------------------------------
def test_the_answer_carries_code_state_and_issuer(client: Client) -> None:
    answer = choose(client, "reference")
    assert (answer["state"], answer["iss"]) == ("s" * 43, settings.FRANCECONNECT_ISSUER)
    assert len(answer["code"]) > 30


def test_turning_back_is_access_denied_in_franceconnects_words(client: Client) -> None:
    answer = choose(client, "")
    assert (answer["error"], answer["error_description"]) == ("access_denied", "User auth aborted")
    assert answer["iss"] and answer["state"]


def test_the_tokens_have_franceconnects_keys_and_lives(client: Client) -> None:
    tokens = redeem(client, choose(client, "reference")["code"]).json()
    assert set(tokens) == {"access_token", "expires_in", "id_token", "scope", "token_type"}
    assert (tokens["expires_in"], tokens["token_type"]) == (60, "Bearer")
    claims = told(client, tokens["id_token"])
    assert set(claims) == {"sub", "acr", "auth_time", "nonce", "aud", "exp", "iat", "iss"}
    assert (claims["acr"], claims["nonce"], claims["aud"]) == ("eidas1", "n" * 43, "preau")
    assert claims["exp"] - claims["iat"] == 60
    assert re.fullmatch(r"[0-9a-f]{64}v1", claims["sub"])


@pytest.mark.parametrize(
    ("over", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "refresh_token"}, 400, "unsupported_grant_type"),
        ({"redirect_uri": f"{BACK}x"}, 400, "invalid_grant"),
        ({"code": "nothing"}, 400, "invalid_grant"),
    ],
)
def test_the_token_endpoint_refuses(client: Client, over: dict[str, str], status: int, error: str) -> None:
    code = over.pop("code", "") or choose(client, "reference")["code"]
    answer = redeem(client, code, **over)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_there_is_no_basic_authentication(client: Client) -> None:
    code = choose(client, "reference")["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    basic = {"Authorization": "Basic cHJlYXU6ZGV2ZWxvcG1lbnQ="}
    assert client.post(f"{BASE}/token", form, headers=basic).status_code == 401


def test_a_code_serves_once_and_its_second_use_ends_what_it_gave(client: Client) -> None:
    code = choose(client, "reference")["code"]
    token = redeem(client, code).json()["access_token"]
    assert redeem(client, code).json()["error"] == "invalid_grant"
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get(f"{BASE}/userinfo", headers=bearer).status_code == 401


def test_a_code_lives_thirty_seconds_and_a_token_sixty(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    start = clock.now()
    hands = [start]
    monkeypatch.setattr(clock, "now", lambda: hands[0])
    late, good = choose(client, "reference")["code"], choose(client, "reference")["code"]
    hands[0] = start + timedelta(seconds=30)
    bearer = {"Authorization": f"Bearer {redeem(client, good).json()['access_token']}"}
    hands[0] = start + timedelta(seconds=31)
    assert redeem(client, late).json()["error"] == "invalid_grant"
    hands[0] = start + timedelta(seconds=90)
    assert client.get(f"{BASE}/userinfo", headers=bearer).status_code == 200
    hands[0] = start + timedelta(seconds=91)
    answer = client.get(f"{BASE}/userinfo", headers=bearer)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


# The register --------------------------------------------------------------------------------------------------------
def test_userinfo_says_what_the_scopes_allow_and_nothing_more(client: Client) -> None:
    about = identity(client, "nom-usage", scope="openid family_name")
    assert set(about) == {"sub", "aud", "exp", "iat", "iss", "family_name"}
    pivot = identity(client, "nom-usage", scope="openid identite_pivot")
    assert "preferred_username" not in pivot and pivot["birthcountry"] == "99100"


def test_who_was_born_abroad_has_no_birthplace(client: Client) -> None:
    about = identity(client, "algerie")
    assert "birthplace" not in about and about["birthcountry"] == "99352"


def test_a_partial_birth_date_is_told_as_it_is(client: Client) -> None:
    assert identity(client, "jour-00")["birthdate"] == "1988-11-00"
    assert identity(client, "annee")["birthdate"] == "1971"


def test_minors_stay_minors(client: Client) -> None:
    for login, age in (("15-ans", 15), ("17-ans", 17)):
        person = citizens.find(login)
        assert person
        for year in (2026, 2041):
            assert person.claims(CLAIMS, day=date(year, 12, 31))["birthdate"].startswith(f"{year - age}-")


def test_every_oddity_is_somebody_else_and_says_what_it_is_for() -> None:
    assert len({one.login for one in ODDITIES}) == len(ODDITIES) > 20
    assert all(one.who and one.name for one in ODDITIES)
    assert {"given_name", "family_name", "gender", "email", "birthplace", "preferred_username"} == {
        name for one in ODDITIES for name in CLAIMS["profile"] + CLAIMS["birth"] + ("email",)
        if name not in one.claims(CLAIMS, day=DAY) and name not in ("given_name_array", "birthdate")
    }  # fmt: skip


def test_the_guardians_of_the_town_come_first(client: Client, town: Callable[[dict[str, Any]], None]) -> None:
    town({"citizens": [{"login": "samira", "who": "Mère", "given_names": "Samira", "family_name": "BELKACEM", "x": 1}]})
    assert citizens.of_town() == [Citizen("samira", "Mère", "Samira", "BELKACEM")]
    page = client.get(f"{BASE}/authorize", QUESTION).content.decode()
    assert page.index("Samira BELKACEM") < page.index("Isaline VERNEUIL")
    assert identity(client, "samira")["family_name"] == "BELKACEM"


def test_a_name_cannot_write_html(client: Client, town: Callable[[dict[str, Any]], None]) -> None:
    town({"citizens": [{"login": "r", "who": "<b>x</b>", "given_names": "Robert<b>", "family_name": "<script>"}]})
    for page in (client.get("/franceconnect/"), client.get(f"{BASE}/authorize", QUESTION)):
        words = page.content.decode()
        assert "Robert&lt;b&gt; &lt;script&gt;" in words and "&lt;b&gt;x" in words and "Robert<b>" not in words


# Signing out, breaking -----------------------------------------------------------------------------------------------
def test_signing_out_asks_first_then_goes_back_with_the_state(client: Client) -> None:
    token = redeem(client, choose(client, "reference")["code"]).json()["id_token"]
    asked = {"id_token_hint": token, "state": "out", "post_logout_redirect_uri": OUT}
    assert client.get(f"{BASE}/session/end", asked).status_code == 200
    sent = client.post(f"{BASE}/session/end", asked)
    assert (sent.status_code, sent["Location"]) == (303, f"{OUT}?state=out")


@pytest.mark.parametrize("wrong", [{"id_token_hint": ""}, {"post_logout_redirect_uri": "https://example.org/"}])
def test_signing_out_leads_to_a_registered_address_with_a_hint_only(client: Client, wrong: dict[str, str]) -> None:
    token = redeem(client, choose(client, "reference")["code"]).json()["id_token"]
    asked = {"id_token_hint": token, "state": "out", "post_logout_redirect_uri": OUT} | wrong
    assert client.get(f"{BASE}/session/end", asked).status_code == 400


def test_every_switch_can_be_thrown_and_put_back(client: Client) -> None:
    client.post("/franceconnect/pannes/", {"fault": [*FAULTS, "nothing of the kind"]})
    assert all(name in switches for name in FAULTS) and "nothing of the kind" not in switches
    client.post("/franceconnect/pannes/", {})
    page = client.get("/franceconnect/pannes/").content.decode()
    assert not any(name in switches for name in FAULTS) and "checked" not in page
    assert all(f'value="{name}"' in page for name in FAULTS)


def test_down_answers_nobody_and_still_lets_one_repair_it(client: Client) -> None:
    client.post("/franceconnect/pannes/", {"fault": "down"})
    assert client.get(f"{BASE}/.well-known/openid-configuration").status_code == 503
    assert client.get(f"{BASE}/authorize", QUESTION).status_code == 503
    assert client.get("/franceconnect/pannes/").status_code == 200


def test_the_discovery_document_is_franceconnects(client: Client) -> None:
    found = client.get(f"{BASE}/.well-known/openid-configuration").json()
    assert found["issuer"] == settings.FRANCECONNECT_ISSUER
    assert found["token_endpoint_auth_methods_supported"] == ["client_secret_post"]
    assert "code_challenge_methods_supported" not in found


def test_the_published_key_has_no_private_half(client: Client) -> None:
    (key,) = client.get(f"{BASE}/jwks").json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "use", "alg", "kid"}
