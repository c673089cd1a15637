"""A family lost the phone that gives the codes: who may act at the desk, and what they see."""

from datetime import timedelta

import pytest
from django.urls import reverse

from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.signin import lost_factors
from preau.identity.signin.models import FactorRemoval, Passkey, Removed
from preau.identity.staff.quotas import TABLE
from tests.rooms.identity.console.test_families import words
from tests.rooms.identity.console.world import World
from tests.rooms.identity.signin import people

PROOF = {"proof": "in_person"}


@pytest.fixture
def url(world: World) -> str:
    """Samira is active, and her account has a passkey."""
    account = world.accounts["Samira"]
    people.active(account, at=world.at)
    Passkey.objects.create(account=account, credential_id="c1", public_key=b"k", name="Téléphone", added_at=world.at)
    return reverse("console:remove_factors", args=[account.pk])


def page_of(world: World) -> str:
    return reverse("console:guardian", args=[world.accounts["Samira"].pk])


def test_the_delegate_asks_with_a_proof_and_a_day_later_it_is_done(world: World, url: str) -> None:
    client = world.browser("delegate", own_factor=True)
    assert "Téléphone perdu" in words(client, page_of(world))
    assert "24 heures après" in words(client, url) and "Téléphone</" not in words(client, url)
    assert client.post(url, {"proof": "account"}).status_code == 422 and not FactorRemoval.objects.exists()
    assert client.post(url, PROOF)["Location"] == f"{page_of(world)}?fait=retrait"
    assert "C’est demandé" in words(client, f"{page_of(world)}?fait=retrait")
    assert client.post(url, PROOF).status_code == 302, "a second click asks nothing more"
    event = Event.objects.get(name=Events.FACTORS_LEAVING)
    assert (event.by, event.on) == (world.grants["delegate"].member.key, world.accounts["Samira"].key)
    assert event.facts == PROOF and event.uai == "0991234D"
    assert lost_factors.remove_due(at=world.at + timedelta(hours=25)) == 1
    assert "Téléphone perdu" not in words(client, page_of(world))


def test_it_may_be_given_up(world: World, url: str) -> None:
    client = world.browser("head", own_factor=True)
    client.post(url, PROOF)
    assert "Abandonner ce retrait" in words(client, url)
    assert client.post(url, {"renoncer": "1"})["Location"] == f"{page_of(world)}?fait=garde"
    assert "rien ne change" in words(client, f"{page_of(world)}?fait=garde")
    assert FactorRemoval.objects.get().outcome == Removed.KEPT


def test_an_account_without_any_shows_no_such_deed_and_asks_nothing(world: World, url: str) -> None:
    Passkey.objects.all().delete()
    client = world.browser("head", own_factor=True)
    assert "Téléphone perdu" not in words(client, page_of(world))
    assert client.post(url, PROOF)["Location"] == page_of(world) and not FactorRemoval.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"), [("support", 403), ("tutor", 403), ("other_head", 404), ("deputy", 302)], ids=str
)
def test_only_head_deputy_and_delegate_of_the_school_may(world: World, url: str, who: str, status: int) -> None:
    assert world.browser(who, own_factor=True).post(url, PROOF).status_code == status
    assert FactorRemoval.objects.exists() is (status == 302)


def test_it_asks_our_own_factor(world: World, url: str) -> None:
    assert "second-facteur" in world.browser("head").post(url, PROOF)["Location"]
    assert not FactorRemoval.objects.exists()


def test_many_in_an_hour_suspend_whoever_asks_them(world: World, url: str) -> None:
    grant = world.grants["head"]
    for _ in range(TABLE[Events.FACTORS_LEAVING][grant.role].hour):
        Event.objects.create(name=Events.FACTORS_LEAVING, at=world.at, by=grant.member.key, on="account:1")
    client = world.browser("head", own_factor=True)
    client.post(url, PROOF)
    grant.member.refresh_from_db()
    assert grant.member.suspended_at is not None and not FactorRemoval.objects.exists()
