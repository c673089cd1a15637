"""Signing on to a SAML service: who learns what, in which words, and who is told no."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.audit.models import Event
from preau.identity.directory.models import Pupil
from preau.identity.federation.models import Assertion, SamlProfile, Trouble
from preau.identity.signin.models import Session
from tests.rooms.identity.federation.conftest import NOW, PASSWORD, sign_in
from tests.rooms.identity.federation.saml import ent
from tests.rooms.identity.federation.saml.ent import NAMES, Pair

_REFEDS = "https://refeds.org/profile/mfa"
_PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"


@pytest.fixture
def browser(profile: SamlProfile, adama: Account, client: Client) -> Client:
    """Adama's, signed in."""
    sign_in(client, adama)
    return client


def test_a_pupil_goes_on_to_the_ent_with_a_signed_then_encrypted_assertion(
    browser: Client, pair: Pair, ours: str, profile: SamlProfile
) -> None:
    asked = ent.request_xml(NOW, ID="ENT_1", AssertionConsumerServiceIndex="1", AttributeConsumingServiceIndex="1")
    answer = browser.get(ent.query(asked))
    page = ent.page_of(answer)
    assert (page.action, page.fields["RelayState"]) == (ent.CONSUMER, "etat")
    response = ent.response_of(answer, ours)
    assert (response.get("Destination"), response.get("InResponseTo")) == (ent.CONSUMER, "ENT_1")
    assert ent.codes_of(response) == ["Success"]
    assertion = ent.assertion_of(response, pair, ours)
    name_id = assertion.find("saml:Subject/saml:NameID", NAMES)
    assert name_id is not None
    assert name_id.get("Format", "").endswith("transient")
    assert (name_id.get("NameQualifier"), name_id.get("SPNameQualifier")) == (f"{ent.US}/idp", ent.ENTITY_ID)
    conditions = assertion.find("saml:Conditions", NAMES)
    assert conditions is not None
    assert conditions.get("NotBefore") == "2026-11-24T08:59:00.000Z"
    assert conditions.get("NotOnOrAfter") == "2026-11-24T09:05:00.000Z"
    assert assertion.findtext(".//saml:Audience", "", NAMES) == ent.ENTITY_ID
    assert assertion.findtext(".//saml:AuthnContextClassRef", "", NAMES) == ent.PASSWORD_OVER_TLS
    told = ent.attributes_of(assertion)
    assert told["FrEduCtPersonAffiliation"] == ["eleve2d"]
    assert told["FrEduUrlRetour"] == [f"{ent.US}/idp/profile/Logout"]
    assert told["FrEduVecteur"][0].startswith("4|BELKACEM|Adama|")
    kept = Assertion.objects.get()
    assert (kept.name_id, kept.profile) == (name_id.text, profile)
    statement = assertion.find("saml:AuthnStatement", NAMES)
    assert statement is not None
    assert statement.get("SessionIndex") == kept.session_index
    visited = Event.objects.get(name="federation.visited")
    assert visited.facts["party"] == "ent-saml"
    assert "FrEduVecteur" in visited.facts["learnt"]


def test_the_page_that_carries_it_leaves_for_one_address_and_is_kept_nowhere(browser: Client) -> None:
    answer = browser.get(ent.query(ent.request_xml(NOW)))
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "form-action https://ent.example https:" in answer["Content-Security-Policy"]


def test_attributes_have_the_names_that_the_service_reads(
    browser: Client, pair: Pair, ours: str, profile: SamlProfile
) -> None:
    def names() -> dict[str, tuple[str, str]]:
        response = ent.response_of(browser.get(ent.query(ent.request_xml(NOW))), ours)
        found = ent.assertion_of(response, pair, ours).iterfind(".//saml:Attribute", NAMES)
        return {one.get("FriendlyName", ""): (one.get("Name", ""), one.get("NameFormat", "")[-6:]) for one in found}

    by_oid = names()
    assert by_oid["FrEduCtId"] == ("urn:oid:1.3.6.1.4.1.20326.10.999.1.57", "at:uri")
    assert by_oid["FrEduVecteur"] == ("FrEduVecteur", ":basic")
    SamlProfile.objects.update(naming="basic")
    assert names()["sn"] == ("sn", ":basic")


def test_what_has_no_saml_name_never_leaves(browser: Client, pair: Pair, ours: str, profile: SamlProfile) -> None:
    profile.party.attributes = ["children", "FrEduCtEleveINE", "kind", "school"]
    profile.party.save()
    response = ent.response_of(browser.get(ent.query(ent.request_xml(NOW))), ours)
    told = ent.attributes_of(ent.assertion_of(response, pair, ours))
    assert not {"children", "FrEduCtEleveINE", "kind", "school"} & told.keys()


