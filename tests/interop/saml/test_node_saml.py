"""npm @node-saml/node-saml, configured as the Service national universel configures it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from lxml import etree

from tests.interop.browser import Browser
from tests.interop.node import running_party
from tests.interop.processes import free_port
from tests.interop.saml.conftest import PEOPLE, SCOPES
from tests.interop.saml.keys import make_pair
from tests.interop.town import Town

INE_DIGEST = "urn:oid:1.3.6.1.4.1.20326.10.999.1.64"


@pytest.fixture(scope="module")
def party(town: Town, idp_metadata: str, folder: Path) -> Iterator[str]:
    """Where it answers."""
    port, pair = free_port(), make_pair(folder)
    found = etree.fromstring(idp_metadata.encode()).findall(".//{*}KeyDescriptor//{*}X509Certificate")
    certificates = ["".join((one.text or "").split()) for one in found]
    with running_party(
        Path(__file__).parent / "party.mjs", folder, port=port, idp=town.entity_id, certificates=certificates,
        entry=f"{town.url}/idp/profile/SAML2/Redirect/SSO", exit=f"{town.url}/idp/profile/SAML2/Redirect/SLO",
        key=pair.key.read_text("ascii"),
        certificate=pair.certificate.read_text("ascii"),
    ) as address:  # fmt: skip
        metadata = requests.get(f"{address}/metadata", timeout=20).text
        town.clerk("saml", client_id="snu", metadata=metadata, scopes=SCOPES)
        yield address


def come_in(town: Town, party: str, browser: Browser, who: str = "pupil", profile: str = "eleve") -> dict[str, Any]:
    """From nothing to what the service read."""
    browser.go(f"{party}/enter")
    browser.sign_in(getattr(town, who), town.password, profile=profile)
    assert browser.url == f"{party}/acs" and browser.page.status_code == 200, f"{browser.url}\n{browser.text[:3000]}"
    return dict(json.loads(browser.text))


def told(town: Town, who: str) -> list[list[str]]:
    """What release lets out, whatever the names."""
    return sorted(town.clerk("told_by_saml", client_id="snu", username=getattr(town, who)).values())


def values(read: dict[str, Any]) -> list[list[str]]:
    """What the service read, whatever the names."""
    return sorted(one if isinstance(one, list) else [one] for one in read["attributes"].values())


@pytest.mark.parametrize("encryption", ["cbc", "gcm"])
@pytest.mark.parametrize(("who", "profile"), PEOPLE)
def test_sign_in_from_nothing_and_what_the_snu_reads(
    town: Town, party: str, browser: Browser, who: str, profile: str, encryption: str
) -> None:
    town.clerk("change_saml", client_id="snu", content_encryption=encryption)
    read = come_in(town, party, browser, who, profile)
    assert values(read) == told(town, who) and read["relay_state"] == "retour"
    assert len(read["attributes"].get(INE_DIGEST, "")) == (32 if who == "pupil" else 0)


def test_who_has_a_session_comes_in_without_a_question(town: Town, party: str, browser: Browser) -> None:
    first = come_in(town, party, browser)
    browser.go(f"{party}/enter")
    browser.carry_on()
    assert json.loads(browser.text)["attributes"] == first["attributes"]


def test_who_leaves_a_party_leaves_us_and_it_is_told_by_a_form(town: Town, party: str, browser: Browser) -> None:
    come_in(town, party, browser, "guardian", "responsable")
    stood = town.clerk("visits", username=town.guardian)
    browser.go(f"{party}/leave")
    browser.carry_on()
    assert browser.url == f"{party}/slo", browser.text
    assert json.loads(browser.text) == {"left": True, "relay_state": "adieu"}, browser.text
    assert town.clerk("visits", username=town.guardian) == stood - 1
    assert browser.go(f"{party}/here").text == "nobody"
    assert_asked_again(town, party, browser)


def test_who_leaves_us_goes_and_tells_the_party_and_comes_back(town: Town, party: str, browser: Browser) -> None:
    come_in(town, party, browser)
    browser.go(f"{town.url}/logout")
    browser.press()
    assert f"<dt>{party}/sp</dt>" in browser.text, "no machine of ours can tell it"
    assert browser.go(f"{party}/here").text == "somebody"
    browser.back()
    browser.go(browser.link("En sortir maintenant"))
    browser.carry_on()
    assert (
        browser.url.startswith(f"{town.url}/idp/profile/SAML2/Redirect/SLO") and "Vous êtes aussi sorti" in browser.text
    )
    assert "En sortir maintenant" not in browser.text
    assert browser.go(f"{party}/here").text == "nobody"
    assert_asked_again(town, party, browser)


def test_who_leaves_us_is_out_of_the_party_once_it_opens_a_door_to_machines(
    town: Town, party: str, browser: Browser
) -> None:
    own = requests.get(f"{party}/metadata", timeout=20).text
    town.clerk("read_metadata", client_id="snu", metadata=with_soap(own, f"{party}/slo/soap"))
    try:
        come_in(town, party, browser)
        browser.go(f"{town.url}/logout")
        browser.press()
        assert "fermez le navigateur" not in browser.text
        assert browser.go(f"{party}/here").text == "somebody", "it has not been told yet"
        assert town.clerk("tell_parties", client_id="snu") == "told"
        assert browser.go(f"{party}/here").text == "nobody"
        assert_asked_again(town, party, browser)
    finally:
        town.clerk("read_metadata", client_id="snu", metadata=own)


def with_soap(metadata: str, address: str) -> str:
    """The metadata that node-saml writes, and a door to machines."""
    root = etree.fromstring(metadata.encode())
    known = root.find(".//{*}SingleLogoutService")
    assert known is not None
    binding = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"
    known.addnext(etree.Element(known.tag, Binding=binding, Location=address))
    return etree.tostring(root, encoding="unicode")


def assert_asked_again(town: Town, party: str, browser: Browser) -> None:
    """We do not know who is there."""
    browser.go(f"{party}/enter")
    assert browser.url.startswith(f"{town.url}/connexion/"), f"{browser.url}\n{browser.text[:3000]}"


def test_an_ent_begins_and_its_target_arrives(town: Town, party: str, browser: Browser) -> None:
    browser.go(f"{town.url}/idp/profile/SAML2/Unsolicited/SSO?providerId={party}/sp&target=accueil")
    browser.sign_in(town.pupil, town.password, profile="eleve")
    assert json.loads(browser.text)["relay_state"] == "accueil"


def test_keys_that_were_turned_are_those_of_our_metadata(town: Town, party: str, browser: Browser) -> None:
    town.turn_keys()
    assert come_in(town, party, browser)["issuer"] == town.entity_id
