"""Single logout by SAML: only the service that was told, only signed, answered at its own address."""

import base64
import xml.etree.ElementTree as ElementTree
import zlib
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from lxml import etree
from signxml.algorithms import SignatureMethod

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.federation import farewells
from preau.identity.federation.models import Assertion, Farewell, Fate, Protocol, RelyingParty, SamlProfile, Trouble
from preau.identity.signin.models import Session
from tests.rooms.identity.federation.conftest import NOW, sign_in
from tests.rooms.identity.federation.listening_service import listening
from tests.rooms.identity.federation.saml import ent
from tests.rooms.identity.federation.saml.ent import NAMES, Pair
from tests.rooms.identity.federation.saml.schemas import judged
from tests.rooms.identity.federation.saml.wrappings import wrappings

BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings"
BYE = "https://ent.example/auth/saml/slo"
REDIRECT, POST, SOAP = (f"/idp/profile/SAML2/{one}/SLO" for one in ("Redirect", "POST", "SOAP"))
_SAMLP, _SAML = NAMES["samlp"], NAMES["saml"]
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"


@pytest.fixture
def browser(profile: SamlProfile, adama: Account, client: Client) -> Client:
    """Adama went into the ENT."""
    profile.logouts = [{"binding": f"{BINDINGS}:HTTP-Redirect", "location": BYE, "response_location": ""}]
    profile.save()
    sign_in(client, adama)
    assert client.get(ent.query(ent.request_xml(NOW))).status_code == 200
    return client


def request_xml(*, index: str | None = None, name_id: str | None = None, **changes: str) -> bytes:
    """A LogoutRequest as entcore writes it: what the assertion said, echoed."""
    told = Assertion.objects.order_by("pk").first()
    assert told is not None
    attributes = {"ID": ent.new_id(), "Version": "2.0", "IssueInstant": f"{NOW:%Y-%m-%dT%H:%M:%S.000Z}"}
    issuer = changes.pop("issuer", ent.ENTITY_ID)
    root = etree.Element(f"{{{_SAMLP}}}LogoutRequest", attributes | changes, nsmap={"samlp": _SAMLP, "saml": _SAML})
    etree.SubElement(root, f"{{{_SAML}}}Issuer").text = issuer
    name = etree.SubElement(root, f"{{{_SAML}}}NameID", Format=told.name_id_format, SPNameQualifier=issuer)
    name.text = told.name_id if name_id is None else name_id
    if index != "":
        etree.SubElement(root, f"{{{_SAMLP}}}SessionIndex").text = index or told.session_index
    return etree.tostring(root)


def by_query(xml: bytes, pair: Pair | None, algorithm: str = ent.SHA256) -> str:
    return ent.query(xml, relay_state="NULL", pair=pair, algorithm=algorithm).replace(ent.REDIRECT, REDIRECT)


def enveloped(xml: bytes) -> bytes:
    envelope = etree.Element(f"{{{_ENVELOPE}}}Envelope")
    etree.SubElement(envelope, f"{{{_ENVELOPE}}}Body").append(etree.fromstring(xml))
    return etree.tostring(envelope)


def taken_out(envelope: bytes) -> etree._Element:
    """The message of an envelope, written again as pysaml2 does before it checks the signature: other prefixes."""
    judged(etree.fromstring(envelope))
    return etree.fromstring(ElementTree.tostring(ElementTree.fromstring(envelope)[0][0]))


def answer_of(address: str) -> etree._Element:
    (message,) = parse_qs(urlsplit(address).query)["SAMLResponse"]
    return judged(etree.fromstring(zlib.decompress(base64.b64decode(message), -15)))


def is_signed_in(browser: Client) -> bool:
    """What IsPassive finds."""
    page = ent.page_of(browser.get(ent.query(ent.request_xml(NOW, IsPassive="true"))))
    return "NoPassive" not in base64.b64decode(page.fields["SAMLResponse"]).decode()