def test_a_name_that_is_markup_arrives_byte_for_byte(browser: Client, pair: Pair, ours: str, adama: Account) -> None:
    hostile = "</saml:AttributeValue><saml:AttributeValue>eleve1d & ]]> \"'"
    Pupil.objects.filter(pk=adama.pupil_id).update(first_name=hostile)
    response = ent.response_of(browser.get(ent.query(ent.request_xml(NOW))), ours)
    assert ent.attributes_of(ent.assertion_of(response, pair, ours))["givenName"] == [hostile]


def test_old_services_get_the_cipher_they_know(browser: Client, pair: Pair, ours: str) -> None:
    SamlProfile.objects.update(content_encryption="cbc")
    response = ent.response_of(browser.get(ent.query(ent.request_xml(NOW))), ours)
    method = response.find(".//xenc:EncryptedData/xenc:EncryptionMethod", NAMES)
    assert method is not None
    assert method.get("Algorithm", "").endswith("aes256-cbc")
    assert ent.attributes_of(ent.assertion_of(response, pair, ours))


def test_metadata_that_name_one_cipher_are_obeyed(browser: Client, pair: Pair, ours: str) -> None:
    SamlProfile.objects.update(encryption_methods=["http://www.w3.org/2001/04/xmlenc#aes128-cbc"])
    response = ent.response_of(browser.get(ent.query(ent.request_xml(NOW))), ours)
    method = response.find(".//xenc:EncryptedData/xenc:EncryptionMethod", NAMES)
    assert method is not None
    assert method.get("Algorithm", "").endswith("aes128-cbc")
    assert ent.attributes_of(ent.assertion_of(response, pair, ours))


def test_without_a_key_nothing_leaves_unless_the_operator_said_so(browser: Client, ours: str) -> None:
    SamlProfile.objects.update(encryption_certificates=[])
    assert browser.get(ent.query(ent.request_xml(NOW))).status_code == 400
    assert not Assertion.objects.exists()
    SamlProfile.objects.update(is_clear_accepted=True)
    response = ent.response_of(browser.get(ent.query(ent.request_xml(NOW))), ours)
    assert response.find("saml:Assertion", NAMES) is not None


def test_who_is_not_signed_in_signs_in_then_goes_on(
    profile: SamlProfile, adama: Account, client: Client, pair: Pair, ours: str
) -> None:
    door = client.get(ent.query(ent.request_xml(NOW, ID="ENT_2")))
    back_to = parse_qs(urlsplit(door["Location"]).query)["suite"][0]
    form = {"username": adama.username, "password": PASSWORD, "suite": back_to}
    client.post("/connexion/eleve/", form)
    answer = client.get(back_to)
    assert ent.response_of(answer, ours).get("InResponseTo") == "ENT_2"


def test_a_request_by_post_comes_back_by_get_before_the_visit_is_read(browser: Client, ours: str, pair: Pair) -> None:
    xml = ent.signed_xml(ent.request_xml(NOW, ID="ENT_3", Destination=f"{ent.US}{ent.POST}"), pair)
    bounced = browser.post(ent.POST, ent.form(xml, 'ss:mem:1<">'))
    assert bounced.status_code == 303
    answer = browser.get(bounced["Location"])
    assert ent.response_of(answer, ours).get("InResponseTo") == "ENT_3"
    assert ent.page_of(answer).fields["RelayState"] == 'ss:mem:1<">'


def test_without_relay_state_the_field_is_there_and_empty(browser: Client) -> None:
    page = ent.page_of(browser.get(ent.query(ent.request_xml(NOW), relay_state=None)))
    assert page.fields["RelayState"] == ""


@pytest.mark.parametrize(("changes", "consumer"), [
    ({"AssertionConsumerServiceURL": None}, ent.OTHER_CONSUMER),
    ({"AssertionConsumerServiceURL": None, "AssertionConsumerServiceIndex": "1"}, ent.CONSUMER),
    ({"AssertionConsumerServiceURL": ent.OTHER_CONSUMER, "AssertionConsumerServiceIndex": "1"}, ent.OTHER_CONSUMER),
])  # fmt: skip
def test_the_answer_goes_to_the_address_then_the_index_then_the_default(
    browser: Client, changes: dict[str, str | None], consumer: str
) -> None:
    assert ent.page_of(browser.get(ent.query(ent.request_xml(NOW, **changes)))).action == consumer


def test_a_sign_on_that_begins_here(browser: Client, pair: Pair, ours: str) -> None:
    address = f"/idp/profile/SAML2/Unsolicited/SSO?providerId={ent.ENTITY_ID}&target=https%3A%2F%2Fent.example%2Fici"
    answer = browser.get(address)
    response = ent.response_of(answer, ours)
    assert response.get("InResponseTo") is None
    assert ent.page_of(answer).action == ent.OTHER_CONSUMER
    assert ent.page_of(answer).fields["RelayState"] == "https://ent.example/ici"
    assertion = ent.assertion_of(response, pair, ours)
    data = assertion.find(".//saml:SubjectConfirmationData", NAMES)
    assert data is not None
    assert data.get("InResponseTo") is None
    assert browser.get(f"{address}&shire={ent.CONSUMER}").status_code == 200


