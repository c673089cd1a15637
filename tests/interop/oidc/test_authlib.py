"""Authlib's client, as the Python applications of schools use it."""

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs

import pytest
import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.django_client import DjangoOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.interop.browser import Browser
from tests.interop.town import Town
from tests.rooms.identity.federation.listening_service import Listener, listening

BACK, BYE = "http://127.0.0.1:9/retour", "http://127.0.0.1:9/au-revoir"
SCOPE = "openid profile email children ect.scope.cnx ent pupil"
PEOPLE = [("guardian", "responsable"), ("pupil", "eleve")]


class Party:
    """A Python application: its session with Préau, and what it read there."""

    def __init__(self, town: Town, secret: str) -> None:
        self.configuration = requests.get(f"{town.url}/.well-known/openid-configuration", timeout=10).json()
        self.session = OAuth2Session(
            "authlib", secret, scope=SCOPE, redirect_uri=BACK, code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic",
        )  # fmt: skip

    def leave(self, **more: str) -> tuple[str, str]:
        """Where to send the browser, and the state."""
        return self.session.create_authorization_url(
            self.configuration["authorization_endpoint"], code_verifier="v" * 64, nonce="n" * 24, **more
        )

    def come_back(self, address: str, state: str) -> dict[str, object]:
        """The ID token's claims, once every one was checked."""
        token = self.session.fetch_token(
            self.configuration["token_endpoint"], authorization_response=address, state=state, code_verifier="v" * 64
        )
        self.id_token = token["id_token"]
        decoded = jwt.decode(self.id_token, self.keys(), algorithms=["RS256"])
        claims = CodeIDToken(
            decoded.claims, decoded.header, {"iss": {"value": self.configuration["issuer"]}},
            {"nonce": "n" * 24, "client_id": "authlib", "access_token": token["access_token"]},
        )  # fmt: skip
        claims.validate()
        return dict(claims)

    def keys(self) -> KeySet:
        """What we publish."""
        return KeySet.import_key_set(requests.get(self.configuration["jwks_uri"], timeout=10).json())

    def application(self, town: Town) -> DjangoOAuth2App:
        """Authlib's own view of us, as an application on Django has it."""
        return DjangoOAuth2App(
            None, client_id="authlib", server_metadata_url=f"{town.url}/.well-known/openid-configuration"
        )

    def userinfo(self) -> dict[str, object]:
        """What the token opens."""
        answer = self.session.get(self.configuration["userinfo_endpoint"], timeout=10)
        answer.raise_for_status()
        return dict(answer.json())


@pytest.fixture(scope="module")
def machine() -> Iterator[Listener]:
    """Where the application is told that a visit is over."""
    with listening() as found:
        yield found


@pytest.fixture(scope="module")
def secret(town: Town, machine: Listener) -> str:
    return town.clerk(
        "oidc", client_id="authlib", redirect_uris=[BACK], scopes=SCOPE.split(), notice="none",
        post_logout_redirect_uris=[BYE], backchannel_logout_uri=machine.url,
    )  # fmt: skip


@pytest.fixture
def party(town: Town, secret: str) -> Party:
    return Party(town, secret)


def back(browser: Browser, act: Callable[[], object]) -> str:
    """The address of the service the browser is sent to: nobody listens there, the address is all it needs."""
    try:
        act()
    except requests.ConnectionError as nobody:
        assert nobody.request
        return str(nobody.request.url)
    raise AssertionError(f"{browser.url}\n{browser.text[:3000]}")