def another(profile: SamlProfile, pair: Pair, *logouts: dict[str, str]) -> SamlProfile:
    """A second service, with its own key."""
    party = RelyingParty.objects.create(
        client_id="cantine", protocol=Protocol.SAML, name="La cantine", sector="c.example", registered_at=NOW,
        audience=["guardian", "pupil"],
    )  # fmt: skip
    profile.pk, profile.party, profile.entity_id, profile.logouts = None, party, "https://c.example/sp", list(logouts)
    profile.signing_certificates = [pair.certificate]
    profile.save(force_insert=True)
    return profile


def told_too(profile: SamlProfile) -> None:
    """The visit reached this service as well."""
    session = Session.objects.get()
    Assertion.objects.create(
        profile=profile, session=session, name_id="_other", name_id_format="urn:x", session_index="_i", issued_at=NOW
    )


@pytest.mark.parametrize("algorithm", [ent.SHA256, ent.SHA1])
def test_the_ent_signs_people_out_and_is_answered_at_its_own_address(
    browser: Client, pair: Pair, profile: SamlProfile, ours: str, algorithm: str
) -> None:
    SamlProfile.objects.update(accepts_sha1=algorithm == ent.SHA1)
    answer = browser.get(by_query(request_xml(ID="_asked"), pair, algorithm))
    assert answer["Location"].startswith(f"{BYE}?SAMLResponse=")
    assert parse_qs(urlsplit(answer["Location"]).query)["RelayState"] == ["NULL"]
    response = answer_of(answer["Location"])
    assert ent.codes_of(response) == ["Success"] and response.get("InResponseTo") == "_asked"
    assert not is_signed_in(browser) and Session.objects.get().ended_at == NOW
    farewells.notice_endings(at=NOW)
    assert not Farewell.objects.filter(fate=Fate.WAITING).exists(), "who asked knows"


def test_a_request_that_comes_again_ends_no_newer_visit(browser: Client, pair: Pair, adama: Account) -> None:
    again = by_query(request_xml(), pair)
    browser.get(again)
    sign_in(browser, adama)
    browser.get(again)
    assert is_signed_in(browser)


@pytest.mark.parametrize("door", ["unsigned", "foreign", "sha1", "stale", "destination", "stranger", "altered"])
def test_what_is_not_believed_ends_nothing(
    browser: Client, pair: Pair, foreign_pair: Pair, door: str, profile: SamlProfile
) -> None:
    late = f"{NOW - timedelta(minutes=4):%Y-%m-%dT%H:%M:%SZ}"
    address = {
        "unsigned": lambda: by_query(request_xml(), None),
        "foreign": lambda: by_query(request_xml(), foreign_pair),
        "sha1": lambda: by_query(request_xml(), pair, ent.SHA1),
        "stale": lambda: by_query(request_xml(IssueInstant=late), pair),
        "destination": lambda: by_query(request_xml(Destination="https://evil.example/"), pair),
        "stranger": lambda: by_query(request_xml(issuer="https://evil.example/"), pair),
        "altered": lambda: by_query(request_xml(), pair).replace("NULL", "AUTRE"),
    }[door]()
    answer = browser.get(address)
    assert answer.status_code == 400 and "Location" not in answer.headers
    assert is_signed_in(browser) and Trouble.objects.exists()


def test_a_service_names_only_those_it_was_told_of(browser: Client, foreign_pair: Pair, profile: SamlProfile) -> None:
    location = {"binding": f"{BINDINGS}:HTTP-Redirect", "location": "https://c.example/slo"}
    other = another(profile, foreign_pair, location)
    answer = browser.get(by_query(request_xml(issuer=other.entity_id), foreign_pair))
    assert ent.codes_of(answer_of(answer["Location"])) == ["Requester", "UnknownPrincipal"]
    assert is_signed_in(browser)


def test_another_index_of_the_same_person_is_another_visit(browser: Client, pair: Pair) -> None:
    browser.get(by_query(request_xml(index="_elsewhere"), pair))
    assert is_signed_in(browser)


@pytest.mark.parametrize("cut", ["<!-- -->", "<![CDATA[x]]>", "<?x y?>", "<x xmlns=''/>"])
def test_nothing_cuts_the_name_of_the_person(browser: Client, pair: Pair, cut: str) -> None:
    """Longer than the name we gave, and read as it by whoever stops at the first knot (CVE-2017-11427)."""
    told = Assertion.objects.get()
    longer = request_xml(name_id="NAME").replace(b"NAME", f"{told.name_id}{cut}.other".encode())
    browser.get(by_query(longer, pair))
    assert is_signed_in(browser)
    Client().post(POST, ent.form(ent.signed_xml(longer, pair)))
    assert is_signed_in(browser)


