"""The ENT as its visitors and Préau see it: in, out, and everything that does not get in."""

import base64
import copy
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.http import HttpResponse
from django.test import Client
from lxml import etree

from preau import clock
from preau.simulators.ent import provider
from preau.simulators.ent.faults import FAULTS
from preau.simulators.ent.keys import own
from preau.simulators.ent.visits import memory
from tests.rooms.identity.federation.saml.schemas import judged
from tests.rooms.simulators.ent.small_preau import (
    DS,
    ENT,
    MD,
    SAML,
    SAMLP,
    Element,
    Pair,
    SmallPreau,
    encoded,
    instant,
    question_of,
    sealed,
)

Spoil = Callable[[Element], None]


@pytest.fixture
def preau(settings: Any) -> Iterator[SmallPreau]:
    """The provider, well-behaved until told otherwise."""
    running = SmallPreau()
    settings.IDENTITY_URL = running.url
    yield running
    running.close()


def ask(client: Client, panne: str = "") -> Element:
    """Press « Se connecter »: the question that leaves."""
    return question_of(client.get(f"/ent/connexion/?panne={panne}")["Location"])


def come_back(client: Client, response: Element) -> HttpResponse:
    """Post an answer, then follow as a browser does."""
    return client.post("/ent/retour/", {"SAMLResponse": encoded(response)}, follow=True)


def sign_in(client: Client, preau: SmallPreau, spoil: Spoil | None = None) -> HttpResponse:
    """From the button to the page."""
    return come_back(client, preau.sign(preau.response(ask(client), at=clock.now(), spoil=spoil)))


def is_in(client: Client) -> bool:
    """Whether the ENT knows who this is."""
    return "Bonjour" in client.get("/ent/").content.decode()


# In -------------------------------------------------------------------------------------------------------------------
def test_one_is_greeted_by_name_and_reads_every_attribute_beside_its_meaning(client: Client, preau: SmallPreau) -> None:
    page = sign_in(client, preau).content.decode()
    assert "Bonjour Samira Belkacem" in page
    assert "Préau vous dit responsable, second degré" in page
    assert "sn · urn:oid:2.5.4.4" in page and "Qui c’est, et pour quel élève" in page
    assert page.count("2|BELKACEM|Samira|") == 2 and "élève n° 500001 de 0991234D" in page


def test_what_it_does_not_know_is_shown_and_never_run(client: Client, preau: SmallPreau) -> None:
    page = sign_in(client, preau).content.decode()
    assert "Attribut que cet ENT ne connaît pas" in page
    assert "&lt;script&gt;" in page and "<script>" not in page.partition("<main")[2]


def test_a_sealed_assertion_is_opened_with_the_key_of_its_metadata(client: Client, preau: SmallPreau) -> None:
    metadata = etree.fromstring(client.get("/ent/metadata").content)
    (key,) = metadata.iterfind(f".//{{{MD}}}KeyDescriptor[@use='encryption']//{{{DS}}}X509Certificate")
    sign_in(client, preau, lambda root: sealed(root, key.text or ""))
    assert is_in(client)


