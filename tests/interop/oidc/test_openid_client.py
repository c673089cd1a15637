"""npm openid-client, certified by the OpenID Foundation and very strict, with both algorithms."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from tests.interop.browser import Browser
from tests.interop.node import running_party
from tests.interop.processes import free_port
from tests.interop.town import Town

SCOPE = "openid profile children ect.scope.cnx ent pupil offline_access"
SCRIPT = Path(__file__).parent / "party.mjs"


# The signature of ID tokens, how the answer comes back, whether the party proves who it is with a key of its own.
KINDS = [("RS256", "query", False), ("ES256", "form_post", True)]


@pytest.fixture(scope="module", params=KINDS, ids=[kind[0] for kind in KINDS])
def party(town: Town, folder: Path, request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Where it answers, and its name."""
    algorithm, mode, has_key = request.param
    port, client = free_port(), f"node-{algorithm.lower()}"
    key = ECKey.generate_key("P-256", {"kid": "node", "use": "sig", "alg": "ES256"}) if has_key else None
    proof = {
        "token_endpoint_auth_method": "private_key_jwt" if key else "client_secret_post",
        "jwks": {"keys": [key.as_dict(private=False)]} if key else {},
    }
    secret = town.clerk(
        "oidc", client_id=client, redirect_uris=[f"http://127.0.0.1:{port}/back"], scopes=SCOPE.split(),
        post_logout_redirect_uris=[f"http://127.0.0.1:{port}/bye"], algorithm=algorithm, may_refresh=True,
        notice="none", backchannel_logout_uri=f"http://127.0.0.1:{port}/told", **proof,
    )  # fmt: skip
    with running_party(
        SCRIPT, folder, port=port, issuer=town.url, client_id=client, secret=secret, scope=SCOPE,
        algorithm=algorithm, key=key.as_dict(private=True) if key else None,
        mode={"response_mode": mode} if mode != "query" else {},
    ) as address:  # fmt: skip
        yield address, client


def come_in(town: Town, party: str, browser: Browser, who: str = "pupil", profile: str = "eleve") -> dict:
    browser.go(f"{party}/enter")
    browser.sign_in(getattr(town, who), town.password, profile=profile)
    assert browser.url.startswith(f"{party}/back") and browser.page.status_code == 200, browser.text[:3000]
    return json.loads(browser.text)


@pytest.mark.parametrize(("who", "profile"), [("guardian", "responsable"), ("pupil", "eleve")])
def test_sign_in_from_nothing_then_single_sign_on_then_logout(
    town: Town, party: tuple[str, str], browser: Browser, who: str, profile: str
) -> None:
    address, client = party
    told = come_in(town, address, browser, who, profile)
    wanted = town.clerk("told", client_id=client, username=getattr(town, who), scope=SCOPE)
    assert told["userinfo"] == wanted and told["claims"]["sub"] == wanted["sub"]
    again = enter_unseen(address, browser)
    assert again["claims"]["auth_time"] == told["claims"]["auth_time"]
    browser.go(f"{address}/out")
    assert json.loads(browser.text) == {"bye": True}
    browser.go(f"{address}/enter?prompt=none")
    browser.carry_on()
    assert browser.text.startswith("login_required")


def enter_unseen(party: str, browser: Browser) -> dict:
    """Without a question."""
    browser.go(f"{party}/enter?prompt=none")
    browser.carry_on()
    return json.loads(browser.text)


def test_who_leaves_us_is_out_of_the_party(town: Town, party: tuple[str, str], browser: Browser) -> None:
    address, client = party
    come_in(town, address, browser)
    browser.go(f"{town.url}/deconnexion/")
    browser.press()
    assert json.loads(browser.go(f"{address}/here").text) == {"here": True}, "it has not been told yet"
    assert town.clerk("tell_parties", client_id=client) == "told"
    assert json.loads(browser.go(f"{address}/here").text) == {"here": False}
    browser.go(f"{address}/enter")
    assert browser.url.startswith(f"{town.url}/connexion/"), f"{browser.url}\n{browser.text[:3000]}"


def test_a_sign_in_that_is_too_old_is_asked_again(town: Town, party: tuple[str, str], browser: Browser) -> None:
    address, _ = party
    come_in(town, address, browser)
    browser.go(f"{address}/enter?max_age=0")
    assert browser.url.startswith(town.url)
    browser.sign_in(town.pupil, town.password, profile="eleve")
    assert browser.page.status_code == 200, browser.text


def test_tokens_are_renewed_once_introspected_and_revoked(town: Town, party: tuple[str, str], browser: Browser) -> None:
    address, _ = party
    come_in(town, address, browser)
    assert json.loads(browser.go(f"{address}/introspect").text)["active"] is True
    assert json.loads(browser.go(f"{address}/revoke").text) == {"active": False}
    assert json.loads(browser.go(f"{address}/renew").text) == {"renewed": True, "again": "invalid_grant"}


def test_keys_that_were_turned_are_read_anew(town: Town, party: tuple[str, str], browser: Browser) -> None:
    town.turn_keys()
    assert come_in(town, party[0], browser)["claims"]["iss"] == town.url
