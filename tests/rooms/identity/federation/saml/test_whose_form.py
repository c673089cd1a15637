"""Whose sign-in form opens for a service: the profile it names, or its only audience."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from preau.identity.accounts.models import Account
from preau.identity.federation.models import RelyingParty, SamlProfile
from tests.rooms.identity.federation.conftest import CALLBACK, NOW, PASSWORD, question
from tests.rooms.identity.federation.saml import ent

UNASKED = f"/idp/profile/SAML2/Unsolicited/SSO?providerId={ent.ENTITY_ID}"
FORMS = [("eleve", "/connexion/eleve/"), ("responsable", "/connexion/responsable/"), ("directeur", "/connexion/")]
AUDIENCES = [(["pupil"], "/connexion/eleve/"), (["guardian"], "/connexion/responsable/")]


def _arrived(client: Client, address: str) -> str:
    """The page where one signs in, with no other redirection than ours."""
    return str(client.get(address, follow=True).request["PATH_INFO"])


@pytest.mark.parametrize(("hint", "form"), FORMS)
def test_saml_by_query_opens_the_form_named(client: Client, profile: SamlProfile, hint: str, form: str) -> None:
    assert _arrived(client, f"{ent.query(ent.request_xml(NOW))}&profil={hint}") == form


@pytest.mark.parametrize(("hint", "form"), FORMS)
def test_saml_by_form_opens_the_form_named(client: Client, profile: SamlProfile, hint: str, form: str) -> None:
    sent = client.post(f"{ent.POST}?profil={hint}", ent.form(ent.request_xml(NOW)))
    assert sent.status_code == 303 and _arrived(client, sent["Location"]) == form


@pytest.mark.parametrize(("hint", "form"), FORMS)
def test_saml_unasked_opens_the_form_named(client: Client, profile: SamlProfile, hint: str, form: str) -> None:
    assert _arrived(client, f"{UNASKED}&profil={hint}") == form


@pytest.mark.parametrize("hint", ["", "&profil=eleve", "&profil=responsable"])
@pytest.mark.parametrize(("audience", "form"), AUDIENCES)
def test_a_service_by_saml_for_one_profile_opens_its_form(
    client: Client, profile: SamlProfile, audience: list[str], form: str, hint: str
) -> None:
    RelyingParty.objects.filter(pk=profile.party_id).update(audience=audience)
    assert _arrived(client, f"{UNASKED}{hint}") == form


@pytest.mark.parametrize("asked", [{}, {"acr_values": "eleve"}, {"acr_values": "responsable"}])
@pytest.mark.parametrize(("audience", "form"), AUDIENCES)
def test_a_service_by_openid_connect_for_one_profile_opens_its_form(
    client: Client, party: RelyingParty, audience: list[str], form: str, asked: dict[str, str]
) -> None:
    RelyingParty.objects.filter(pk=party.pk).update(audience=audience)
    assert _arrived(client, question(**asked)) == form


def test_the_way_back_stands_in_the_form_and_in_the_change_of_profile(
    client: Client, samira: Account, profile: SamlProfile
) -> None:
    page = client.get(f"{UNASKED}&profil=eleve", follow=True)
    suite = parse_qs(urlsplit(page.redirect_chain[-1][0]).query)["suite"][0]
    assert suite.startswith("/saml/sso?demande=") and f'name="suite" value="{suite}"' in page.content.decode()
    _, _, rest = page.content.decode().partition('href="/connexion/?suite=%2Fsaml%2Fsso%3Fdemande%3D')
    assert rest
    typed = {"username": samira.username, "password": PASSWORD, "suite": suite}
    assert client.post("/connexion/responsable/", typed)["Location"] == suite, "no page between: this one is ours"
    assert b"SAMLResponse" in client.get("/connexion/suite/", follow=True).content


def test_what_must_be_done_first_stands_before_the_service(
    client: Client, samira: Account, profile: SamlProfile
) -> None:
    Account.objects.filter(pk=samira.pk).update(must_change_password=True)
    suite = parse_qs(urlsplit(client.get(UNASKED)["Location"]).query)["suite"][0]
    typed = {"username": samira.username, "password": PASSWORD, "suite": suite}
    assert client.post("/connexion/responsable/", typed)["Location"] == "/connexion/suite/"
    assert client.get("/connexion/suite/")["Location"] == "/connexion/a-faire/mot-de-passe/"


def test_who_comes_by_the_other_form_to_a_service_for_pupils_is_told(
    client: Client, samira: Account, profile: SamlProfile
) -> None:
    RelyingParty.objects.filter(pk=profile.party_id).update(audience=["pupil"])
    suite = parse_qs(urlsplit(client.get(UNASKED)["Location"]).query)["suite"][0]
    client.post("/connexion/responsable/", {"username": samira.username, "password": PASSWORD, "suite": suite})
    answer = client.get("/connexion/suite/", follow=True)
    assert answer.status_code == 403 and "ne s’adresse pas à ce type de compte" in answer.content.decode()


def test_a_named_profile_proves_it_again_when_that_is_asked(
    client: Client, adama: Account, party: RelyingParty
) -> None:
    client.post("/connexion/eleve/", {"username": adama.username, "password": PASSWORD})
    asked = client.get(question(prompt="login", acr_values="eleve"), follow=True)
    last, _ = asked.redirect_chain[-1]
    assert last.startswith("/connexion/eleve/?") and "de-nouveau=1" in last and "execution=" in last
    assert CALLBACK not in last.partition("?")[0] and 'name="de-nouveau" value="1"' in asked.content.decode()


def test_a_program_signs_in_by_the_form_that_opens_at_once(
    adama: Account, samira: Account, profile: SamlProfile
) -> None:
    RelyingParty.objects.filter(pk=profile.party_id).update(audience=["pupil"])
    for who, status in ((adama, 302), (samira, 403)):
        program = Client(enforce_csrf_checks=True)
        door = program.get(UNASKED, follow=True).redirect_chain[-1][0]
        sent = program.post(door, {"j_username": who.username, "j_password": PASSWORD, "_eventId_proceed": ""})
        assert sent.status_code == status


def test_a_classic_form_posted_before_any_page_is_read_to_its_end(client: Client, profile: SamlProfile) -> None:
    """Otherwise the server closes the connection that the program goes on by."""
    answer = client.post(UNASKED, {"j_username": "s.belkacem", "j_password": PASSWORD, "_eventId_proceed": ""})
    assert (answer.status_code, answer["Location"]) == (303, UNASKED)
    assert b"j_username" in answer.wsgi_request._body
