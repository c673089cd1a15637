"""The service of test by SAML: an operator connects it, somebody signs in to it, and it shows what it checked."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from lxml import etree

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.federation import profiles, registration, signing
from preau.identity.federation.checks import CannotRegister
from preau.identity.federation.models import Assertion, RelyingParty
from preau.identity.federation.saml import signatures, trial
from preau.identity.staff.models import Role
from tests.rooms.identity.console.world import make_world
from tests.rooms.identity.federation.conftest import NOW, sign_in
from tests.rooms.identity.federation.notice_form import is_shown, leads_to, say
from tests.rooms.identity.federation.saml import ent
from tests.rooms.identity.federation.saml.schemas import judged
from tests.rooms.identity.federation.saml.wrappings import wrappings
from tests.rooms.identity.federation.small_service import metadata

DOOR, RECEIVED, CONNECT = "/services/essai/", "/services/essai/recu/", "/gestion/services/ajouter/essai/"


@pytest.fixture
def party(db: None) -> RelyingParty:
    return trial.connect(by="staff:1", at=NOW)


@pytest.fixture
def browser(party: RelyingParty, adama: Account, client: Client) -> Client:
    """Adama's, signed in."""
    sign_in(client, adama)
    return client


def noticed(browser: Client) -> Any:
    """From the door to the page that says what the service learns."""
    assert f'href="{trial.start()}"' in browser.get(DOOR).content.decode()
    page = browser.get(browser.get(trial.start())["Location"])
    assert is_shown(page)
    return page


def answered(browser: Client) -> ent.Page:
    """The same, to the page that posts the answer."""
    return ent.page_of(browser.get(leads_to(say(browser, noticed(browser), "oui"))))


def posted(page: ent.Page, **changes: str) -> Any:
    """The answer, in a browser without cookie: what is in it is enough."""
    assert page.action == f"{ent.US}{RECEIVED}"
    return Client(enforce_csrf_checks=True).post(RECEIVED, {**page.fields, **changes})


def test_until_an_operator_connects_it_and_once_it_is_cut_off_it_is_nowhere(client: Client, db: None) -> None:
    assert client.get(DOOR).status_code == client.post(RECEIVED).status_code == 404
    party = trial.connect(by="staff:1", at=NOW)
    assert client.get(DOOR).status_code == 200
    registration.disable(party, by="staff:1", at=NOW)
    assert client.get(DOOR).status_code == client.post(RECEIVED).status_code == 404


def test_all_that_it_received_is_shown_beside_its_meaning(browser: Client, party: RelyingParty, adama: Account) -> None:
    registration.change(party, scopes=["profile", "ent"], by="staff:1", at=NOW)
    answer = posted(answered(browser))
    page = answer.content.decode()
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert "Votre prénom" in page and "Adama" in page and "4|BELKACEM|Adama|" in page
    assert "givenName · urn:oid:2.5.4.42" in page and ent.PASSWORD_OVER_TLS in page
    assert "telle qu’elle est arrivée" in page and "&lt;saml:AttributeStatement" in page
    assert Event.objects.get(name=Events.PARTY_VISITED).facts["party"] == trial.CLIENT_ID


def test_who_says_no_gives_it_nothing(browser: Client) -> None:
    assert leads_to(say(browser, noticed(browser), "non")) == "/"
    assert not Assertion.objects.exists()


def test_what_was_changed_or_is_for_another_shows_nothing(
    browser: Client, monkeypatch: pytest.MonkeyPatch, profile: Any
) -> None:
    page = answered(browser)
    sent = page.fields["SAMLResponse"]
    profile.encryption_certificates, profile.is_clear_accepted = [], True
    profile.save()
    of_the_ent = ent.page_of(browser.get(ent.query(ent.request_xml(NOW)))).fields["SAMLResponse"]
    for encoded in ("", "é", "AAAA", sent[:-400], sent[:400] + "A" + sent[401:], of_the_ent, "A" * 400_000):
        answer = posted(page, SAMLResponse=encoded)
        assert answer.status_code == 400 and "n’a rien reçu" in answer.content.decode()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=6))
    assert "a trop attendu" in posted(page).content.decode()


@pytest.mark.parametrize("number", range(8))
def test_a_wrapped_signature_shows_nothing(browser: Client, number: int) -> None:
    page = answered(browser)
    signed = base64.b64decode(page.fields["SAMLResponse"])
    evil = etree.fromstring(signed.replace(b">Adama<", b">Quelqu-un d-autre<"))
    evil.remove(evil.find("ds:Signature", ent.NAMES))
    evil.set("ID", "_evil")
    wrapped = wrappings(signed, etree.tostring(evil))[number]
    assert posted(page, SAMLResponse=base64.b64encode(wrapped).decode()).status_code == 400


@pytest.mark.parametrize(("where", "name"), [
    (".", "Destination"), (".//{*}SubjectConfirmationData", "Recipient"), (".//{*}Audience", ""),
])  # fmt: skip
def test_what_this_site_signs_for_another_shows_nothing(browser: Client, where: str, name: str) -> None:
    page = answered(browser)
    root = etree.fromstring(base64.b64decode(page.fields["SAMLResponse"]))
    root.remove(root.find("ds:Signature", ent.NAMES))
    found = root.find(where)
    if name:
        found.set(name, "https://ent.example/auth/saml/acs")
    else:
        found.text = "https://ent.example/"
    signed = signatures.sign(root, key=signing.saml_ring(at=NOW).signing)
    assert posted(page, SAMLResponse=base64.b64encode(etree.tostring(signed)).decode()).status_code == 400


def test_the_operator_connects_it_by_one_button_tries_it_and_cuts_it_off(db: None) -> None:
    world = make_world(NOW)
    world.member("operator", Role.OPERATOR, None)
    operator = world.browser("operator", own_factor=True)
    assert "Raccorder le service d’essai par SAML 2.0" in operator.get("/gestion/services/ajouter/").content.decode()
    assert operator.post(CONNECT)["Location"] == f"/gestion/services/{trial.CLIENT_ID}/?fait=raccorde"
    made = RelyingParty.objects.get()
    judged(etree.fromstring(made.saml.metadata.encode()))
    assert (made.scopes, made.notice) == (["profile"], "tell")
    assert Event.objects.get(name=Events.PARTY_REGISTERED).by.startswith("staff:")
    page = operator.get(f"/gestion/services/{trial.CLIENT_ID}/").content.decode()
    assert (
        f'href="{DOOR}"' in page and "C’est le service d’essai de ce site" in page and "ce qui s’est glissé" not in page
    )
    operator.post(f"/gestion/services/{trial.CLIENT_ID}/couper/")
    assert f'href="{DOOR}"' not in operator.get(f"/gestion/services/{trial.CLIENT_ID}/").content.decode()
    operator.post(CONNECT)
    assert RelyingParty.objects.in_use().get() == made


def test_a_name_already_taken_is_told(db: None) -> None:
    copy = profiles.read(metadata(), at=NOW)
    profiles.register_saml(client_id=trial.CLIENT_ID, copy=copy, by="t:1", at=NOW)
    with pytest.raises(CannotRegister):
        trial.connect(by="staff:1", at=NOW)
    world = make_world(NOW)
    world.member("operator", Role.OPERATOR, None)
    assert world.browser("operator", own_factor=True).post(CONNECT).status_code == 409
