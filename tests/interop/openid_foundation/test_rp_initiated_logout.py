"""OpenID Foundation, RP-Initiated Logout OP: our port of its modules, named after theirs."""

import base64
import json
from urllib.parse import urlencode

import pytest
import requests

from tests.interop.openid_foundation.relying_party import AFTER_LOGOUT, WAIT, Browser, Landing, RelyingParty


@pytest.fixture
def party(static_party: RelyingParty) -> RelyingParty:
    """By the address: logout has no form of its own."""
    return static_party


def leave(party: RelyingParty, browser: Browser, **asked: str) -> Landing:
    """Send the browser to the end-session address."""
    return browser.go(f"{party.discovery['end_session_endpoint']}?{urlencode(asked)}")


def is_out(party: RelyingParty, browser: Browser) -> bool:
    """Whether the provider no longer knows who is there."""
    told = party.ask(browser, prompt="none").told
    assert told is not None
    return told.get("error") == "login_required"


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(party: RelyingParty) -> None:
    assert party.discovery["end_session_endpoint"].startswith(party.discovery["issuer"])
    assert requests.get(party.discovery["end_session_endpoint"], timeout=WAIT).status_code == 200


def test_oidcc_rp_initiated_logout(party: RelyingParty, browser: Browser) -> None:
    hint = party.tokens(browser)["id_token"]
    landing = leave(party, browser, id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT, state="abc")
    assert landing.told == {"state": "abc"} and landing.page.headers["Location"].startswith(f"{AFTER_LOGOUT}?")
    assert is_out(party, browser)


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(party: RelyingParty, browser: Browser) -> None:
    hint = party.tokens(browser)["id_token"]
    landing = leave(party, browser, id_token_hint=hint, post_logout_redirect_uri=f"{AFTER_LOGOUT}/bad", state="abc")
    assert landing.told is None and landing.page.status_code == 200


def test_oidcc_rp_initiated_logout_modified_id_token_hint(party: RelyingParty, browser: Browser) -> None:
    _, payload, _ = party.tokens(browser)["id_token"].split(".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    landing = leave(party, browser, id_token_hint=f"{head}.{payload}.", post_logout_redirect_uri=AFTER_LOGOUT)
    assert landing.told is None and landing.page.status_code == 400 and not is_out(party, browser)


def test_oidcc_rp_initiated_logout_bad_id_token_hint(party: RelyingParty, browser: Browser) -> None:
    head, payload, signature = party.tokens(browser)["id_token"].split(".")
    bad = f"{head}.{payload}.{signature[::-1]}"
    landing = leave(party, browser, id_token_hint=bad, post_logout_redirect_uri=AFTER_LOGOUT, state="abc")
    assert landing.told is None and landing.page.status_code == 400 and not is_out(party, browser)


def test_oidcc_rp_initiated_logout_no_id_token_hint(party: RelyingParty, browser: Browser) -> None:
    party.tokens(browser)
    landing = leave(party, browser, post_logout_redirect_uri=AFTER_LOGOUT, state="abc")
    assert landing.told is None and "Voulez-vous vous déconnecter" in landing.page.text


def test_oidcc_rp_initiated_logout_no_params(party: RelyingParty, browser: Browser) -> None:
    party.tokens(browser)
    landing = leave(party, browser)
    assert landing.told is None and "Voulez-vous vous déconnecter" in landing.page.text


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(party: RelyingParty, browser: Browser) -> None:
    hint = party.tokens(browser)["id_token"]
    landing = leave(party, browser, id_token_hint=hint, state="abc")
    assert landing.told is None and landing.page.status_code == 200 and is_out(party, browser)


def test_oidcc_rp_initiated_logout_no_state(party: RelyingParty, browser: Browser) -> None:
    hint = party.tokens(browser)["id_token"]
    landing = leave(party, browser, id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT)
    assert landing.told == {} and landing.page.headers["Location"] == AFTER_LOGOUT and is_out(party, browser)


def test_oidcc_rp_initiated_logout_only_state(party: RelyingParty, browser: Browser) -> None:
    party.tokens(browser)
    landing = leave(party, browser, state="abc")
    assert landing.told is None and "abc" not in landing.page.url.partition("?")[0]


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(
    party: RelyingParty, browser: Browser
) -> None:
    hint = party.tokens(browser)["id_token"]
    landing = leave(party, browser, id_token_hint=hint, post_logout_redirect_uri=f"{AFTER_LOGOUT}?foo=bar", state="abc")
    assert landing.told is None and landing.page.status_code == 200
