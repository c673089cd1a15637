"""Who leaves goes and tells the services that no machine of ours can tell, one at a time (saml/carried.py)."""

import base64
import re
import zlib
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from django.test import Client
from lxml import etree

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.federation.models import Assertion, Farewell, Fate, RelyingParty, SamlProfile, Trouble
from preau.identity.federation.saml import carried
from preau.identity.signin.models import Session
from tests.rooms.identity.federation.conftest import NOW, sign_in
from tests.rooms.identity.federation.saml import ent
from tests.rooms.identity.federation.saml.ent import NAMES, Pair
from tests.rooms.identity.federation.saml.schemas import judged
from tests.rooms.identity.federation.saml.wrappings import wrappings

BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings"
BYE = "https://ent.example/auth/saml/slo"
REDIRECT, POST = "/idp/profile/SAML2/Redirect/SLO", "/idp/profile/SAML2/POST/SLO"
_SAMLP, _SAML = NAMES["samlp"], NAMES["saml"]


@pytest.fixture(params=["HTTP-Redirect", "HTTP-POST"])
def binding(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def browser(profile: SamlProfile, adama: Account, client: Client, binding: str) -> Client:
    """Adama went into the ENT, twice, by the browser alone."""
    profile.logouts = [{"binding": f"{BINDINGS}:{binding}", "location": BYE, "response_location": ""}]
    profile.save()
    sign_in(client, adama)
    for _ in range(2):
        assert client.get(ent.query(ent.request_xml(NOW))).status_code == 200
    return client


def way_out(page: Any) -> str:
    """The link of the page that says good-bye, or empty."""
    found = re.findall(r'href="(/logout/service\?[^"]*)"', page.content.decode())
    return unescape(found[0]) if found else ""


def taken_there(answer: Any) -> tuple[etree._Element, str]:
    """What the browser is sent to the service with, and its RelayState."""
    if answer.status_code == 302:
        assert answer["Location"].startswith(f"{BYE}?")
        fields = {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}
        message = zlib.decompress(base64.b64decode(fields["SAMLRequest"]), -15)
    else:
        page = ent.page_of(answer)
        assert page.action == BYE and "https://ent.example" in answer["Content-Security-Policy"]
        fields, message = page.fields, base64.b64decode(page.fields["SAMLRequest"])
    assert "no-store" in answer["Cache-Control"] and answer["Referrer-Policy"] == "no-referrer"
    return judged(etree.fromstring(message)), fields["RelayState"]


def answer_xml(request_id: str, status: str = "Success", **changes: str) -> bytes:
    """The LogoutResponse of the ENT."""
    issuer = changes.pop("issuer", ent.ENTITY_ID)
    attributes = {"ID": ent.new_id(), "Version": "2.0", "IssueInstant": f"{NOW:%Y-%m-%dT%H:%M:%S.000Z}"}
    root = etree.Element(f"{{{_SAMLP}}}LogoutResponse", attributes | {"InResponseTo": request_id} | changes)
    etree.SubElement(root, f"{{{_SAML}}}Issuer").text = issuer
    holder = etree.SubElement(root, f"{{{_SAMLP}}}Status")
    etree.SubElement(holder, f"{{{_SAMLP}}}StatusCode", Value=f"urn:oasis:names:tc:SAML:2.0:status:{status}")
    return etree.tostring(root)


def by_query(xml: bytes, relay_state: str, pair: Pair | None) -> str:
    found = f"SAMLResponse={quote(ent.deflated(xml), safe='')}&RelayState={quote(relay_state, safe='')}"
    if pair is not None:
        found += f"&SigAlg={quote(ent.SHA256, safe='')}"
        made = pair.private.sign(found.encode(), padding.PKCS1v15(), hashes.SHA256())
        found += f"&Signature={quote(base64.b64encode(made).decode(), safe='')}"
    return f"{REDIRECT}?{found}"


def left(browser: Client) -> tuple[Any, etree._Element, str]:
    """Adama left, and goes and tells the ENT: the page, the request, its RelayState."""
    page = browser.post("/logout")
    return page, *taken_there(browser.get(way_out(page)))


def test_the_request_is_ours_and_names_the_visit_that_the_service_knows_last(
    browser: Client, binding: str, ours: str
) -> None:
    _, request, relay_state = left(browser)
    if binding == "HTTP-POST":
        request = ent.verified(request, ours)
    known = Assertion.objects.order_by("pk").last()
    assert known is not None and request.get("Destination") == BYE
    assert request.findtext("saml:NameID", "", NAMES) == known.name_id
    assert request.findtext("samlp:SessionIndex", "", NAMES) == known.session_index
    # > Bindings §3.4.3: the value MUST NOT exceed 80 bytes in length.
    assert len(relay_state) <= 80


@pytest.mark.parametrize("door", ["query", "form"])
def test_the_service_says_that_it_is_over_and_is_not_named_any_more(browser: Client, pair: Pair, door: str) -> None:
    page, request, relay_state = left(browser)
    assert "L’ENT « d’ici »" in page.content.decode()
    xml = answer_xml(request.get("ID", ""))
    if door == "query":
        page = Client().get(by_query(xml, relay_state, pair))
    else:
        fields = {"SAMLResponse": base64.b64encode(ent.signed_xml(xml, pair)).decode(), "RelayState": relay_state}
        page = Client().post(POST, fields)
    assert page.status_code == 200 and "Vous êtes aussi sorti" in page.content.decode() and not way_out(page)
    assert Farewell.objects.get().fate == Fate.TOLD


def test_a_service_that_says_no_is_still_named(browser: Client, pair: Pair) -> None:
    _, request, relay_state = left(browser)
    page = browser.get(by_query(answer_xml(request.get("ID", ""), "Responder"), relay_state, pair))
    assert "ne dit pas que vous en êtes sorti" in page.content.decode() and way_out(page)
    assert not Farewell.objects.exists()


@pytest.mark.parametrize(
    ("forge", "cause"),
    [
        (lambda xml, state, pair, foreign: by_query(xml, state, None), "wrong_signature"),
        (lambda xml, state, pair, foreign: by_query(xml, state, foreign), "wrong_signature"),
        (lambda xml, state, pair, foreign: by_query(xml, f"1{state}", pair), "stale_request"),
        (lambda xml, state, pair, foreign: by_query(xml, "", pair), "stale_request"),
        (lambda xml, state, pair, foreign: by_query(answer_xml("_other"), state, pair), "malformed"),
        (lambda xml, state, pair, foreign: by_query(answer_xml("_x", issuer="https://c.example"), state, pair),
         "wrong_signature"),
        (lambda xml, state, pair, foreign: by_query(answer_xml("_x", Destination=BYE), state, pair),
         "wrong_destination"),
        (lambda xml, state, pair, foreign: by_query(b"<!DOCTYPE a []><a/>", state, pair), "malformed"),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_one_changes_nothing(
    browser: Client, pair: Pair, foreign_pair: Pair, forge: Callable[..., str], cause: str
) -> None:
    _, request, relay_state = left(browser)
    page = browser.get(forge(answer_xml(request.get("ID", "")), relay_state, pair, foreign_pair))
    assert page.status_code == 400 and Trouble.objects.latest("pk").cause == cause
    assert not Farewell.objects.exists()


@pytest.mark.parametrize("number", range(8))
def test_a_wrapped_signature_says_nothing(browser: Client, pair: Pair, number: int) -> None:
    """The service said no, and signed it; the same signature is put beside a yes."""
    _, request, relay_state = left(browser)
    asked = request.get("ID", "")
    signed = ent.signed_xml(answer_xml(asked, "Responder", ID="_good"), pair)
    wrapped = wrappings(signed, answer_xml(asked, ID="_evil"))[number]
    fields = {"SAMLResponse": base64.b64encode(wrapped).decode(), "RelayState": relay_state}
    assert Client().post(POST, fields).status_code == 400
    assert not Farewell.objects.exists()


def test_nobody_is_sent_anywhere_by_a_link_that_is_not_ours_or_too_old(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = way_out(browser.post("/logout"))
    for wrong in (address.replace("de=", "de=1"), address[:-1], "/logout/service", "/logout/service?de=1.1.1%3Ax"):
        assert browser.get(wrong)["Location"] == "/deconnexion/faite/"
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=31))
    assert browser.get(address)["Location"] == "/deconnexion/faite/"


def test_a_visit_that_still_stands_is_nobodys_to_end(browser: Client) -> None:
    way = carried.Way(Session.objects.get(), RelyingParty.objects.get(), NOW)
    assert way.address and browser.get(way.address)["Location"] == "/deconnexion/faite/"


def test_a_service_that_was_cut_off_meanwhile_is_not_told(browser: Client) -> None:
    address = way_out(browser.post("/logout"))
    RelyingParty.objects.update(disabled_at=NOW)
    assert browser.get(address)["Location"] == "/deconnexion/faite/"


def test_two_requests_to_the_same_service_never_have_the_same_identifier(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = way_out(browser.post("/logout"))
    first, _ = taken_there(browser.get(address))
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=1))
    second, _ = taken_there(browser.get(address))
    assert first.get("ID") != second.get("ID")


def test_the_button_of_the_account_leads_there(browser: Client) -> None:
    assert '<form method="post" action="/logout">' in browser.get("/compte/").content.decode()
