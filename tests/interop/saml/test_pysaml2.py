"""pysaml2, the library of pass Culture, configured as theirs; and xmlsec1 as a judge of the signatures alone."""

import base64
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from lxml import etree
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, BINDING_SOAP
from saml2.client import Saml2Client
from saml2.metadata import entity_descriptor

from tests.interop.browser import Browser
from tests.interop.saml.conftest import PEOPLE, SCOPES
from tests.interop.saml.keys import Pair, make_pair
from tests.interop.saml.pysaml2_party import NAMES, configured
from tests.interop.town import Town
from tests.rooms.identity.federation.listening_service import listening

ENTITY = "http://127.0.0.1:9/pass"
SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
ACS = f"{ENTITY}/saml/acs/"


class Party:
    """pass Culture's connector: leave with a signed request, read the response it gets."""

    def __init__(self, idp: Path, pair: Pair, leaving: str) -> None:
        acs, sls = [(ACS, BINDING_HTTP_POST)], [(f"{ENTITY}/saml/sls/", BINDING_HTTP_REDIRECT), (leaving, BINDING_SOAP)]
        endpoints = {"assertion_consumer_service": acs, "single_logout_service": sls}
        signs = {"logout_requests_signed": True, "logout_responses_signed": True}
        self.configuration = configured(ENTITY, idp=idp, pair=pair, endpoints=endpoints, **signs)
        self.client = Saml2Client(self.configuration)

    def leave(self, **more: Any) -> tuple[str, str]:
        """The identifier of the request, and where to send the browser."""
        asked, described = self.client.prepare_for_authenticate(relay_state="retour", **more)
        return asked, dict(described["headers"])["Location"]

    def read(self, response: str, asked: str = "") -> Any:
        """What it believes of a response. Raises when it does not."""
        outstanding = {asked: ""} if asked else None
        return self.client.parse_authn_request_response(response, BINDING_HTTP_POST, outstanding=outstanding)

    def hear(self, body: bytes) -> bytes:
        """By SOAP, that somebody left: their session here is over. The answer."""
        said = body.decode()
        name_id = self.client.parse_logout_request(said, BINDING_SOAP).message.name_id
        return self.client.handle_logout_request(said, name_id, BINDING_SOAP)["data"].encode()

    def knows(self, name_id: Any) -> bool:
        """Whether somebody has a session here."""
        return name_id in self.client.users.subjects()


@pytest.fixture(scope="module")
def party(town: Town, idp_metadata: str, folder: Path) -> Iterator[Party]:
    idp, pair = folder / "idp.xml", make_pair(folder)
    idp.write_text(idp_metadata, encoding="utf-8")
    with listening() as machine:
        made = Party(idp, pair, machine.url)
        machine.answers = made.hear
        town.clerk("saml", client_id="pass", metadata=str(entity_descriptor(made.configuration)), scopes=SCOPES)
        yield made


def carried(browser: Browser) -> tuple[str, str]:
    """The response and the relay state that the page would post to the service."""
    form = browser.form("SAMLResponse")
    assert form["action"] == ACS
    fields = {str(one["name"]): str(one["value"]) for one in form.find_all("input") if one.get("name")}
    return fields["SAMLResponse"], fields["RelayState"]


def come_in(town: Town, browser: Browser, address: str, who: str = "pupil", profile: str = "eleve") -> str:
    """From nothing to the page that carries the response."""
    browser.go(address)
    browser.sign_in(getattr(town, who), town.password, profile=profile, carry_on=False)
    return carried(browser)[0]


@pytest.mark.parametrize("encryption", ["gcm", "cbc"])
@pytest.mark.parametrize(("who", "profile"), PEOPLE)
def test_sign_in_from_nothing_and_what_pass_culture_reads(
    town: Town, party: Party, browser: Browser, who: str, profile: str, encryption: str
) -> None:
    town.clerk("change_saml", client_id="pass", content_encryption=encryption)
    asked, address = party.leave()
    read = party.read(come_in(town, browser, address, who, profile), asked)
    told = town.clerk("told_by_saml", client_id="pass", username=getattr(town, who))
    assert {NAMES.get(name, name): values for name, values in read.ava.items()} == told
    assert read.in_response_to == asked and carried(browser)[1] == "retour"
    # > pass Culture: a response older than ten minutes is refused.
    issued = datetime.fromisoformat(read.assertion.issue_instant)
    assert datetime.now(UTC) - issued < timedelta(minutes=10) and read.name_id.format.endswith(":transient")


def test_who_has_a_session_comes_in_without_a_question(town: Town, party: Party, browser: Browser) -> None:
    come_in(town, browser, party.leave()[1])
    asked, address = party.leave()
    browser.go(address)
    first = party.read(carried(browser)[0], asked)
    asked, address = party.leave()
    browser.go(address)
    second = party.read(carried(browser)[0], asked)
    assert first.ava == second.ava and first.name_id.text != second.name_id.text


def test_who_leaves_a_party_leaves_us_told_by_its_machine(town: Town, party: Party, browser: Browser) -> None:
    asked, address = party.leave()
    name_id = party.read(come_in(town, browser, address, "guardian", "responsable"), asked).name_id
    stood = town.clerk("visits", username=town.guardian)
    (answer,) = party.client.global_logout(name_id).values()
    assert answer.status_ok() and town.clerk("visits", username=town.guardian) == stood - 1
    assert_asked_again(town, party, browser)


