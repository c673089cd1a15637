"""Apache with mod_shib and shibd, as ENTs and academies run them: the strictest of judges."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from string import Template

import pytest
import requests
from lxml import etree

from tests.interop.apache import running_apache, said
from tests.interop.browser import Browser
from tests.interop.processes import NOBODY, free_port, give_away, running
from tests.interop.saml.conftest import PEOPLE, SCOPES
from tests.interop.saml.keys import CURVE, make_pair
from tests.interop.town import Town

HERE = Path(__file__).parent
DS = "{http://www.w3.org/2000/09/xmldsig#}"
APACHE = Template("""
LoadModule mod_shib /usr/lib/apache2/modules/mod_shib.so
ShibConfig $folder/shibboleth/shibboleth2.xml
<Location /secure>
    AuthType shibboleth
    ShibRequestSetting requireSession 1
    Require valid-user
</Location>
<Location /secure/curve>
    ShibRequestSetting applicationId curve
</Location>
""")
LOGGER = """
log4j.rootCategory=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{%H:%M:%S} %p %c %x: %m%n
"""


@pytest.fixture(scope="module")
def party(town: Town, idp_metadata: str, folder: Path) -> Iterator[str]:
    """Where it answers, once it knows us by our signed metadata and we know it by its own."""
    port = free_port()
    make_pair(folder)
    make_pair(folder, "curve", CURVE)
    shutil.copytree("/etc/shibboleth", folder / "shibboleth")
    (folder / "idp.xml").write_text(idp_metadata, encoding="utf-8")
    (folder / "idp.crt").write_text(certificate_of(idp_metadata), encoding="ascii")
    template = Template((HERE / "shibboleth2.xml").read_text("utf-8"))
    configuration = template.substitute(folder=folder, port=port, idp=town.entity_id)
    (folder / "shibboleth" / "shibboleth2.xml").write_text(configuration, encoding="utf-8")
    (folder / "shibboleth" / "shibd.logger").write_text(LOGGER, encoding="ascii")
    shutil.copy(HERE / "attribute-map.xml", folder / "shibboleth" / "attribute-map.xml")
    places = {f"SHIBSP_{name}": str(folder) for name in ("CFGDIR", "LOGDIR", "RUNDIR", "CACHEDIR")}
    give_away(folder)
    command = ["shibd", "-F", "-f", "-p", str(folder / "shibd.pid")]
    daemon = running(
        command, log=folder / "shibd.log", ready=(folder / "shibd.sock").exists, environment=places, folder=folder,
        user=NOBODY,
    )  # fmt: skip
    with daemon, running_apache(folder, port, APACHE.substitute(folder=folder)):
        address = f"http://127.0.0.1:{port}"
        metadata = requests.get(f"{address}/Shibboleth.sso/Metadata", timeout=20).text
        town.clerk("saml", client_id="shibboleth", metadata=metadata, scopes=SCOPES)
        metadata = requests.get(f"{address}/secure/curve/Shibboleth.sso/Metadata", timeout=20).text
        town.clerk("saml", client_id="curve", metadata=metadata, scopes=SCOPES)
        yield address


def certificate_of(metadata: str) -> str:
    """The first certificate of the site's metadata: what the operator of an ENT gets by another way."""
    found = etree.fromstring(metadata.encode()).find(f".//{DS}X509Certificate")
    assert found is not None and found.text
    return f"-----BEGIN CERTIFICATE-----\n{found.text.strip()}\n-----END CERTIFICATE-----\n"


def come_in(town: Town, party: str, browser: Browser, who: str, profile: str, ask: str = "/secure") -> dict[str, str]:
    """From nothing to the application."""
    browser.go(party + ask)
    browser.sign_in(getattr(town, who), town.password, profile=profile)
    assert browser.url.startswith(f"{party}/secure"), f"{browser.url}\n{browser.text[:3000]}"
    return said(browser.text)


def expected(town: Town, who: str) -> dict[str, str]:
    """What release lets out, as Shibboleth joins it."""
    told = town.clerk("told_by_saml", client_id="shibboleth", username=getattr(town, who))
    return {name: ";".join(values) for name, values in told.items()}


@pytest.mark.parametrize(("who", "profile"), PEOPLE)
def test_sign_in_from_nothing_and_the_attributes_are_those_of_release(
    town: Town, party: str, browser: Browser, who: str, profile: str
) -> None:
    told = come_in(town, party, browser, who, profile)
    wanted = expected(town, who)
    assert {name: told.get(name) for name in wanted} == wanted
    assert told["Shib_Identity_Provider"] == town.entity_id and told["REMOTE_USER"] == wanted["FrEduCtId"]
    assert told["Shib_AuthnContext_Class"].endswith(":PasswordProtectedTransport")


def test_a_guardian_of_two_children_brings_a_vector_for_each(town: Town, party: str, browser: Browser) -> None:
    told = come_in(town, party, browser, "guardian", "responsable")
    assert told["FrEduVecteur"] == "2|BELKACEM|Samira|1|0991234D;2|BELKACEM|Samira|2|0991234D"


def test_who_has_a_session_comes_in_without_a_question(town: Town, party: str, browser: Browser) -> None:
    come_in(town, party, browser, "pupil", "eleve")
    browser.forget("127.0.0.1")
    browser.go(f"{party}/secure")
    browser.carry_on()
    assert said(browser.text)["givenName"] == "Inès"


