"""SimpleSAMLphp as a service, on PHP's own server."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.interop.browser import Browser
from tests.interop.processes import NOBODY, free_port, give_away, running
from tests.interop.saml.conftest import PEOPLE, SCOPES
from tests.interop.saml.keys import make_pair
from tests.interop.town import Town

HERE = Path(__file__).parent
METADATA = "/simplesaml/module.php/saml/sp/metadata.php/default-sp"


@pytest.fixture(scope="module")
def party(town: Town, idp_metadata: str, folder: Path) -> Iterator[str]:
    """Where it answers."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    make_pair(folder)
    (folder / "idp.xml").write_text(idp_metadata, encoding="utf-8")
    for name in ("config", "authsources", "router"):
        shutil.copy(HERE / f"simplesamlphp_{name}.php", folder / f"{name}.php")
    give_away(folder)
    said = {"SIMPLESAMLPHP_CONFIG_DIR": str(folder), "HERE": address, "FOLDER": str(folder), "IDP": town.entity_id}
    environment = {**os.environ, **said, "PHP_CLI_SERVER_WORKERS": "3"}
    command = ["php", "-d", "variables_order=EGPCS", "-S", f"127.0.0.1:{port}", str(folder / "router.php")]
    with running(
        command, log=folder / "php.log", ready=address + METADATA, environment=environment, folder=folder, user=NOBODY
    ):
        metadata = requests.get(address + METADATA, timeout=20).text
        town.clerk("saml", client_id="simplesamlphp", metadata=metadata, scopes=SCOPES)
        yield address


def come_in(town: Town, party: str, browser: Browser, who: str = "pupil", profile: str = "eleve") -> list[list[str]]:
    """From nothing to what the application is told, whatever the names."""
    browser.go(f"{party}/simplesaml/service")
    browser.sign_in(getattr(town, who), town.password, profile=profile)
    return read(browser, party)


def read(browser: Browser, party: str) -> list[list[str]]:
    """What the application says it was told."""
    assert browser.url.startswith(f"{party}/simplesaml/service"), f"{browser.url}\n{browser.text[:3000]}"
    return sorted(json.loads(browser.text).values())


@pytest.mark.parametrize("encryption", ["cbc", "gcm"])
@pytest.mark.parametrize(("who", "profile"), PEOPLE)
def test_sign_in_from_nothing_and_the_attributes_are_those_of_release(
    town: Town, party: str, browser: Browser, who: str, profile: str, encryption: str
) -> None:
    town.clerk("change_saml", client_id="simplesamlphp", content_encryption=encryption)
    found = come_in(town, party, browser, who, profile)
    told = town.clerk("told_by_saml", client_id="simplesamlphp", username=getattr(town, who))
    assert found == sorted(told.values())


def test_force_authn_asks_the_password_again(town: Town, party: str, browser: Browser) -> None:
    first = come_in(town, party, browser)
    other = f"{party}/simplesaml/module.php/core/authenticate.php?as=default-sp"
    assert browser.go(other).status_code == 200, "its own session opens its other pages"
    browser.go(f"{town.url}/compte/")
    assert browser.url == f"{town.url}/compte/" and first
    browser.forget("127.0.0.1")
    browser.go(f"{party}/simplesaml/service?force=1")
    assert browser.url.startswith(town.url)
    browser.sign_in(town.pupil, town.password, profile="eleve")
    assert read(browser, party)


def test_who_has_a_session_comes_in_without_a_question(town: Town, party: str, browser: Browser) -> None:
    come_in(town, party, browser)
    browser.forget("127.0.0.1")
    browser.go(f"{party}/simplesaml/service")
    browser.carry_on()
    assert read(browser, party)


def test_who_leaves_a_party_leaves_us_and_it_is_told_that_all_is_over(town: Town, party: str, browser: Browser) -> None:
    come_in(town, party, browser, "guardian", "responsable")
    stood = town.clerk("visits", username=town.guardian)
    browser.go(f"{party}/simplesaml/service/leave")
    assert browser.url.startswith(f"{party}/simplesaml/service/left"), f"{browser.url}\n{browser.text[:3000]}"
    assert json.loads(browser.text)["Code"] == "urn:oasis:names:tc:SAML:2.0:status:Success"
    assert town.clerk("visits", username=town.guardian) == stood - 1
    assert_asked_again(town, party, browser)


def test_who_leaves_us_is_out_of_the_party(town: Town, party: str, browser: Browser) -> None:
    come_in(town, party, browser)
    browser.go(f"{town.url}/deconnexion/")
    browser.press()
    browser.go(f"{party}/simplesaml/service")
    assert read(browser, party), "it has not been told yet"
    # It obeys, then its 1.19 gives an array where its own library wants a text: we cannot read that it did.
    assert town.clerk("tell_parties", client_id="simplesamlphp").startswith("waiting: Réponse illisible")
    assert town.clerk("troubles", client_id="simplesamlphp")[0] == "unreachable"
    assert_asked_again(town, party, browser)


def assert_asked_again(town: Town, party: str, browser: Browser) -> None:
    """The application asks who is there, and we do not know either."""
    browser.go(f"{party}/simplesaml/service")
    assert browser.url.startswith(f"{town.url}/connexion/"), f"{browser.url}\n{browser.text[:3000]}"


def test_keys_that_were_turned_are_those_of_our_metadata(town: Town, party: str, browser: Browser) -> None:
    town.turn_keys()
    assert come_in(town, party, browser)
