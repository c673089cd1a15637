"""FranceConnect alone opened an account: the school sees it, and undoes it from the desk."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from preau.identity.accounts import alone, lifecycle
from preau.identity.accounts.models import AloneOpening, FranceConnectLink
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import School
from preau.identity.messaging import outbox
from tests.rooms.identity.console.test_families import words
from tests.rooms.identity.console.world import World


@pytest.fixture
def opening(world: World) -> AloneOpening:
    """Samira came in an hour ago, with nothing but FranceConnect."""
    School.objects.filter(pk="0991234D").update(email="ce.0991234d@example.org")
    account, at = world.accounts["Samira"], world.at - timedelta(hours=1)
    lifecycle.activate(account, origin=Origin.FRANCECONNECT, by=account.key, at=at)
    lifecycle.link_franceconnect(account, subject="samira", by=account.key, at=at)
    guardian = world.guardians["Samira"]
    guardian.school.refresh_from_db()
    return alone.opened(account, guardian=guardian, by=account.key, at=at, uai="0991234D")


@pytest.fixture
def url(opening: AloneOpening) -> str:
    return reverse("console:undo_opening", args=[opening.account_id])


def page_of(opening: AloneOpening) -> str:
    return reverse("console:guardian", args=[opening.account_id])


def test_the_first_page_and_the_record_say_it_and_the_journal_keeps_it(world: World, opening: AloneOpening) -> None:
    head = world.browser("head")
    assert "1 responsable est entré par FranceConnect seul" in words(head, reverse("console:cockpit"))
    shown = words(head, page_of(opening))
    assert "Ouvert par FranceConnect seul" in shown and "Annuler cet accès" in shown
    # FranceConnect opens, whether or not the address it gave was confirmed.
    lifecycle.give_email(opening.account, address="samira@example.org", by=opening.account.key, at=world.at)
    shown = words(head, page_of(opening))
    assert "Courriel à confirmer" in shown and "Pourquoi cette personne n’entre pas" not in shown
    assert "Compte activé par FranceConnect seul" in words(head, reverse("console:journal"))


@pytest.mark.parametrize("who", ["head", "deputy", "delegate", "support"])
def test_the_desk_undoes_it_and_everybody_is_told(world: World, opening: AloneOpening, url: str, who: str) -> None:
    client = world.browser(who)
    assert "Annuler cet accès" in words(client, url)
    assert client.post(url)["Location"] == f"{page_of(opening)}?fait=acces-annule"
    assert "L’accès est annulé" in words(client, f"{page_of(opening)}?fait=acces-annule")
    opening.account.refresh_from_db()
    assert opening.account.state == State.UNNOTIFIED and not FranceConnectLink.objects.exists()
    event = Event.objects.get(name=Events.ACTIVATION_UNDONE)
    assert (event.by, event.on) == (world.grants[who].member.key, opening.account.key)
    outbox.send_due(at=world.at)
    told = {one.to[0] for one in mail.outbox if one.subject == "Un accès est annulé"}
    assert told == {"samira@example.org", "famille.k@example.org", "ce.0991234d@example.org"}
    # Once.
    client.post(url)
    assert Event.objects.filter(name=Events.ACTIVATION_UNDONE).count() == 1
    assert "déjà annulé" in words(client, url)


@pytest.mark.parametrize("who", ["tutor", "other_head"])
def test_nobody_else_does(world: World, opening: AloneOpening, url: str, who: str) -> None:
    assert world.browser(who).post(url).status_code in (403, 404)
    opening.account.refresh_from_db()
    assert opening.account.state == State.ACTIVE


def test_after_72_hours_the_page_says_so_and_the_record_shows_nothing_more(
    world: World, opening: AloneOpening, url: str
) -> None:
    AloneOpening.objects.update(settles_at=world.at)
    type(opening.account).objects.filter(pk=opening.account_id).update(activated_at=world.at - alone.UNDOABLE)
    head = world.browser("head")
    assert "bloquez le compte" in words(head, url)
    assert head.post(url)["Location"] == f"{page_of(opening)}?fait=trop-tard"
    assert "72 heures sont passées" in words(head, f"{page_of(opening)}?fait=trop-tard")
    assert "Ouvert par FranceConnect seul" not in words(head, page_of(opening))
    opening.account.refresh_from_db()
    assert opening.account.state == State.ACTIVE


def test_an_account_opened_otherwise_shows_no_such_deed(world: World) -> None:
    page = reverse("console:undo_opening", args=[world.accounts["Odette"].pk])
    assert world.browser("head").get(page).status_code == 404