def test_who_leaves_a_party_leaves_us_and_it_says_that_all_is_over(town: Town, party: str, browser: Browser) -> None:
    come_in(town, party, browser, "guardian", "responsable")
    stood = town.clerk("visits", username=town.guardian)
    browser.go(f"{party}/Shibboleth.sso/LogoutAndAnswer")
    assert browser.url.startswith(f"{party}/Shibboleth.sso/SLO/") and "Global Logout" in browser.text, browser.text[
        :3000
    ]
    assert town.clerk("visits", username=town.guardian) == stood - 1
    assert_asked_again(town, party, browser)


def test_who_leaves_a_party_without_waiting_for_an_answer_stays_on_our_page(
    town: Town, party: str, browser: Browser
) -> None:
    come_in(town, party, browser, "pupil", "eleve")
    browser.go(f"{party}/Shibboleth.sso/Logout")
    assert browser.url == f"{town.url}/deconnexion/faite/", f"{browser.url}\n{browser.text[:3000]}"
    assert_asked_again(town, party, browser)


def test_who_leaves_us_is_out_of_the_party(town: Town, party: str, browser: Browser) -> None:
    come_in(town, party, browser, "pupil", "eleve")
    browser.go(f"{town.url}/deconnexion/")
    browser.press()
    assert said(browser.go(f"{party}/secure").text)["givenName"] == "Inès", "it has not been told yet"
    assert town.clerk("tell_parties", client_id="shibboleth") == "told"
    assert_asked_again(town, party, browser)


def assert_asked_again(town: Town, party: str, browser: Browser) -> None:
    """The protected page asks who is there, and we do not know either."""
    browser.go(f"{party}/secure")
    assert browser.url.startswith(f"{town.url}/connexion/"), f"{browser.url}\n{browser.text[:3000]}"


def test_a_party_that_signs_with_a_curve_comes_in_and_leaves(town: Town, party: str, browser: Browser) -> None:
    assert come_in(town, party, browser, "pupil", "eleve", "/secure/curve")["givenName"] == "Inès"
    browser.go(f"{party}/secure/curve/Shibboleth.sso/Logout")
    assert "Global Logout" in browser.text, browser.url
    assert come_in(town, party, browser, "pupil", "eleve", "/secure/curve")["givenName"] == "Inès"
    browser.go(f"{town.url}/deconnexion/")
    browser.press()
    assert town.clerk("tell_parties", client_id="curve") == "told"


def test_force_authn_asks_the_password_again(town: Town, party: str, browser: Browser) -> None:
    before = come_in(town, party, browser, "pupil", "eleve")
    browser.go(f"{party}/Shibboleth.sso/Login?forceAuthn=true&target={party}/secure")
    assert browser.url.startswith(town.url), browser.url
    browser.sign_in(town.pupil, town.password, profile="eleve")
    after = said(browser.text)
    assert after["Shib_Authentication_Instant"] > before["Shib_Authentication_Instant"]


def test_is_passive_is_told_no_passive_then_comes_in_once_there_is_a_session(
    town: Town, party: str, browser: Browser
) -> None:
    browser.go(f"{party}/Shibboleth.sso/Login?isPassive=true&target={party}/secure")
    browser.carry_on()
    assert "NoPassive" in browser.text or browser.url.startswith(town.url), browser.text[:2000]
    come_in(town, party, browser, "pupil", "eleve")
    browser.go(f"{party}/Shibboleth.sso/Login?isPassive=true&target={party}/secure")
    browser.carry_on()
    assert said(browser.text)["givenName"] == "Inès"


def test_a_context_we_do_not_have_is_refused_by_the_protocol(town: Town, party: str, browser: Browser) -> None:
    browser.go(f"{party}/Shibboleth.sso/Login?authnContextClassRef=urn:oasis:names:tc:SAML:2.0:ac:classes:X509")
    browser.carry_on()
    if browser.url.startswith(town.url):
        browser.sign_in(town.pupil, town.password, profile="eleve")
    assert "NoAuthnContext" in browser.text, browser.text[:2000]


@pytest.mark.parametrize("encryption", ["cbc", "gcm"])
def test_it_reads_both_ways_of_encrypting(town: Town, party: str, browser: Browser, encryption: str) -> None:
    town.clerk("change_saml", client_id="shibboleth", content_encryption=encryption)
    assert come_in(town, party, browser, "pupil", "eleve")["sn"] == "BELKACEM"


def test_an_ent_begins_and_its_target_is_reached(town: Town, party: str, browser: Browser) -> None:
    asked = f"{town.url}/idp/profile/SAML2/Unsolicited/SSO?providerId={party}/shibboleth&target={party}/secure"
    browser.go(asked)
    browser.sign_in(town.pupil, town.password, profile="eleve")
    assert browser.url == f"{party}/secure" and said(browser.text)["givenName"] == "Inès"


def test_a_request_whose_signature_is_bad_stays_on_a_page_of_ours(town: Town, party: str, browser: Browser) -> None:
    left = requests.get(f"{party}/secure", allow_redirects=False, timeout=20).headers["Location"]
    before, _, signature = left.rpartition("&Signature=")
    browser.go(f"{before}&Signature={'B' if signature[0] == 'A' else 'A'}{signature[1:]}")
    assert browser.page.status_code == 400 and browser.url.startswith(town.url)
    browser.go(before.replace("&SigAlg=", "&Ignored="))
    assert browser.page.status_code == 400, "it says in its metadata that it signs its requests"


def test_keys_that_were_turned_are_those_of_its_metadata(town: Town, party: str, browser: Browser) -> None:
    town.turn_keys()
    assert come_in(town, party, browser, "pupil", "eleve")["sn"] == "BELKACEM"
