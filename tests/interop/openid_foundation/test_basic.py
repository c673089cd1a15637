"""OpenID Foundation, Basic OP and Form Post OP: our port of their modules, one test per module, named after theirs.

``oidcc-idtoken-unsigned`` has no test: it runs for clients registered with ``none``, which we do not offer.
"""

import time

import pytest
import requests

from tests.interop.openid_foundation.relying_party import CALLBACK, WAIT, Browser, RelyingParty, pkce


def test_oidcc_server(party: RelyingParty, browser: Browser) -> None:
    claims = party.claims(party.tokens(browser)["id_token"])
    assert {"iss", "sub", "aud", "exp", "iat", "nonce"} <= set(claims)


def test_oidcc_response_type_missing(party: RelyingParty, browser: Browser) -> None:
    landing = party.ask(browser, response_type=None)
    assert landing.told is not None
    assert landing.told["error"] in {"invalid_request", "unsupported_response_type"} and "code" not in landing.told


def test_oidcc_idtoken_signature(party: RelyingParty, browser: Browser) -> None:
    assert "RS256" in party.discovery["id_token_signing_alg_values_supported"]
    party.claims(party.tokens(browser)["id_token"])


def test_oidcc_userinfo_get(party: RelyingParty, browser: Browser) -> None:
    tokens = party.tokens(browser)
    assert party.userinfo(tokens["access_token"]).json()["sub"] == party.claims(tokens["id_token"])["sub"]


def test_oidcc_userinfo_post_header(party: RelyingParty, browser: Browser) -> None:
    bearer = {"Authorization": f"Bearer {party.tokens(browser)['access_token']}"}
    assert requests.post(party.discovery["userinfo_endpoint"], headers=bearer, timeout=WAIT).json()["sub"]


def test_oidcc_userinfo_post_body(party: RelyingParty, browser: Browser) -> None:
    form = {"access_token": party.tokens(browser)["access_token"]}
    assert requests.post(party.discovery["userinfo_endpoint"], form, timeout=WAIT).json()["sub"]


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(party: RelyingParty, browser: Browser) -> None:
    assert "nonce" not in party.claims(party.tokens(browser, nonce=None)["id_token"])


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("profile", {"name", "given_name", "family_name"}),
        ("email", {"email", "email_verified"}),
        ("address", set()),
        ("phone", set()),
        ("profile email address phone", {"name", "given_name", "family_name", "email", "email_verified"}),
    ],
    ids=["profile", "email", "address", "phone", "all"],
)
def test_oidcc_scope(party: RelyingParty, browser: Browser, scope: str, expected: set[str]) -> None:
    """oidcc-scope-profile, -email, -address, -phone, -all. We have neither addresses nor telephones to give."""
    told = party.userinfo(party.tokens(browser, scope=f"openid {scope}")["access_token"]).json()
    assert set(told) == {"sub", "kind"} | expected


def test_oidcc_alternate_happy_flow(party: RelyingParty, browser: Browser) -> None:
    party.tokens(browser, scope="openid email", display="page", ui_locales="fr", login_hint="samira")


def test_oidcc_display_page(party: RelyingParty, browser: Browser) -> None:
    party.tokens(browser, display="page")


def test_oidcc_display_popup(party: RelyingParty, browser: Browser) -> None:
    party.tokens(browser, display="popup")


def test_oidcc_prompt_login(party: RelyingParty, browser: Browser) -> None:
    first = party.claims(party.tokens(browser)["id_token"])
    time.sleep(1.1)
    second = party.claims(party.tokens(browser, prompt="login")["id_token"])
    assert browser.signed_in == 2 and second["auth_time"] > first["auth_time"] and second["sub"] == first["sub"]


def test_oidcc_prompt_none_not_logged_in(party: RelyingParty, browser: Browser) -> None:
    landing = party.ask(browser, prompt="none")
    assert landing.told is not None and landing.told["error"] == "login_required" and browser.signed_in == 0


def test_oidcc_prompt_none_logged_in(party: RelyingParty, browser: Browser) -> None:
    first = party.claims(party.tokens(browser)["id_token"])
    second = party.claims(party.tokens(browser, prompt="none")["id_token"])
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"]) and browser.signed_in == 1


def test_oidcc_max_age_1(party: RelyingParty, browser: Browser) -> None:
    first = party.claims(party.tokens(browser)["id_token"])
    time.sleep(2.1)
    second = party.claims(party.tokens(browser, max_age="1")["id_token"])
    assert browser.signed_in == 2 and second["auth_time"] > first["auth_time"]