@pytest.mark.parametrize("more", [
    "&shire=https%3A%2F%2Fmechant.example%2Facs", "&time=1", "&time=demain", "&target=" + "a" * 600,
    "&providerId=autre", "&time=999999999999",
])  # fmt: skip
def test_a_sign_on_that_begins_here_goes_nowhere_else(browser: Client, more: str) -> None:
    answer = browser.get(f"/idp/profile/SAML2/Unsolicited/SSO?providerId={ent.ENTITY_ID}{more}")
    assert answer.status_code == 400
    assert "data-onwards" not in answer.content.decode()


def test_force_authn_asks_for_a_new_proof_and_says_when_it_was(
    browser: Client, adama: Account, pair: Pair, ours: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = NOW.replace(minute=10)
    monkeypatch.setattr(clock, "now", lambda: later)
    door = browser.get(ent.query(ent.request_xml(later, ForceAuthn="true")))
    assert "de-nouveau=1" in door["Location"]
    back_to = parse_qs(urlsplit(door["Location"]).query)["suite"][0]
    assert browser.get(back_to).status_code == 302, "the old proof does not do"
    sign_in(browser, adama)
    response = ent.response_of(browser.get(back_to), ours)
    statement = ent.assertion_of(response, pair, ours).find("saml:AuthnStatement", NAMES)
    assert statement is not None
    assert statement.get("AuthnInstant") == "2026-11-24T09:10:00.000Z"


def test_is_passive_never_shows_a_page(profile: SamlProfile, client: Client, ours: str) -> None:
    response = ent.response_of(client.get(ent.query(ent.request_xml(NOW, IsPassive="true"))), ours)
    assert ent.codes_of(response) == ["Responder", "NoPassive"]
    assert response.find("saml:EncryptedAssertion", NAMES) is None


@pytest.mark.parametrize(("amr", "changes", "codes"), [
    ("pwd", {"context": _REFEDS}, ["Responder", "NoAuthnContext"]),
    ("pwd otp mfa", {"context": _REFEDS}, ["Success"]),
    ("swk user mfa", {"context": _REFEDS}, ["Success"]),
    ("fc pwd", {"context": _REFEDS}, ["Responder", "NoAuthnContext"]),
    ("pwd", {"context": _REFEDS, "comparison": "minimum"}, ["Responder", "NoAuthnContext"]),
    ("pwd otp mfa", {"comparison": "minimum"}, ["Success"]),
    ("pwd", {"comparison": "better"}, ["Responder", "NoAuthnContext"]),
    ("pwd otp mfa", {"comparison": "better"}, ["Success"]),
    ("pwd", {"context": "urn:oasis:names:tc:SAML:2.0:ac:classes:Kerberos"}, ["Responder", "NoAuthnContext"]),
    ("pwd", {"policy": _PERSISTENT}, ["Requester", "InvalidNameIDPolicy"]),
    ("pwd", {"policy": _EMAIL}, ["Requester", "InvalidNameIDPolicy"]),
    ("pwd", {"policy": "urn:x"}, ["Requester", "InvalidNameIDPolicy"]),
    ("pwd", {"Version": "1.1"}, ["VersionMismatch"]),
    ("pwd", {"ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"},
     ["Responder", "UnsupportedBinding"]),
])  # fmt: skip
def test_what_cannot_be_answered_is_told_to_the_service(
    browser: Client, ours: str, amr: str, changes: dict[str, str], codes: list[str]
) -> None:
    Session.objects.update(amr=amr)
    assert ent.codes_of(ent.response_of(browser.get(ent.query(ent.request_xml(NOW, **changes))), ours)) == codes


def test_persistent_names_are_this_services_own_and_email_needs_a_policy(
    browser: Client, pair: Pair, ours: str, adama: Account
) -> None:
    SamlProfile.objects.update(name_id_formats=["persistent", "email"])

    def called(policy: str) -> str | None:
        response = ent.response_of(browser.get(ent.query(ent.request_xml(NOW, policy=policy))), ours)
        return ent.assertion_of(response, pair, ours).findtext("saml:Subject/saml:NameID", None, NAMES)

    first = called(_PERSISTENT)
    assert first == called(_PERSISTENT)
    assert first is not None
    assert first == first.lower()
    assert called(_EMAIL) == adama.email


def test_who_it_is_not_for_is_told_so_here(browser: Client, profile: SamlProfile) -> None:
    profile.party.audience = ["guardian"]
    profile.party.save()
    page = browser.get(ent.query(ent.request_xml(NOW)))
    assert page.status_code == 403 and "pas ouvert aux élèves" in page.content.decode()
    profile.party.audience, profile.party.schools = ["pupil"], ["0750680G"]
    profile.party.save()
    page = browser.get(ent.query(ent.request_xml(NOW)))
    assert page.status_code == 403 and "pas proposé à ton établissement" in page.content.decode()
    assert set(Trouble.objects.values_list("cause", flat=True)) == {"wrong_kind", "not_served"}
    assert not Assertion.objects.exists()