@pytest.mark.parametrize(("who", "profile"), PEOPLE)
def test_sign_in_from_nothing_then_single_sign_on_then_logout(
    town: Town, party: Party, browser: Browser, who: str, profile: str
) -> None:
    username = getattr(town, who)
    address, state = party.leave()
    browser.go(address)
    came = back(browser, lambda: browser.sign_in(username, town.password, profile=profile))
    claims, told = party.come_back(came, state), party.userinfo()
    assert told == town.clerk("told", client_id="authlib", username=username, scope=SCOPE)
    assert claims["sub"] == told["sub"] and claims["iss"] == town.url
    address, state = party.leave(prompt="none")
    again = party.come_back(back(browser, lambda: browser.go(address)), state)
    assert again["sub"] == claims["sub"] and again["auth_time"] == claims["auth_time"]
    leaving = party.application(town).create_logout_url(post_logout_redirect_uri=BYE, id_token_hint=party.id_token)
    assert back(browser, lambda: browser.go(leaving["url"])) == f"{BYE}?state={leaving['state']}"
    assert_asked_again(party, browser)


def test_who_leaves_us_is_named_to_the_party(town: Town, party: Party, browser: Browser, machine: Listener) -> None:
    address, state = party.leave()
    browser.go(address)
    claims = party.come_back(back(browser, lambda: browser.sign_in(town.pupil, town.password, profile="eleve")), state)
    browser.go(f"{town.url}/deconnexion/")
    browser.press()
    assert town.clerk("tell_parties", client_id="authlib") == "told"
    # Authlib 1.9 reads no logout token: the application does, with the library of Authlib's own tokens.
    (told,) = parse_qs(machine.heard[-1].decode())["logout_token"]
    token = jwt.decode(told, party.keys(), algorithms=["RS256"])
    known = {name: {"essential": True, "value": claims[name]} for name in ("iss", "aud", "sub", "sid")}
    jwt.JWTClaimsRegistry(**known, exp={"essential": True}).validate(token.claims)
    assert (
        token.header["typ"] == "logout+jwt"
        and "http://schemas.openid.net/event/backchannel-logout" in token.claims["events"]
    )
    assert_asked_again(party, browser)


def assert_asked_again(party: Party, browser: Browser) -> None:
    """We do not know who is there."""
    address, _ = party.leave(prompt="none")
    assert "error=login_required" in back(browser, lambda: browser.go(address))


def test_a_guardian_of_two_children_brings_both(town: Town, party: Party, browser: Browser) -> None:
    address, state = party.leave(acr_values="responsable")
    browser.go(address)
    came = back(browser, lambda: browser.sign_in(town.guardian, town.password, profile="responsable"))
    party.come_back(came, state)
    told = party.userinfo()
    assert [child["given_name"] for child in told["children"]] == ["Inès", "Hugo"]  # type: ignore[attr-defined]
    assert told["FrEduVecteur"] == ["2|BELKACEM|Samira|1|0991234D", "2|BELKACEM|Samira|2|0991234D"]


def test_a_code_serves_once_and_never_without_its_verifier(town: Town, party: Party, browser: Browser) -> None:
    address, state = party.leave()
    browser.go(address)
    came = back(browser, lambda: browser.sign_in(town.pupil, town.password, profile="eleve"))
    endpoint = party.configuration["token_endpoint"]
    with pytest.raises(OAuthError, match="invalid_grant"):
        party.session.fetch_token(endpoint, authorization_response=came, state=state, code_verifier="w" * 64)
    address, state = party.leave()
    came = back(browser, lambda: browser.go(address))
    party.come_back(came, state)
    with pytest.raises(OAuthError, match="invalid_grant"):
        party.session.fetch_token(endpoint, authorization_response=came, state=state, code_verifier="v" * 64)


def test_an_address_that_is_not_registered_stays_on_a_page_of_ours(town: Town, party: Party, browser: Browser) -> None:
    address, _ = party.leave(redirect_uri="http://127.0.0.1:9/ailleurs")
    assert browser.go(address).status_code == 400 and browser.url.startswith(town.url)


def test_keys_that_were_turned_are_read_anew(town: Town, party: Party, browser: Browser) -> None:
    assert len(requests.get(party.configuration["jwks_uri"], timeout=10).json()["keys"]) == 4
    town.turn_keys()
    address, state = party.leave()
    browser.go(address)
    came = back(browser, lambda: browser.sign_in(town.pupil, town.password, profile="eleve"))
    assert party.come_back(came, state)["iss"] == town.url
