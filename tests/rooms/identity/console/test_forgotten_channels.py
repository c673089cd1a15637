"""« Quelqu’un a mis son adresse sur mon compte »: who may act at the desk, and what they see."""

from datetime import timedelta

import pytest
from django.urls import reverse

from preau.identity.accounts import channel_removals, lifecycle
from preau.identity.accounts.models import ChannelRemoval, RemovalOutcome
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.staff.quotas import TABLE
from tests.rooms.identity.console.test_families import words
from tests.rooms.identity.console.world import World
from tests.rooms.identity.signin import people

ANSWER = {"way": "email", "proof": "in_person"}


@pytest.fixture
def url(world: World) -> str:
    """Samira is active; an address and a mobile are proved."""
    account = world.accounts["Samira"]
    people.active(account, at=world.at)
    lifecycle.confirm_mobile(account, mobile="+33639981717", by=account.key, at=world.at)
    return reverse("console:forget_channel", args=[account.pk])


def page_of(world: World) -> str:
    return reverse("console:guardian", args=[world.accounts["Samira"].pk])


def test_the_delegate_asks_with_a_proof_and_a_day_later_it_is_done(world: World, url: str) -> None:
    client = world.browser("delegate", own_factor=True)
    assert "qui n’est pas à cette personne" in words(client, page_of(world))
    page = words(client, url)
    assert "24 heures après" in page and "adresse électronique, confirmée le" in page
    assert "samira@example.org" not in page and "17 17" not in page, "the desk reads no channel"
    for wrong in ({"way": "email"}, {"proof": "in_person"}, {"way": "franceconnect", "proof": "in_person"}):
        assert client.post(url, wrong).status_code == 422
    assert not ChannelRemoval.objects.exists()
    assert client.post(url, ANSWER)["Location"] == f"{page_of(world)}?fait=oubli"
    assert "C’est demandé" in words(client, f"{page_of(world)}?fait=oubli")
    assert client.post(url, ANSWER).status_code == 302, "a second click asks nothing more"
    event = Event.objects.get(name=Events.CHANNEL_LEAVING)
    assert (event.by, event.on) == (world.grants["delegate"].member.key, world.accounts["Samira"].key)
    assert event.uai == "0991234D"
    assert channel_removals.forget_due(at=world.at + timedelta(hours=25)) == 1
    world.accounts["Samira"].refresh_from_db()
    assert not world.accounts["Samira"].has_confirmed_email()
    assert "adresse électronique, confirmée" not in words(client, url)


def test_it_may_be_given_up(world: World, url: str) -> None:
    client = world.browser("head", own_factor=True)
    client.post(url, ANSWER)
    assert "Abandonner ce retrait" in words(client, url)
    assert client.post(url, {"renoncer": "1"})["Location"] == f"{page_of(world)}?fait=canal-garde"
    assert "rien ne change" in words(client, f"{page_of(world)}?fait=canal-garde")
    assert ChannelRemoval.objects.get().outcome == RemovalOutcome.KEPT


def test_an_account_without_any_shows_no_such_deed_and_asks_nothing(world: World) -> None:
    account = people.active(world.accounts["Samira"], at=world.at, email="")
    client, url = world.browser("head", own_factor=True), reverse("console:forget_channel", args=[account.pk])
    assert "qui n’est pas à cette personne" not in words(client, page_of(world))
    assert client.post(url, ANSWER).status_code == 422 and not ChannelRemoval.objects.exists()
    assert "n’a confirmé ni adresse ni mobile" in words(client, url)


@pytest.mark.parametrize(
    ("who", "status"), [("support", 403), ("tutor", 403), ("other_head", 404), ("deputy", 302)], ids=str
)
def test_only_head_deputy_and_delegate_of_the_school_may(world: World, url: str, who: str, status: int) -> None:
    assert world.browser(who, own_factor=True).post(url, ANSWER).status_code == status
    assert ChannelRemoval.objects.exists() is (status == 302)


def test_it_asks_our_own_factor(world: World, url: str) -> None:
    assert "second-facteur" in world.browser("head").post(url, ANSWER)["Location"]
    assert not ChannelRemoval.objects.exists()


def test_many_in_an_hour_suspend_whoever_asks_them(world: World, url: str) -> None:
    grant = world.grants["head"]
    for _ in range(TABLE[Events.CHANNEL_LEAVING][grant.role].hour):
        Event.objects.create(name=Events.CHANNEL_LEAVING, at=world.at, by=grant.member.key, on="account:1")
    world.browser("head", own_factor=True).post(url, ANSWER)
    grant.member.refresh_from_db()
    assert grant.member.suspended_at is not None and not ChannelRemoval.objects.exists()
