"""Whose form opens: who comes from a service that knows their profile sees it at once, and never loses their way."""

import re
from html import unescape

import pytest
from django.test import Client

from preau.identity.accounts.models import Account
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in

pytestmark = pytest.mark.django_db
FORMS = [("eleve", "/connexion/eleve/"), ("responsable", "/connexion/responsable/")]


@pytest.fixture
def ines(family: Family, clock: Clock) -> Account:
    return people.active(family.ines_account, at=clock.now())


def _way_to_the_choice(page: str) -> str:
    (address,) = re.findall(r'href="(/connexion/(?:\?[^"]*)?)"', page)
    return unescape(address)


@pytest.mark.parametrize(("hint", "form"), FORMS)
def test_a_named_profile_opens_its_form_and_leaves_a_way_to_the_other(client: Client, hint: str, form: str) -> None:
    arrived = client.get(f"/connexion/?suite=%2Fcompte%2F&profil={hint}", follow=True)
    assert arrived.redirect_chain == [(f"{form}?suite=%2Fcompte%2F", 302)]
    choice = _way_to_the_choice(arrived.content.decode())
    assert choice == "/connexion/?suite=%2Fcompte%2F"
    both = client.get(choice).content.decode()
    assert all(f'href="{one}?suite=%2Fcompte%2F"' in both for _, one in FORMS)


@pytest.mark.parametrize("hint", ["directeur", "", "ELEVE", "//ailleurs.example", "eleve&profil="])
def test_a_profile_that_does_not_exist_shows_the_choice(client: Client, hint: str) -> None:
    assert client.get(f"/connexion/?profil={hint}").status_code == 200


def test_a_hint_alone_goes_nowhere_else(client: Client) -> None:
    assert client.get("/connexion/?profil=eleve")["Location"] == "/connexion/eleve/"


@pytest.mark.parametrize("elsewhere", ["https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs.example"])
def test_a_hint_opens_no_way_to_elsewhere(client: Client, ines: Account, elsewhere: str) -> None:
    arrived = client.get("/connexion/", {"suite": elsewhere, "profil": "eleve"}, follow=True)
    assert "ailleurs" not in arrived.content.decode() and arrived.request["PATH_INFO"] == "/connexion/eleve/"
    sign_in(client, ines.username, PASSWORD, profile="eleve", suite=elsewhere)
    assert client.get("/connexion/suite/")["Location"] == "/compte/"


def test_who_must_prove_it_again_is_still_asked_after_a_hint_a_mistake_and_a_change_of_mind(
    client: Client, ines: Account
) -> None:
    sign_in(client, ines.username, PASSWORD, profile="eleve")
    asked = client.get("/connexion/?de-nouveau=1&suite=%2Fcompte%2F&profil=responsable", follow=True)
    assert asked.redirect_chain == [("/connexion/responsable/?de-nouveau=1&suite=%2Fcompte%2F", 302)]
    fields = dict(re.findall(r'<input type="hidden" name="([a-z-]+)" value="([^"]*)">', asked.content.decode()))
    assert (fields["suite"], fields["de-nouveau"]) == ("/compte/", "1")
    mistaken = client.post(
        "/connexion/responsable/", {"username": "personne", "password": "au hasard", **_kept(fields)}
    )
    choice = _way_to_the_choice(mistaken.content.decode())
    assert mistaken.status_code == 422 and choice == "/connexion/?suite=%2Fcompte%2F&de-nouveau=1"
    both = client.get(choice)
    assert both.status_code == 200 and 'href="/connexion/eleve/?suite=%2Fcompte%2F&amp;de-nouveau=1"' in unescape(
        both.content.decode()
    ).replace("&", "&amp;")


def test_who_is_signed_in_goes_on_whatever_the_hint(client: Client, ines: Account) -> None:
    sign_in(client, ines.username, PASSWORD, profile="eleve")
    assert client.get("/connexion/?suite=%2Fcompte%2Fjournal%2F&profil=responsable")["Location"] == "/compte/journal/"


def test_the_other_profile_s_refusal_keeps_the_way(client: Client, ines: Account) -> None:
    refused = sign_in(client, ines.username, PASSWORD, suite="/compte/", **{"de-nouveau": "1"})
    page = refused.content.decode()
    assert refused.status_code == 403 and _way_to_the_choice(page) == "/connexion/?suite=%2Fcompte%2F&de-nouveau=1"
    assert 'name="suite" value="/compte/"' in page and 'name="de-nouveau" value="1"' in page


def _kept(fields: dict[str, str]) -> dict[str, str]:
    return {name: fields[name] for name in ("suite", "de-nouveau")}