@pytest.mark.parametrize("index", ["' OR 1=1 --", '"><script>alert(1)</script>', "x" * 10_000, "%", "é\u202e"])
def test_an_index_that_is_something_else_ends_nothing_and_breaks_nothing(
    browser: Client, pair: Pair, index: str
) -> None:
    answer = browser.get(by_query(request_xml(index=index), pair))
    assert ent.codes_of(answer_of(answer["Location"])) == ["Requester", "UnknownPrincipal"]
    assert is_signed_in(browser)


def test_without_index_every_visit_of_that_name_is_over(browser: Client, pair: Pair) -> None:
    browser.get(by_query(request_xml(index=""), pair))
    assert not is_signed_in(browser)


def test_by_a_form_without_cookie(browser: Client, pair: Pair, ours: str) -> None:
    SamlProfile.objects.update(logouts=[{"binding": f"{BINDINGS}:HTTP-POST", "location": BYE, "response_location": ""}])
    answer = Client().post(POST, ent.form(ent.signed_xml(request_xml(), pair), "NULL"))
    page = ent.page_of(answer)
    assert (page.action, page.fields["RelayState"]) == (BYE, "NULL")
    assert ent.codes_of(ent.response_of(answer, ours)) == ["Success"] and not is_signed_in(browser)


def test_from_the_machine_of_the_service(browser: Client, pair: Pair, ours: str) -> None:
    body = enveloped(ent.signed_xml(request_xml(ID="_soap"), pair))
    answer = Client().post(SOAP, body, content_type="text/xml")
    assert answer.status_code == 200, answer.content
    response = ent.verified(taken_out(answer.content), ours)
    assert (ent.codes_of(response), response.get("InResponseTo")) == (["Success"], "_soap")
    assert not is_signed_in(browser)


@pytest.mark.parametrize("number", range(8))
def test_a_wrapped_signature_ends_nothing_by_form_nor_from_a_machine(browser: Client, pair: Pair, number: int) -> None:
    signed = ent.signed_xml(request_xml(ID="_good", index="_elsewhere"), pair)
    wrapped = wrappings(signed, request_xml(ID="_evil"))[number]
    assert Client().post(POST, ent.form(wrapped)).status_code == 400
    assert Client().post(SOAP, enveloped(wrapped), content_type="text/xml").status_code == 400
    assert is_signed_in(browser)


def test_what_is_too_large_ends_nothing(browser: Client, pair: Pair) -> None:
    """Good requests, but for their size."""

    def padded(octets: int) -> bytes:
        return request_xml().replace(b"</samlp:LogoutRequest>", b" " * octets + b"</samlp:LogoutRequest>")

    large = ent.signed_xml(padded(200_000), pair)
    assert browser.get(by_query(padded(20_000_000), pair)).status_code == 400
    assert Client().post(POST, ent.form(large)).status_code == 400
    assert Client().post(SOAP, enveloped(large), content_type="text/xml").status_code == 400
    assert is_signed_in(browser)
    good = ent.signed_xml(padded(1000), pair)
    assert Client().post(SOAP, enveloped(good), content_type="text/xml").status_code == 200
    assert not is_signed_in(browser)


@pytest.mark.parametrize("body", [b"", b"<a/>", b"<!DOCTYPE a []><a/>", b"\xff\xfe", enveloped(b"<a/>")])
def test_a_machine_that_says_anything_else_is_refused(browser: Client, body: bytes) -> None:
    assert Client().post(SOAP, body, content_type="text/xml").status_code == 400
    unsigned = enveloped(request_xml())
    assert Client().post(SOAP, unsigned, content_type="text/xml").status_code == 400 and is_signed_in(browser)


