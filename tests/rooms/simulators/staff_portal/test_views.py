"""The staff portal, as its client sees it."""

import base64
import hashlib
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import KeySet

from preau.simulators import cast

ISSUER = "http://127.0.0.1:8010/portail"
BACK = "http://localhost:8000/agents/retour/"
VERIFIER = "a-verifier-of-forty-three-characters-or-more"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
QUESTION = {
    "response_type": "code",
    "client_id": "preau-desk",
    "redirect_uri": BACK,
    "scope": "openid profile email",
    "state": "the-state",
    "nonce": "the-nonce",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
BASIC = "Basic " + base64.b64encode(b"preau-desk:development").decode()
Answer = dict[str, str]


def choose(client: Client, who: str, proof: str = "otp", **over: str) -> Answer:
    """Go to the portal, click on somebody; the parameters of the answer."""
    page = client.get("/portail/idp/profile/oidc/authorize", QUESTION | over)
    assert page.status_code == 200
    sealed = re.search(r'name="question" value="([^"]+)"', page.content.decode())
    assert sealed
    form = {"question": sealed[1], "who": who, "proof": proof}
    sent = client.post("/portail/idp/profile/oidc/authorize", form)
    assert sent.status_code == 303 and sent["Location"].startswith(f"{BACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(sent["Location"]).query).items()}


def redeem(client: Client, code: str, **over: str) -> Any:
    """Ask for tokens."""
    authorization = over.pop("authorization", BASIC)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER} | over
    return client.post("/portail/idp/profile/oidc/token", form, headers={"Authorization": authorization})


def told(client: Client, tokens: dict[str, Any]) -> dict[str, Any]:
    """The claims of the ID token, verified with the published key."""
    keys = KeySet.import_key_set(client.get("/portail/idp/profile/oidc/keyset").json())
    return jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims


def person(client: Client, who: str) -> dict[str, Any]:
    """What userinfo says of somebody."""
    token = redeem(client, choose(client, who)["code"]).json()["access_token"]
    return client.get("/portail/idp/profile/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}).json()


def test_the_discovery_document_names_its_own_addresses(client: Client) -> None:
    found = client.get("/portail/.well-known/openid-configuration").json()
    assert found["issuer"] == ISSUER
    assert found["authorization_endpoint"] == f"{ISSUER}/idp/profile/oidc/authorize"
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]


def test_the_published_key_has_no_private_half(client: Client) -> None:
    (key,) = client.get("/portail/idp/profile/oidc/keyset").json()["keys"]
    assert set(key) == {"kty", "n", "e", "use", "alg", "kid"}


def test_one_click_signs_in_with_a_second_factor_of_this_instant(client: Client) -> None:
    answer = choose(client, "cvasseur")
    assert (answer["state"], answer["iss"]) == ("the-state", ISSUER)
    claims = told(client, redeem(client, answer["code"]).json())
    assert (claims["iss"], claims["aud"], claims["sub"], claims["nonce"]) == (
        ISSUER,
        "preau-desk",
        "cvasseur",
        "the-nonce",
    )
    assert claims["amr"] == ["pwd", "otp"]
    assert claims["acr"] == "https://refeds.org/profile/mfa"
    assert claims["auth_time"] == claims["iat"]


def test_without_second_factor_the_token_says_so(client: Client) -> None:
    claims = told(client, redeem(client, choose(client, "cvasseur", "none")["code"]).json())
    assert claims["amr"] == ["pwd"] and "refeds" not in claims["acr"]


def test_an_old_second_factor_is_two_hours_old(client: Client) -> None:
    claims = told(client, redeem(client, choose(client, "cvasseur", "old")["code"]).json())
    assert claims["amr"] == ["pwd", "otp"] and claims["iat"] - claims["auth_time"] == 7200


def test_the_head_is_responsible_for_her_school(client: Client) -> None:
    claims = person(client, "cvasseur")
    assert claims["FrEduRneResp"] == ["0991234D$UAJ$PU$N$T3$CLG$340"]
    assert (claims["FrEduFonctAdm"], claims["rne"], claims["codaca"]) == ("DIR", "0991234D", "099")


def test_the_deputy_has_the_function_without_the_responsibility(client: Client) -> None:
    claims = person(client, "rbenali")
    assert claims["FrEduFonctAdm"] == "DIR" and claims["FrEduRneResp"] == ["X"]
    assert claims["FrEduRne"] == ["0991234D$UAJ$PU$DIR$0991234D$T3$CLG$340"]


@pytest.mark.parametrize(
    ("who", "function", "rne"),
    [
        ("mkervella", "ENS", "0991234D"),
        ("omarchand", "ADM", "0991234D"),
        ("plegrand", "DIR", "0999902A"),
        ("atraore", "ENS", "0991234D"),
        ("nfontaine", "ADM", "0999900Y"),
    ],
)
def test_the_others_come_as_what_they_are(client: Client, who: str, function: str, rne: str) -> None:
    claims = person(client, who)
    assert (claims["sub"], claims["FrEduFonctAdm"], claims["rne"]) == (who, function, rne)
    assert all(line.count("$") == 7 for line in claims["FrEduRne"])


def test_every_colleague_has_an_address_of_ascii(client: Client) -> None:
    assert all(one.claims["email"].isascii() for one in cast.present().staff)


def test_the_demo_s_file_replaces_our_cast(client: Client, town: Any) -> None:
    town({"staff": [{"sub": "x1", "given_name": "Zoé", "family_name": "Petit", "FrEduFonctAdm": "DEC"}]})
    assert person(client, "x1") == {
        "sub": "x1", "given_name": "Zoé", "family_name": "Petit", "FrEduFonctAdm": "DEC"
    }  # fmt: skip


def test_a_code_serves_once_and_its_second_use_ends_the_token(client: Client) -> None:
    code = choose(client, "cvasseur")["code"]
    token = redeem(client, code).json()["access_token"]
    again = redeem(client, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    answer = client.get("/portail/idp/profile/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_a_code_dies_after_a_minute(client: Client, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    code = choose(client, "cvasseur")["code"]
    monkeypatch.setenv("PREAU_CLOCK_FILE", str(tmp_path / "clock"))
    (tmp_path / "clock").write_text("61")
    assert redeem(client, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "over",
    [{"code_verifier": ""}, {"code_verifier": "another"}, {"redirect_uri": BACK.rstrip("/")}, {"code": "another"}],
)
def test_a_code_is_bound_to_its_question(client: Client, over: dict[str, str]) -> None:
    code = choose(client, "cvasseur")["code"]
    assert redeem(client, **({"code": code} | over)).json()["error"] == "invalid_grant"


def test_a_verifier_without_a_challenge_is_refused(client: Client) -> None:
    code = choose(client, "cvasseur", code_challenge="")["code"]
    assert redeem(client, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("secret", ["preau-desk:", "preau-desk:wrong", ":development", "another:development"])
def test_another_secret_gets_nothing(client: Client, secret: str) -> None:
    code = choose(client, "cvasseur")["code"]
    authorization = "Basic " + base64.b64encode(secret.encode()).decode()
    response = redeem(client, code, authorization=authorization)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_the_secret_may_come_in_the_form(client: Client) -> None:
    code = choose(client, "cvasseur")["code"]
    response = redeem(client, code, authorization="", client_id="preau-desk", client_secret="development")
    assert response.status_code == 200


@pytest.mark.parametrize(
    "over",
    [
        {"client_id": "another"},
        {"redirect_uri": "https://ailleurs.example/"},
        {"redirect_uri": f"{BACK}?a=1"},
        {"redirect_uri": f"{BACK}../x"},
        {"redirect_uri": ""},
    ],
)
def test_an_unknown_client_is_never_redirected(client: Client, over: dict[str, str]) -> None:
    response = client.get("/portail/idp/profile/oidc/authorize", QUESTION | over)
    assert response.status_code == 400 and "Location" not in response


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_wrong_question_is_answered_by_an_error(client: Client, over: dict[str, str], error: str) -> None:
    sent = client.get("/portail/idp/profile/oidc/authorize", QUESTION | over)
    assert f"error={error}" in sent["Location"] and "state=the-state" in sent["Location"]


def test_one_may_give_up(client: Client) -> None:
    assert choose(client, "")["error"] == "access_denied"


def test_a_question_made_up_by_hand_is_refused(client: Client) -> None:
    form = {"question": "made-up", "who": "cvasseur"}
    assert client.post("/portail/idp/profile/oidc/authorize", form).status_code == 400


def test_signing_out_comes_back_to_the_desk_only(client: Client) -> None:
    home = client.get(
        "/portail/idp/profile/Logout", {"post_logout_redirect_uri": "http://localhost:8000/x", "state": "s"}
    )
    assert home["Location"] == "http://localhost:8000/x?state=s"
    away = client.get(
        "/portail/idp/profile/Logout", {"post_logout_redirect_uri": "http://localhost:8000.evil.example/"}
    )
    assert away.status_code == 200


def test_the_page_may_send_its_form_back_to_the_desk(client: Client) -> None:
    policy = client.get("/portail/idp/profile/oidc/authorize", QUESTION)["Content-Security-Policy"]
    assert "form-action 'self' http://localhost:8000" in policy