@pytest.mark.parametrize("binding", [BINDING_HTTP_REDIRECT, BINDING_HTTP_POST])
def test_who_leaves_a_party_leaves_us_told_by_the_browser(
    town: Town, party: Party, browser: Browser, binding: str
) -> None:
    asked, address = party.leave()
    name_id = party.read(come_in(town, browser, address), asked).name_id
    (way,) = party.client.do_logout(name_id, [town.entity_id], "", None, expected_binding=binding).values()
    came = parse_qs(urlsplit(carry(browser, *way)).query)
    answer = party.client.parse_logout_request_response(came["SAMLResponse"][0], BINDING_HTTP_REDIRECT)
    assert answer.status_ok() and party.client.handle_logout_response(answer)[1] == "200 Ok"
    assert not party.knows(name_id)
    assert_asked_again(town, party, browser)


def test_who_leaves_us_is_out_of_the_party(town: Town, party: Party, browser: Browser) -> None:
    asked, address = party.leave()
    name_id = party.read(come_in(town, browser, address), asked).name_id
    browser.go(f"{town.url}/deconnexion/")
    browser.press()
    assert party.knows(name_id), "it has not been told yet"
    assert town.clerk("tell_parties", client_id="pass") == "told" and not party.knows(name_id)
    assert_asked_again(town, party, browser)


def carry(browser: Browser, binding: str, sent: dict[str, Any]) -> str:
    """What pysaml2 sends by the browser; the address of the service it is sent back to, where nobody listens."""
    with pytest.raises(requests.ConnectionError) as nobody:
        if binding == BINDING_HTTP_REDIRECT:
            browser.go(dict(sent["headers"])["Location"])
        else:
            browser.page._content = sent["data"].encode()
            browser.press("SAMLRequest")
    assert nobody.value.request
    return str(nobody.value.request.url)


def assert_asked_again(town: Town, party: Party, browser: Browser) -> None:
    """We do not know who is there."""
    browser.go(party.leave()[1])
    assert browser.url.startswith(f"{town.url}/connexion/"), f"{browser.url}\n{browser.text[:3000]}"


def test_a_response_nobody_asked_for_is_believed_and_carries_its_target(
    town: Town, party: Party, browser: Browser
) -> None:
    address = f"{town.url}/idp/profile/SAML2/Unsolicited/SSO?providerId={ENTITY}&target=accueil"
    read = party.read(come_in(town, browser, address))
    assert read.in_response_to is None and carried(browser)[1] == "accueil"


def test_a_signature_that_is_not_of_this_request_is_refused(town: Town, party: Party, browser: Browser) -> None:
    (_, one), (_, other) = party.leave(), party.leave()
    signature = other.rpartition("&Signature=")[2]
    browser.go(f"{one.rpartition('&Signature=')[0]}&Signature={signature}")
    assert browser.page.status_code == 400 and "SAMLResponse" not in browser.text
    assert town.clerk("troubles", client_id="pass")


def test_a_request_is_answered_once(town: Town, party: Party, browser: Browser) -> None:
    _, address = party.leave()
    come_in(town, browser, address)
    browser.go(address)
    assert browser.page.status_code == 409 and "SAMLResponse" not in browser.text


def test_force_authn_proves_the_person_again(town: Town, party: Party, browser: Browser) -> None:
    asked, address = party.leave()
    before = party.read(come_in(town, browser, address), asked)
    asked, address = party.leave(force_authn="true")
    after = party.read(come_in(town, browser, address), asked)
    assert (
        after.assertion.authn_statement[0].authn_instant >= before.assertion.authn_statement[0].authn_instant
        and after.ava["urn:oid:1.3.6.1.4.1.20326.10.999.1.6"] != before.ava["urn:oid:1.3.6.1.4.1.20326.10.999.1.6"]
    )


def test_an_address_that_is_not_in_its_metadata_gets_nothing(town: Town, party: Party, browser: Browser) -> None:
    _, address = party.leave(assertion_consumer_service_url="http://127.0.0.1:9/ailleurs")
    browser.go(address)
    assert browser.page.status_code == 400 and "SAMLResponse" not in browser.text


def test_xmlsec1_alone_believes_our_metadata_and_our_response(
    town: Town, party: Party, browser: Browser, folder: Path
) -> None:
    response = come_in(town, browser, party.leave()[1])
    certificate = folder / "idp.pem"
    metadata = requests.get(f"{town.url}/idp/shibboleth", timeout=20).content
    found = etree.fromstring(metadata).find(".//{*}X509Certificate")
    assert found is not None and found.text
    certificate.write_text(f"-----BEGIN CERTIFICATE-----\n{found.text.strip()}\n-----END CERTIFICATE-----\n", "ascii")
    for name, document, node in [
        ("metadata", metadata, "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor"),
        ("response", base64.b64decode(response), "urn:oasis:names:tc:SAML:2.0:protocol:Response"),
    ]:
        assert verified(folder, name, document, node, certificate), name
        assert not verified(folder, name, document.replace(b"localhost", b"elsewhere", 1), node, certificate), name


def verified(folder: Path, name: str, document: bytes, node: str, certificate: Path) -> bool:
    """What xmlsec1 says of the outer signature."""
    path = folder / f"{name}.signed.xml"
    path.write_bytes(document)
    command = ["xmlsec1", "--verify", "--pubkey-cert-pem", str(certificate), "--id-attr:ID", node, str(path)]
    return subprocess.run(command, capture_output=True).returncode == 0


def test_sha1_is_refused_until_the_operator_says_otherwise(town: Town, party: Party, browser: Browser) -> None:
    browser.go(party.leave(sigalg=SHA1)[1])
    assert browser.page.status_code == 400 and "SAMLResponse" not in browser.text
    town.clerk("change_saml", client_id="pass", accepts_sha1=True)
    try:
        asked, address = party.leave(sigalg=SHA1)
        assert parse_qs(urlsplit(address).query)["SigAlg"] == [SHA1]
        assert party.read(come_in(town, browser, address), asked).ava
    finally:
        town.clerk("change_saml", client_id="pass", accepts_sha1=False)