def test_oidcc_max_age_10000(party: RelyingParty, browser: Browser) -> None:
    first = party.claims(party.tokens(browser)["id_token"])
    second = party.claims(party.tokens(browser, max_age="10000")["id_token"])
    assert browser.signed_in == 1 and second["auth_time"] == first["auth_time"]


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(party: RelyingParty, browser: Browser) -> None:
    party.tokens(browser, extra="foobar")


def test_oidcc_id_token_hint(party: RelyingParty, browser: Browser) -> None:
    hint = party.tokens(browser)["id_token"]
    again = party.tokens(browser, prompt="none", id_token_hint=hint)
    assert party.claims(again["id_token"])["sub"] == party.claims(hint)["sub"]


def test_oidcc_login_hint(party: RelyingParty, browser: Browser) -> None:
    party.tokens(browser, login_hint="samira@example.org")


def test_oidcc_ui_locales(party: RelyingParty, browser: Browser) -> None:
    party.tokens(browser, ui_locales="se")


def test_oidcc_claims_locales(party: RelyingParty, browser: Browser) -> None:
    party.tokens(browser, claims_locales="se")


def test_oidcc_ensure_request_with_acr_values_succeeds(party: RelyingParty, browser: Browser) -> None:
    party.tokens(browser, acr_values="1 2")
    known = party.tokens(browser, acr_values=party.discovery["acr_values_supported"][1])
    assert party.claims(known["id_token"])["acr"] == "responsable"


def test_oidcc_codereuse(party: RelyingParty, browser: Browser) -> None:
    code = party.code(browser)
    token = party.redeem(code).json()["access_token"]
    assert party.redeem(code).json()["error"] == "invalid_grant"
    assert party.userinfo(token).status_code == 401


def test_oidcc_codereuse_30seconds(party: RelyingParty, browser: Browser) -> None:
    """Their wait is 30 seconds; ours is shorter, the rule has no clock: the second use is refused at any age."""
    code = party.code(browser)
    token = party.redeem(code).json()["access_token"]
    time.sleep(2)
    assert party.redeem(code).json()["error"] == "invalid_grant"
    assert party.userinfo(token).status_code == 401


def test_oidcc_ensure_registered_redirect_uri(party: RelyingParty, browser: Browser) -> None:
    landing = party.ask(browser, redirect_uri=f"{CALLBACK}/wrong")
    assert landing.told is None and landing.page.status_code == 400


def test_oidcc_ensure_post_request_succeeds(party: RelyingParty, browser: Browser) -> None:
    landing = browser.go(party.discovery["authorization_endpoint"], party.question())
    assert landing.told is not None and party.redeem(landing.told["code"]).status_code == 200


def test_oidcc_server_client_secret_post(party: RelyingParty, browser: Browser) -> None:
    party.tokens(browser, by_post=True)


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(
    party: RelyingParty, browser: Browser
) -> None:
    landing = party.ask(browser, request_uri="https://localhost.emobix.co.uk:8443/test/a/preau/requesturi")
    assert landing.told is not None and landing.told["error"] == "request_uri_not_supported"


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(
    party: RelyingParty, browser: Browser
) -> None:
    landing = party.ask(browser, request="eyJhbGciOiJub25lIn0.eyJzY29wZSI6Im9wZW5pZCJ9.")
    assert landing.told is not None and landing.told["error"] == "request_not_supported"


def test_oidcc_ensure_request_object_with_redirect_uri(party: RelyingParty, browser: Browser) -> None:
    """Its request object names another address than the request does: it is not read."""
    landing = party.ask(browser, request="eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwuZXhhbXBsZSJ9.")
    assert landing.told is not None and landing.told["error"] == "request_not_supported"


def test_oidcc_claims_essential(party: RelyingParty, browser: Browser) -> None:
    tokens = party.tokens(browser, claims='{"userinfo":{"name":{"essential":true}}}')
    assert party.userinfo(tokens["access_token"]).json()["name"] == "Samira BELKACEM"


def test_oidcc_refresh_token(party: RelyingParty, browser: Browser) -> None:
    tokens = party.tokens(browser, scope="openid offline_access", prompt="consent")
    renewed = party.renew(tokens["refresh_token"]).json()
    before, after = party.claims(tokens["id_token"]), party.claims(renewed["id_token"])
    assert all(before[name] == after[name] for name in ("iss", "sub", "aud", "auth_time"))
    assert renewed["access_token"] != tokens["access_token"]
    assert party.userinfo(renewed["access_token"]).status_code == 200


def test_oidcc_ensure_request_with_valid_pkce_succeeds(party: RelyingParty, browser: Browser) -> None:
    verifier, challenge = pkce()
    code = party.code(browser, code_challenge=challenge, code_challenge_method="S256")
    assert party.redeem(code, code_verifier=verifier).status_code == 200
