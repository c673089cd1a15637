"""Apache with mod_auth_openidc, certified by the OpenID Foundation, in both ways of coming back."""

from collections.abc import Iterator
from pathlib import Path
from string import Template
from urllib.parse import quote

import pytest

from tests.interop.apache import running_apache, said
from tests.interop.browser import Browser
from tests.interop.processes import free_port
from tests.interop.town import Town

SCOPE = "openid profile ect.scope.cnx ent pupil"
APACHE = Template("""
LoadModule auth_openidc_module /usr/lib/apache2/modules/mod_auth_openidc.so
OIDCProviderMetadataURL $idp/.well-known/openid-configuration
OIDCClientID $client
OIDCClientSecret $secret
OIDCRedirectURI http://127.0.0.1:$port/secure/redirect_uri
OIDCCryptoPassphrase only-for-tests
OIDCScope "$scope"
OIDCPKCEMethod S256
OIDCResponseMode $mode
OIDCProviderTokenEndpointAuth $authentication
OIDCRemoteUserClaim sub
OIDCPassClaimsAs environment
OIDCClaimDelimiter ;
OIDCInfoHook userinfo id_token
OIDCCookieSameSite $same_site
OIDCCacheType shm
<Location /secure>
    AuthType openid-connect
    <RequireAny>
        Require claim FrEduCtPersonAffiliation:eleve2d
        Require claim FrEduCtPersonAffiliation:resp2d
    </RequireAny>
</Location>
# Whoever comes there has no claim yet; nor has the machine that says that somebody left.
<Location /secure/redirect_uri>
    Require valid-user
</Location>
""")
# The name, how the answer comes back, how it proves who it is. A form comes from our site, without Lax cookies.
KINDS = [("query", "client_secret_basic", "On"), ("form_post", "client_secret_post", "Off")]


@pytest.fixture(scope="module", params=KINDS, ids=[kind[0] for kind in KINDS])
def party(town: Town, folder: Path, request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Where it answers, and its name."""
    mode, authentication, same_site = request.param
    port, client = free_port(), f"apache-{mode.replace('_', '-')}"
    secret = town.clerk(
        "oidc", client_id=client, redirect_uris=[f"http://127.0.0.1:{port}/secure/redirect_uri"],
        post_logout_redirect_uris=[f"http://127.0.0.1:{port}/index.txt"], scopes=SCOPE.split(), notice="none",
        token_endpoint_auth_method=authentication,
        backchannel_logout_uri=f"http://127.0.0.1:{port}/secure/redirect_uri?logout=backchannel",
    )  # fmt: skip
    configuration = APACHE.substitute(
        idp=town.url, client=client, secret=secret, port=port, scope=SCOPE, mode=mode, authentication=authentication,
        same_site=same_site,
    )  # fmt: skip
    place = folder / mode
    place.mkdir()
    with running_apache(place, port, configuration):
        yield f"http://127.0.0.1:{port}", client


@pytest.mark.parametrize(("who", "profile"), [("guardian", "responsable"), ("pupil", "eleve")])
def test_sign_in_from_nothing_then_single_sign_on_then_logout(
    town: Town, party: tuple[str, str], browser: Browser, who: str, profile: str
) -> None:
    address, client = party
    browser.go(f"{address}/secure")
    browser.sign_in(getattr(town, who), town.password, profile=profile)
    assert browser.url.startswith(f"{address}/secure"), f"{browser.url}\n{browser.text[:3000]}"
    told = said(browser.text)
    wanted = town.clerk("told", client_id=client, username=getattr(town, who), scope=SCOPE)
    flat = {name: ";".join(value) if isinstance(value, list) else str(value) for name, value in wanted.items()}
    assert {name: told.get(f"OIDC_CLAIM_{name}") for name in flat} == flat
    assert told["REMOTE_USER"].startswith(wanted["sub"]) and told["OIDC_CLAIM_iss"] == town.url
    browser.go(f"{address}/secure/redirect_uri?logout={quote(address + '/index.txt')}")
    assert browser.url.startswith(f"{address}/index.txt"), browser.url
    browser.go(f"{address}/secure")
    assert browser.url.startswith(town.url), "both sessions are over"


def test_who_leaves_us_is_out_of_the_party(town: Town, party: tuple[str, str], browser: Browser) -> None:
    address, client = party
    browser.go(f"{address}/secure")
    browser.sign_in(town.pupil, town.password, profile="eleve")
    browser.go(f"{town.url}/deconnexion/")
    browser.press()
    browser.go(f"{address}/secure")
    assert said(browser.text)["OIDC_CLAIM_given_name"] == "Inès", "it has not been told yet"
    assert town.clerk("tell_parties", client_id=client) == "told"
    browser.go(f"{address}/secure")
    assert browser.url.startswith(f"{town.url}/connexion/"), f"{browser.url}\n{browser.text[:3000]}"


def test_who_has_a_session_comes_in_without_a_question(town: Town, party: tuple[str, str], browser: Browser) -> None:
    address, _ = party
    browser.go(f"{town.url}/connexion/eleve/")
    browser.press("username", username=town.pupil, password=town.password)
    browser.go(f"{address}/secure")
    browser.carry_on()
    assert said(browser.text)["OIDC_CLAIM_given_name"] == "Inès"
