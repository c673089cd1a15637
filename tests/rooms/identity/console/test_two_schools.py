"""Somebody two schools know: each sees them, one acts (design.md §5); a school they left acts no more."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, Channel, TemporaryPassword
from preau.identity.accounts.states import State
from preau.identity.directory.models import Enrolment, Guardian, Guardianship, Level
from preau.identity.distribution import recipients
from preau.identity.distribution.models import Way
from preau.identity.distribution.plan import Reason, plan
from preau.identity.distribution.wishes import Wish
from preau.identity.imports import settling
from tests.rooms.identity.console.world import World
from tests.rooms.identity.signin import people

# What the desk may do to a pupil, by the name of its page.
ACTS = ["distribution:reset", "console:block", "console:unblock", "console:burn_one"]


@pytest.fixture
def moved(world: World) -> World:
    """Inès is enrolled in the other school too; hers has not recorded that she left."""
    pupil = world.accounts["Inès"].pupil
    assert pupil is not None
    Enrolment.objects.create(
        pupil=pupil, school=world.schools["theirs"], source_key="90", division=world.divisions["theirs", "5E B"]
    )
    world.tutor("other_tutor", "theirs", "5E B")
    world.member("other_deputy", "deputy", "theirs")  # type: ignore[arg-type]
    return world


def released(world: World) -> None:
    """The school before records that she left."""
    world.enrolments["Inès"].left_on = world.day
    world.enrolments["Inès"].save()


def waiting(world: World, name: str) -> None:
    """Somebody who holds a letter."""
    lifecycle.notify(
        [world.accounts[name]],
        channel=Channel.SHEET,
        expires_at=world.at + timedelta(days=90),
        by="staff:1",
        at=world.at,
    )


def status(world: World, member: str, page: str, name: str) -> int:
    browser = world.browser(member, own_factor=True)
    url = reverse(page, args=[world.accounts[name].pk])
    return browser.post(url).status_code if page == "console:unblock" else browser.get(url).status_code


@pytest.mark.parametrize("page", ACTS)
def test_until_released_the_new_school_sees_and_does_not_act(moved: World, page: str) -> None:
    waiting(moved, "Inès")
    if page == "console:unblock":
        lifecycle.block([moved.accounts["Inès"]], reason="essai", by="staff:1", at=moved.at)
    assert status(moved, "other_head", "console:pupil", "Inès") == status(moved, "head", "console:pupil", "Inès") == 200
    assert status(moved, "other_head", page, "Inès") == 404
    assert status(moved, "head", page, "Inès") in (200, 302)


@pytest.mark.parametrize("page", ACTS)
def test_a_school_the_pupil_left_acts_no_more_and_the_new_one_does(moved: World, page: str) -> None:
    released(moved)
    waiting(moved, "Inès")
    if page == "console:unblock":
        lifecycle.block([moved.accounts["Inès"]], reason="essai", by="staff:1", at=moved.at)
    assert status(moved, "head", page, "Inès") == 404
    assert status(moved, "other_head", page, "Inès") in (200, 302)


def test_the_tutor_of_the_new_school_waits_too_and_is_shown_no_button(moved: World) -> None:
    url = reverse("distribution:reset", args=[moved.accounts["Inès"].pk])
    browser = moved.browser("other_tutor")
    page = browser.get(reverse("console:own_divisions")).content.decode()
    assert "BELKACEM" in page and url not in page and browser.post(url).status_code == 404
    released(moved)
    assert url in browser.get(reverse("console:own_divisions")).content.decode()
    assert browser.post(url, {"form": "screen"}).status_code == 200


def test_the_page_of_the_account_offers_only_what_this_school_may_do(moved: World) -> None:
    waiting(moved, "Inès")
    url = reverse("console:pupil", args=[moved.accounts["Inès"].pk])
    acts = [reverse(page, args=[moved.accounts["Inès"].pk]) for page in ("distribution:reset", "console:block")]
    mine = moved.browser("head").get(url).content.decode()
    theirs = moved.browser("other_head").get(url).content.decode()
    assert all(act in mine for act in acts) and not any(act in theirs for act in acts)


def test_the_new_school_prints_no_sheet_until_the_pupil_is_released(moved: World) -> None:
    def planned() -> Any:
        chosen = Account.objects.filter(pk=moved.accounts["Inès"].pk)
        (line,) = plan(recipients.read(chosen, uai="0990002P", day=moved.day), Wish.SHEETS).lines
        return line

    assert (planned().way, planned().reason) == (None, Reason.HELD)
    released(moved)
    assert (planned().way, planned().reason) == (Way.SHEET, None)


def test_burning_the_secrets_of_a_school_spares_who_it_only_sees(moved: World) -> None:
    waiting(moved, "Inès")
    waiting(moved, "Théo")
    moved.browser("other_deputy", own_factor=True).post(reverse("console:burn"), {"kind": "tous", "sure": "on"})
    assert TemporaryPassword.objects.filter(account=moved.accounts["Inès"]).exists()


def test_a_school_that_lost_a_family_ends_its_visits_at_the_next_click(world: World) -> None:
    """design.md §5: losing the last legal link ends access at once; the visit is judged, nobody has to close it."""
    account = people.active(world.accounts["Samira"], at=world.at)
    browser = Client()
    people.sign_in(browser, account.username, people.PASSWORD)
    assert browser.get("/compte/").status_code == 200
    world.links["Samira", "Hugo"].delete()
    settling.settle("0991234D", day=world.day, by="system:import", at=world.at)
    assert browser.get("/compte/").status_code == 200
    Guardianship.objects.filter(pk=world.links["Samira", "Inès"].pk).update(ended_at=world.at)
    settling.settle("0991234D", day=world.day, by="system:import", at=world.at)
    assert browser.get("/compte/").status_code == 302


def test_burning_reaches_who_began_with_a_stolen_letter(world: World) -> None:
    account = world.accounts["Samira"]
    waiting(world, "Samira")
    lifecycle.choose_password(account, encoded="x", by=account.key, at=world.at)
    lifecycle.give_email(account, address="voleur@example.org", by=account.key, at=world.at)
    browser = world.browser("head", own_factor=True)
    offered = browser.get(reverse("console:guardian", args=[account.pk])).content.decode()
    browser.post(reverse("console:burn"), {"kind": "tous", "sure": "on"})
    account.refresh_from_db()
    assert reverse("console:burn_one", args=[account.pk]) in offered
    assert (account.state, account.pending_email) == (State.UNNOTIFIED, "")


def test_a_guardian_whose_children_left_is_not_blocked_by_the_school_they_left(world: World) -> None:
    record = Guardian.objects.create(
        school=world.schools["theirs"], source_key="90", birth_name="BELKACEM", first_name="Samira"
    )
    account = world.accounts["Samira"]
    lifecycle.gather(record, into=account, by="system:test", at=world.at)
    url = reverse("console:block", args=[account.pk])
    refused = world.browser("other_head", own_factor=True).post(url, {"reason": "essai"})
    account.refresh_from_db()
    assert refused.status_code == 404 and account.state == State.UNNOTIFIED
    Guardianship.objects.create(guardian=record, enrolment=world.enrolments["Théo"], is_legal=True, level=Level.LEGAL)
    assert world.browser("other_head", own_factor=True).get(url).status_code == 200


@pytest.mark.parametrize(("page", "state"), [("console:block", State.BLOCKED), ("console:unblock", State.UNNOTIFIED)])
def test_two_clicks_shut_or_open_an_account_once(world: World, page: str, state: State) -> None:
    account = world.accounts["Inès"]
    if page == "console:unblock":
        lifecycle.block([account], reason="essai", by="staff:1", at=world.at)
    browser = world.browser("head", own_factor=True)
    for _ in range(2):
        assert browser.post(reverse(page, args=[account.pk]), {"reason": "essai"}).status_code == 302
    account.refresh_from_db()
    assert account.state == state
