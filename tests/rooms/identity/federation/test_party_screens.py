"""The operator's pages about services, through HTTP: who gets in, what is asked first, what is shown."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.federation import profiles, registration, troubles
from preau.identity.federation.models import RelyingParty, SamlProfile
from preau.identity.federation.troubles import Cause
from preau.identity.staff.models import Role
from preau.identity.staff.quotas import TABLE
from tests.rooms.identity.console.world import World, make_world
from tests.rooms.identity.federation.conftest import CALLBACK, NOW
from tests.rooms.identity.federation.small_service import ENTITY, certificate, metadata, publishing
from tests.rooms.identity.signin import people


@pytest.fixture
def world(db: None) -> World:
    """The town, and the operator of its services."""
    found = make_world(NOW)
    found.member("operator", Role.OPERATOR, None)
    return found


@pytest.fixture
def operator(world: World) -> Client:
    """Their browser, own factor proved."""
    return world.browser("operator", own_factor=True)


@pytest.fixture
def ent(db: None) -> RelyingParty:
    """A service by OpenID Connect."""
    return registration.register(
        client_id="ent2", name="L’ENT", redirect_uris=[CALLBACK], scopes=["profile"], by="t:1", at=NOW
    )[0]


@pytest.fixture
def saml(db: None) -> RelyingParty:
    """A service by SAML."""
    copy = profiles.read(metadata(), at=NOW)
    return profiles.register_saml(client_id="tilleuls", copy=copy, scopes=["ent"], by="t:1", at=NOW)


def at(name: str, *args: Any) -> str:
    """An address."""
    return reverse(f"federation:{name}", args=args)


def page(client: Client, name: str, *args: Any, status: int = 200) -> str:
    """What is read there."""
    answer = client.get(at(name, *args))
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def xml(body: bytes) -> SimpleUploadedFile:
    """A file of metadata."""
    return SimpleUploadedFile("sp.xml", body, content_type="application/xml")


LOOKS = ("parties", "strangers")
ONE = ("party", "party_troubles")
ACTS = ("change_release", "preview_release", "renew_secret", "disable_party", "change_oidc")


def test_the_operator_lands_on_the_services_and_has_no_other_tab(world: World, operator: Client) -> None:
    assert operator.get("/gestion/").headers["Location"] == at("parties")
    said = page(operator, "parties")
    assert "Aucun service" in said and "Tout le déploiement" in said
    for elsewhere in ("/gestion/responsables/", "/gestion/eleves/", "/gestion/journal/", "/gestion/equipe/"):
        assert operator.get(elsewhere).status_code == 403
    assert operator.get(f"/gestion/responsables/{world.accounts['Samira'].pk}/").status_code == 403


@pytest.mark.parametrize("who", ["head", "deputy", "delegate", "tutor", "support"])
def test_nobody_else_of_the_desk_sees_a_service(world: World, ent: RelyingParty, who: str) -> None:
    browser = world.browser(who, own_factor=True)
    for name in (*LOOKS, "add_party", "add_oidc", "add_saml"):
        assert browser.get(at(name)).status_code == 403
    for name in (*ONE, *ACTS):
        assert browser.get(at(name, "ent2")).status_code == 403
        assert browser.post(at(name, "ent2")).status_code in {403, 405}


def test_looking_asks_the_portals_factor_and_acting_our_own(world: World, ent: RelyingParty) -> None:
    browser = world.browser("operator")
    assert all(browser.get(at(name)).status_code == 200 for name in LOOKS)
    assert all(browser.get(at(name, "ent2")).status_code == 200 for name in ONE)
    for name in ACTS:
        assert "/agents/second-facteur/" in browser.get(at(name, "ent2")).headers["Location"]
    assert "/agents/second-facteur/" in browser.post(at("enable_party", "ent2")).headers["Location"]


def test_a_service_by_openid_connect_is_connected_and_its_secret_shown_once(operator: Client) -> None:
    form = {"client_id": "sport", "name": "UNSS", "redirect_uris": f"{CALLBACK}\nhttps://ent.example/b",
            "audience": ["pupil"], "scopes": ["profile"]}  # fmt: skip
    answer = operator.post(at("add_oidc"), form)
    party = RelyingParty.objects.get(client_id="sport")
    assert answer.status_code == 200 and "client_secret" in answer.content.decode()
    assert (party.redirect_uris, party.scopes) == ([CALLBACK, "https://ent.example/b"], ["openid", "profile"])
    assert "client_secret" not in page(operator, "party", "sport")
    assert operator.post(at("add_oidc"), form).status_code == 422, "the same name twice"
    for wrong in ({"redirect_uris": "http://evil.example/"}, {"audience": []}, {"client_id": "a b"}):
        answer = operator.post(at("add_oidc"), {**form, "client_id": "other", **wrong})
        assert answer.status_code == 422
    assert RelyingParty.objects.count() == 1
    event = Event.objects.get(name=Events.PARTY_REGISTERED)
    assert event.by.startswith("staff:") and "secret" not in str(event.facts)


def test_a_service_by_saml_is_looked_at_before_it_is_written(operator: Client) -> None:
    answer = operator.post(at("add_saml"), {"file": xml(metadata())})
    said = answer.content.decode()
    assert answer.status_code == 200 and ENTITY in said and not RelyingParty.objects.exists()
    form = {"xml": metadata().decode(), "entity_id": ENTITY, "metadata_url": "", "client_id": "tilleuls",
            "name": "ENT", "audience": ["guardian", "pupil"], "scopes": ["ent"]}  # fmt: skip
    answer = operator.post(at("confirm_saml"), form)
    assert answer.headers["Location"] == at("party", "tilleuls") + "?fait=raccorde"
    assert SamlProfile.objects.get().entity_id == ENTITY
    assert "FrEduVecteur" in page(operator, "party", "tilleuls")
    assert operator.post(at("confirm_saml"), {**form, "client_id": "two"}).status_code == 422
    assert operator.post(at("confirm_saml"), {**form, "xml": "<no"}).status_code == 422
    assert operator.get(at("confirm_saml")).status_code == 405


def test_metadata_without_a_key_ask_to_accept_the_clear_expressly(operator: Client) -> None:
    body = metadata(encryption=())
    said = operator.post(at("add_saml"), {"file": xml(body)}).content.decode()
    assert "Pas de clé de chiffrement" in said and "is_clear_accepted" in said
    form = {"xml": body.decode(), "entity_id": ENTITY, "client_id": "t", "name": "ENT", "audience": ["pupil"]}
    assert operator.post(at("confirm_saml"), form).status_code == 422
    operator.post(at("confirm_saml"), {**form, "is_clear_accepted": "on"})
    assert SamlProfile.objects.get().is_clear_accepted
    assert "en clair" in page(operator, "party", "t")


def test_metadata_come_from_an_address_too_and_a_bad_one_is_a_sentence(operator: Client) -> None:
    with publishing(metadata()) as publisher:
        assert ENTITY in operator.post(at("add_saml"), {"url": publisher.url}).content.decode()
        publisher.status = 404
        answer = operator.post(at("add_saml"), {"url": publisher.url})
    assert answer.status_code == 422 and "404" in answer.content.decode()
    for wrong in (
        {"url": ""},
        {"url": "http://10.0.0.1/"},
        {"file": xml(b"no")},
        {"file": xml(metadata()), "url": "https://x"},
    ):
        assert operator.post(at("add_saml"), wrong).status_code == 422


def test_rights_and_settings_are_changed_on_their_pages(operator: Client, ent: RelyingParty) -> None:
    assert "profile" in page(operator, "change_release", "ent2")
    form = {"audience": ["pupil"], "academies": "10, 12", "schools": "0991234D", "scopes": ["email"],
            "own_scope": "ect.scope.stage", "attributes": ["FrEduCtEleveINE"], "reason": "Décret 2026-1",
            "notice": "ask", "subject_type": "pairwise"}  # fmt: skip
    operator.post(at("change_release", "ent2"), form)
    ent.refresh_from_db()
    assert (ent.academies, ent.schools, ent.audience) == (["010", "012"], ["0991234D"], ["pupil"])
    assert ent.scopes == ["openid", "email", "ect.scope.stage"] and ent.attributes == ["FrEduCtEleveINE"]
    assert ent.notice == "ask" and "donne son accord" in page(operator, "party", "ent2")
    assert "ect.scope.stage" in page(operator, "change_release", "ent2")
    answer = operator.post(at("change_release", "ent2"), {**form, "reason": ""})
    assert answer.status_code == 422 and "dites pourquoi" in answer.content.decode()
    page(operator, "change_oidc", "ent2")
    form = {"name": "ENT", "redirect_uris": CALLBACK, "id_token_signed_response_alg": "ES256", "jwks": ""}
    operator.post(at("change_oidc", "ent2"), form)
    ent.refresh_from_db()
    assert (ent.name, ent.must_prove_key, ent.id_token_signed_response_alg) == ("ENT", False, "ES256")
    assert "PKCE" in page(operator, "party", "ent2")
    for jwks in ("{", "[]", '{"keys": [{"kty": "oct", "k": "AA"}]}'):
        assert operator.post(at("change_oidc", "ent2"), {**form, "jwks": jwks}).status_code == 422


def test_a_service_by_saml_has_its_own_settings(operator: Client, saml: RelyingParty, ent: RelyingParty) -> None:
    page(operator, "change_saml", "tilleuls")
    form = {"naming": "basic", "content_encryption": "cbc", "accepts_sha1": "on", "name_id_formats": ["persistent"]}
    operator.post(at("change_saml", "tilleuls"), form)
    profile = SamlProfile.objects.get()
    assert (profile.naming, profile.content_encryption, profile.accepts_sha1) == ("basic", "cbc", True)
    said = page(operator, "party", "tilleuls")
    assert "SHA-1" in said and "CBC" in said
    assert operator.post(at("change_saml", "tilleuls"), {**form, "name_id_formats": ["email"]}).status_code == 422
    for name, other in (("change_oidc", "tilleuls"), ("renew_secret", "tilleuls"), ("change_saml", "ent2")):
        page(operator, name, other, status=404)
    page(operator, "read_metadata", "ent2", status=404)


def test_metadata_are_read_again_and_strange_ones_ask_one_word_more(operator: Client, saml: RelyingParty) -> None:
    page(operator, "read_metadata", "tilleuls")
    rolled = metadata(signing=(certificate(1), certificate(3)))
    answer = operator.post(at("read_metadata", "tilleuls"), {"file": xml(rolled)})
    assert answer.headers["Location"].endswith("?fait=relu")
    assert "relues" in operator.get(answer.headers["Location"]).content.decode()
    strange = metadata(signing=(certificate(8),), encryption=(certificate(9),))
    answer = operator.post(at("read_metadata", "tilleuls"), {"file": xml(strange)})
    assert answer.status_code == 409 and "même service" in answer.content.decode()
    form = {"xml": strange.decode()}
    assert operator.post(at("vouch_metadata", "tilleuls"), form).status_code == 422, "the box is not ticked"
    assert SamlProfile.objects.get().signing_certificates == [certificate(1), certificate(3)]
    operator.post(at("vouch_metadata", "tilleuls"), {**form, "vouched": "on"})
    assert SamlProfile.objects.get().signing_certificates == [certificate(8)]
    other = metadata(entity_id="https://other.example/sp")
    assert operator.post(at("read_metadata", "tilleuls"), {"file": xml(other)}).status_code == 422
    form = {"xml": other.decode(), "vouched": "on"}
    assert operator.post(at("vouch_metadata", "tilleuls"), form).status_code == 422


def test_a_secret_is_replaced_after_a_warning(operator: Client, ent: RelyingParty) -> None:
    before = ent.secret_digest
    assert "aussitôt" in page(operator, "renew_secret", "ent2")
    answer = operator.post(at("renew_secret", "ent2"))
    ent.refresh_from_db()
    assert "client_secret" in answer.content.decode() and ent.secret_digest != before
    RelyingParty.objects.update(token_endpoint_auth_method="private_key_jwt")
    assert operator.post(at("renew_secret", "ent2")).status_code == 409


def test_a_service_is_cut_off_and_restored(operator: Client, ent: RelyingParty) -> None:
    assert "Les jetons" in page(operator, "disable_party", "ent2")
    operator.post(at("disable_party", "ent2"))
    assert "Ce service est coupé" in page(operator, "party", "ent2") and "Coupé" in page(operator, "parties")
    operator.post(at("enable_party", "ent2"))
    ent.refresh_from_db()
    assert ent.disabled_at is None


def test_troubles_say_what_happened_and_what_to_do(operator: Client, ent: RelyingParty) -> None:
    assert "Aucune erreur" in page(operator, "party_troubles", "ent2")
    troubles.note(Cause.WRONG_ADDRESS, party=ent, detail="https://ent.example/retour/", at=NOW)
    troubles.note(Cause.UNKNOWN_PARTY, said="<b>https://x.example</b>", at=NOW)
    said = page(operator, "party_troubles", "ent2")
    assert "lettre pour lettre" in said and "retour/" in said and "x.example" not in said
    strangers = page(operator, "strangers")
    assert "&lt;b&gt;https://x.example" in strangers and "raccordez-le" in strangers
    assert "1 demande d’un service" in page(operator, "parties")
    assert "lettre pour lettre" in page(operator, "party", "ent2")


def test_ends_that_come_near_are_on_the_first_page(operator: Client, saml: RelyingParty) -> None:
    assert "À faire" not in page(operator, "parties")
    SamlProfile.objects.update(metadata_expires_at=NOW + timedelta(days=20))
    said = page(operator, "parties")
    assert "À faire" in said and "20\u00a0jours" in said.replace("20 jours", "20\u00a0jours")


def test_the_preview_is_shown_counted_and_told_to_the_person(
    world: World, operator: Client, saml: RelyingParty
) -> None:
    samira = people.active(world.accounts["Samira"], at=NOW)
    assert "identifiant" in page(operator, "preview_release", "tilleuls").lower()
    answer = operator.post(at("preview_release", "tilleuls"), {"username": samira.username})
    said = answer.content.decode()
    assert "FrEduVecteur" in said and "BELKACEM" in said and "Rien ne l’empêche" in said
    assert operator.post(at("preview_release", "tilleuls"), {"username": "nobody"}).status_code == 422
    event = Event.objects.get(name=Events.RELEASE_PREVIEWED)
    assert (event.on, event.facts) == (samira.key, {"party": "tilleuls"})
    quota = TABLE[Events.RELEASE_PREVIEWED][Role.OPERATOR]
    for _ in range(quota.hour):
        answer = operator.post(at("preview_release", "tilleuls"), {"username": samira.username})
    assert answer.status_code == 403, "somebody who looks at many people is stopped"


def test_a_service_that_does_not_exist_answers_so(operator: Client) -> None:
    for name in (*ONE, "change_release", "preview_release", "disable_party"):
        page(operator, name, "nobody", status=404)