def test_the_question_is_signed_and_names_its_address(client: Client, preau: SmallPreau) -> None:
    address = client.get("/ent/connexion/")["Location"]
    asked = question_of(address)
    assert (
        asked.get("AssertionConsumerServiceURL") == f"{ENT}retour/" and asked.get("Destination") == f"{preau.url}/SSO"
    )
    covered, _, signature = urlsplit(address).query.partition("&Signature=")
    metadata = etree.fromstring(client.get("/ent/metadata").content)
    der = metadata.findtext(f".//{{{DS}}}X509Certificate") or ""
    public = x509.load_der_x509_certificate(base64.b64decode(der)).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    made = base64.b64decode(parse_qs(f"s={signature}")["s"][0])
    public.verify(made, covered.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_preau_may_turn_its_keys(client: Client, preau: SmallPreau) -> None:
    sign_in(client, preau)
    preau.key = preau.published = Pair()
    other = Client()
    sign_in(other, preau)
    assert is_in(other)


# What does not get in -------------------------------------------------------------------------------------------------
def _set(path: str, attribute: str, value: str) -> Spoil:
    def spoil(root: Element) -> None:
        found = root if not path else root.find(f".//{{{SAML}}}{path}")
        assert found is not None
        found.set(attribute, value)

    return spoil


def _say(path: str, words: str) -> Spoil:
    def spoil(root: Element) -> None:
        for found in root.iter(f"{{{SAML}}}{path}"):
            found.text = words

    return spoil


OLD, LATER = (instant(clock.now() + timedelta(hours=hours)) for hours in (-1, 1))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_set("", "Destination", "https://ailleurs.example/"), "Destination"),
        (_say("Issuer", "https://ailleurs.example/idp"), "Issuer"),
        (_set("SubjectConfirmationData", "Recipient", "https://ailleurs.example/"), "Recipient"),
        (_set("SubjectConfirmationData", "InResponseTo", "_another"), "InResponseTo"),
        (_say("Audience", "https://ailleurs.example/"), "Audience"),
        (_set("Conditions", "NotOnOrAfter", OLD), "horloges"),
        (_set("Conditions", "NotBefore", LATER), "horloges"),
        (_set("Conditions", "NotOnOrAfter", "hier"), "ne se lit pas"),
        (lambda root: root.remove(root[-1]), "pas d’assertion"),
        (lambda root: sealed(root, Pair().der), "pas chiffrée pour notre clé"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_an_answer_that_is_not_for_us_now_opens_nothing(
    client: Client, preau: SmallPreau, spoil: Spoil, why: str
) -> None:
    refused = sign_in(client, preau, spoil)
    assert refused.status_code == 400 and why in refused.content.decode()
    assert not is_in(client)


def test_an_error_of_preau_is_told_in_its_words(client: Client, preau: SmallPreau) -> None:
    def decline(root: Element) -> None:
        root.remove(root[-1])
        code = root.find(f".//{{{SAMLP}}}StatusCode")
        assert code is not None
        code.set("Value", "urn:oasis:names:tc:SAML:2.0:status:Responder")
        within = "urn:oasis:names:tc:SAML:2.0:status:NoPassive"
        etree.SubElement(code, f"{{{SAMLP}}}StatusCode", Value=within)

    assert "Responder, NoPassive" in sign_in(client, preau, decline).content.decode()


def test_an_answer_serves_once(client: Client, preau: SmallPreau) -> None:
    answer = preau.sign(preau.response(ask(client), at=clock.now()))
    come_back(client, answer)
    assert "a déjà servi" in come_back(client, answer).content.decode()


def test_an_answer_to_nobodys_question_opens_nothing(client: Client, preau: SmallPreau) -> None:
    question = ask(client)
    question.set("ID", "_never-asked")
    come_back(client, preau.sign(preau.response(question, at=clock.now())))
    assert not is_in(client)


def test_an_answer_brought_to_another_browser_opens_nothing_there(client: Client, preau: SmallPreau) -> None:
    answer = preau.sign(preau.response(ask(client), at=clock.now()))
    victim = Client()
    assert "dans un autre navigateur" in come_back(victim, answer).content.decode()
    assert not is_in(victim)


def test_another_key_an_altered_answer_and_an_unsigned_one_are_refused(client: Client, preau: SmallPreau) -> None:
    fair = preau.response(ask(client), at=clock.now())
    altered = preau.sign(copy.deepcopy(fair))
    _say("AttributeValue", "Quelqu’un d’autre")(altered)
    preau.key = Pair()
    for answer in (fair, altered, preau.sign(fair)):
        assert come_back(client, answer).status_code == 400
    assert not is_in(client)


def test_a_signed_answer_wrapped_in_another_is_refused(client: Client, preau: SmallPreau) -> None:
    asked = ask(client)
    fair = preau.sign(preau.response(asked, at=clock.now()))
    evil = preau.response(asked, at=clock.now(), spoil=_set("", "ID", "_evil"))
    signature = fair.find(f"{{{DS}}}Signature")
    assert signature is not None
    fair.remove(signature)
    evil.insert(1, signature)  # the signature of the fair one, in an evil one that holds it
    etree.SubElement(signature, f"{{{DS}}}Object").append(fair)
    assert come_back(client, evil).status_code == 400
    beside = preau.sign(preau.response(asked, at=clock.now()))
    twin = copy.deepcopy(beside.find(f"{{{SAML}}}Assertion"))
    assert twin is not None
    beside.append(twin)
    assert come_back(client, beside).status_code == 400
    assert not is_in(client)


@pytest.mark.parametrize("raw", [b"", b"<", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"<a/>", b"\xff" * 20])
def test_what_is_no_answer_is_refused_without_a_fault(client: Client, preau: SmallPreau, raw: bytes) -> None:
    refused = client.post("/ent/retour/", {"SAMLResponse": base64.b64encode(raw).decode()})
    assert refused.status_code == 400 and "ne vous a pas laissé entrer" in refused.content.decode()
    assert client.post("/ent/retour/", {"SAMLResponse": "é"}).status_code == 400


def test_without_preau_the_door_says_so(client: Client, settings: Any, free_port: int) -> None:
    settings.IDENTITY_URL = f"http://127.0.0.1:{free_port}"
    assert client.get("/ent/connexion/").status_code == 503
    with pytest.raises(provider.Unreachable):
        provider.preau()


# Out ------------------------------------------------------------------------------------------------------------------
def test_its_button_ends_the_visit_here_and_asks_preau_to_end_its_own(client: Client, preau: SmallPreau) -> None:
    sign_in(client, preau)
    left = client.post("/ent/deconnexion/")
    asked = question_of(left["Location"])
    assert left.status_code == 303 and left["Location"].startswith(f"{preau.url}/SLO?")
    assert asked.findtext(f"{{{SAMLP}}}SessionIndex") == "visit-1"
    name = asked.find(f"{{{SAML}}}NameID")
    assert name is not None and (name.text, name.get("SPNameQualifier")) == ("opaque-1", ENT)
    assert not is_in(client)


BOTH = "De l’ENT Les Rives et de Préau"
SUCCESS, RESPONDER, REQUESTER, PARTIAL = (
    f"urn:oasis:names:tc:SAML:2.0:status:{one}" for one in ("Success", "Responder", "Requester", "PartialLogout")
)


@pytest.mark.parametrize(
    ("codes", "is_both"), [([SUCCESS], True), ([RESPONDER, PARTIAL], True), ([REQUESTER], False), ([], False)]
)
def test_the_last_page_says_both_when_preau_says_so(
    client: Client, preau: SmallPreau, codes: list[str], is_both: bool
) -> None:
    page = client.get(f"/ent/deconnexion/retour/?{preau.left(codes)}").content.decode()
    assert (BOTH in page) is is_both and "Vous êtes déconnecté" in page


def test_the_last_page_believes_nobody_else(client: Client, preau: SmallPreau) -> None:
    fair = preau.left([SUCCESS])
    elsewhere = preau.left([SUCCESS], to="https://ailleurs.example/")
    preau.key = Pair()
    for query in ("", "SAMLResponse=x", fair + "x", fair.replace("SAMLResponse=", "SAMLResponse=A"), elsewhere,
                  preau.left([SUCCESS]), fair.partition("&SigAlg")[0], "Signature=é&SAMLResponse=é"):  # fmt: skip
        assert BOTH not in client.get(f"/ent/deconnexion/retour/?{query}").content.decode()


def test_preaus_machine_ends_the_visit(client: Client, preau: SmallPreau) -> None:
    sign_in(client, preau)
    told = Client().post("/ent/deconnexion/annonce/", preau.over(at=clock.now()), content_type="text/xml")
    answer = etree.fromstring(told.content)[0][0]
    assert told.status_code == 200 and answer.get("InResponseTo") == "_over"
    assert not is_in(client)


def test_a_browser_that_preau_sends_ends_the_visit_and_goes_back_with_the_answer(
    client: Client, preau: SmallPreau
) -> None:
    sign_in(client, preau)
    back = client.get(f"/ent/deconnexion/retour/?{preau.asks_to_leave(at=clock.now())}")["Location"]
    assert back.startswith(f"{preau.url}/SLO?SAMLResponse=") and not is_in(client)
    said = parse_qs(urlsplit(back).query)
    answer = judged(etree.fromstring(zlib.decompress(base64.b64decode(said["SAMLResponse"][0]), -15)))
    assert (answer.get("InResponseTo"), answer.get("Destination")) == ("_over", f"{preau.url}/SLO")
    assert said["RelayState"] == ["chemin:1"] and "Success" in etree.tostring(answer).decode()
    covered, _, signature = urlsplit(back).query.partition("&Signature=")
    own().private.public_key().verify(
        base64.b64decode(parse_qs(f"s={signature}")["s"][0]), covered.encode(), padding.PKCS1v15(), hashes.SHA256()
    )


def test_what_a_browser_carries_ends_nothing_unless_preau_says_so_of_this_visit(
    client: Client, preau: SmallPreau
) -> None:
    sign_in(client, preau)
    at, fair = clock.now(), preau.asks_to_leave(at=clock.now())
    elsewhere = preau.asks_to_leave(at=at, to="https://ailleurs.example/")
    old, other = preau.asks_to_leave(at=at - timedelta(days=1)), preau.asks_to_leave(at=at, name_id="another")
    assert client.get(f"/ent/deconnexion/retour/?{other}").status_code == 303
    preau.key = Pair()
    foreign = preau.asks_to_leave(at=at)
    for query in (fair.replace("chemin", "ailleurs"), fair.partition("&SigAlg")[0], elsewhere, old, foreign,
                  "SAMLRequest=x&Signature=x"):  # fmt: skip
        assert client.get(f"/ent/deconnexion/retour/?{query}").status_code == 400
    assert is_in(client)


def test_what_it_says_is_as_the_schemas_say(client: Client, preau: SmallPreau) -> None:
    judged(etree.fromstring(client.get("/ent/metadata").content))
    judged(ask(client))
    sign_in(client, preau)
    judged(question_of(client.post("/ent/deconnexion/")["Location"]))
    sign_in(client, preau)
    told = client.post("/ent/deconnexion/annonce/", preau.over(at=clock.now()), content_type="text/xml")
    judged(etree.fromstring(told.content))


@pytest.mark.parametrize("over", [{"name_id": "another"}, {"indexes": ("another",)}])
def test_somebody_elses_end_is_not_ours(client: Client, preau: SmallPreau, over: dict[str, Any]) -> None:
    sign_in(client, preau)
    told = Client().post("/ent/deconnexion/annonce/", preau.over(at=clock.now(), **over), content_type="text/xml")
    assert told.status_code == 200 and is_in(client)


def test_an_end_that_preau_did_not_sign_or_of_yesterday_ends_nothing(client: Client, preau: SmallPreau) -> None:
    sign_in(client, preau)
    fair = preau.over(at=clock.now())
    old = preau.over(at=clock.now() - timedelta(days=1))
    preau.key = Pair()
    for raw in (fair.replace(b"opaque-1", b"opaque-2"), old, preau.over(at=clock.now()), b"<a/>", b""):
        assert Client().post("/ent/deconnexion/annonce/", raw, content_type="text/xml").status_code == 400
    assert is_in(client)


def test_a_visit_ends_when_preau_said_it_would(client: Client, preau: SmallPreau) -> None:
    at = clock.now()
    sign_in(client, preau, _set("AuthnStatement", "SessionNotOnOrAfter", instant(at + timedelta(minutes=5))))
    token = client.cookies["ent-les-rives"].value
    assert memory.visit(token, at=at) is not None
    assert memory.visit(token, at=at + timedelta(minutes=6)) is None


# For operators --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("panne", FAULTS)
def test_each_broken_request_differs_from_the_good_one(client: Client, preau: SmallPreau, panne: str) -> None:
    address = client.get(f"/ent/connexion/?panne={panne}")["Location"]
    asked, at = question_of(address), clock.now()
    wrong = {
        "inconnu": asked.findtext(f"{{{SAML}}}Issuer") != f"{ENT}metadata",
        "retour": asked.get("AssertionConsumerServiceURL") != f"{ENT}retour/",
        "signature": "RelayState=x" in address,
        "heure": (asked.get("IssueInstant") or "") < instant(at - timedelta(minutes=5)),
        "destination": asked.get("Destination") != f"{preau.url}/SSO",
    }
    assert [one for one, is_wrong in wrong.items() if is_wrong] == [panne]