def test_the_others_that_cannot_be_told_make_it_partial(
    browser: Client, pair: Pair, foreign_pair: Pair, profile: SamlProfile
) -> None:
    asked = by_query(request_xml(), pair)
    told_too(another(profile, foreign_pair, {"binding": f"{BINDINGS}:HTTP-Redirect", "location": "https://c.example/"}))
    answer = browser.get(asked)
    assert ent.codes_of(answer_of(answer["Location"])) == ["Responder", "PartialLogout"]


@pytest.mark.parametrize(
    ("ends", "algorithm"),
    [("left", SignatureMethod.RSA_SHA256), ("blocked", SignatureMethod.RSA_SHA256), ("left", SignatureMethod.RSA_SHA1)],
)
def test_another_service_is_told_by_soap(
    browser: Client, foreign_pair: Pair, profile: SamlProfile, adama: Account, ours: str, ends: str, algorithm: Any
) -> None:
    def answers(body: bytes) -> bytes:
        request = ent.verified(taken_out(body), ours)
        assert request.findtext("saml:NameID", "", NAMES) == "_other"
        assert request.findtext("samlp:SessionIndex", "", NAMES) == "_i"
        root = etree.Element(f"{{{_SAMLP}}}LogoutResponse", InResponseTo=request.get("ID"), ID="_r")
        etree.SubElement(root, f"{{{_SAML}}}Issuer").text = "https://c.example/sp"
        status = etree.SubElement(root, f"{{{_SAMLP}}}Status")
        etree.SubElement(status, f"{{{_SAMLP}}}StatusCode", Value="urn:oasis:names:tc:SAML:2.0:status:Success")
        # Apache's mod_shib answers by SOAP in SHA-1, and its profile need not say so.
        return enveloped(ent.signed_xml(etree.tostring(root), foreign_pair, algorithm=algorithm))

    with listening() as listener:
        listener.answers = answers
        told_too(another(profile, foreign_pair, {"binding": f"{BINDINGS}:SOAP", "location": listener.url}))
        if ends == "left":
            browser.post("/deconnexion/")
        else:
            lifecycle.block([adama], reason="perdu", by="test:1", at=NOW + timedelta(seconds=1))
        farewells.notice_endings(at=NOW + timedelta(seconds=2))
        farewells.tell_due(at=NOW + timedelta(seconds=2))
        assert len(listener.heard) == 1
    assert Farewell.objects.get().fate == Fate.TOLD


def test_an_answer_that_is_not_one_is_not_believed(browser: Client, foreign_pair: Pair, profile: SamlProfile) -> None:
    with listening() as listener:
        told_too(another(profile, foreign_pair, {"binding": f"{BINDINGS}:SOAP", "location": listener.url}))
        browser.post("/deconnexion/")
        farewells.notice_endings(at=NOW)
        farewells.tell_due(at=NOW)
    assert Farewell.objects.get().fate == Fate.WAITING


@pytest.mark.parametrize("address", ["/logout", "/idp/profile/Logout"])
class TestWithoutMessage:
    """Where services send people who leave (FrEduUrlRetour)."""

    def test_from_a_service_of_the_visit_people_are_out_at_once(self, browser: Client, address: str) -> None:
        page = browser.get(address, headers={"Referer": "https://ent.example/"})
        assert page.status_code == 200 and not is_signed_in(browser)
        assert "fermez le navigateur" in page.content.decode() and "d’ici" in page.content.decode()

    @pytest.mark.parametrize(
        "referer", [None, "https://evil.example/", "https://ent.example.evil.example/", "http://["]
    )
    def test_from_anywhere_else_people_are_asked(self, browser: Client, address: str, referer: Any) -> None:
        page = browser.get(address, headers={"Referer": referer} if referer else {})
        assert "Voulez-vous vous déconnecter" in page.content.decode() and is_signed_in(browser)
        said = browser.post(address)
        assert "À bientôt" in said.content.decode() and not is_signed_in(browser)

    def test_without_a_visit_it_is_done_and_no_address_is_followed(self, client: Client, address: str) -> None:
        answer = client.get(address, {"next": "https://evil.example/", "return": "https://evil.example/"})
        assert answer["Location"] == "/deconnexion/faite/"

    def test_another_site_cannot_say_yes(self, browser: Client, address: str) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = browser.cookies
        assert strict.post(address).status_code == 403 and is_signed_in(browser)
