"""Who may open a page of the desk, through HTTP."""

from datetime import datetime, timedelta

import pyotp
import pytest
from django.test import Client
from django.urls import reverse

from preau import clock
from preau.identity.accounts.models import Account, Kind, TemporaryPassword
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.messaging.models import Outgoing
from preau.identity.staff import members, sessions
from preau.identity.staff.models import Grant, Role, Source, StaffMember, StaffSession, Totp
from preau.identity.staff.permissions import TABLE as PERMISSIONS
from preau.identity.staff.permissions import Deed
from preau.identity.staff.quotas import COUNTED, TABLE
from tests.rooms.identity.console.world import SEED, World
from tests.rooms.identity.staff.conftest import Moving


def led_to(browser: Client, url: str) -> str:
    """Where a visit to `url` leads, without what it remembers; the status when it leads nowhere."""
    response = browser.get(url)
    return str(response.get("Location", response.status_code)).partition("?")[0]


def test_nobody_comes_in_without_a_visit(world: World) -> None:
    assert led_to(Client(), "/gestion/equipe/") == "/agents/entree/"
    stranger = Client()
    stranger.cookies[sessions.COOKIE] = "guessed"
    assert led_to(stranger, "/gestion/equipe/") == "/agents/entree/"


def test_the_page_asked_for_is_remembered_through_the_door(world: World) -> None:
    location = Client().get("/gestion/responsables/?q=martin")["Location"]
    assert location == "/agents/entree/?suite=%2Fgestion%2Fresponsables%2F%3Fq%3Dmartin"
    assert "/agents/portail/?suite=%2Fgestion%2Fresponsables%2F%3Fq%3Dmartin" in Client().get(location).content.decode()


def test_half_an_hour_of_nothing_ends_a_visit(world: World, moving: Moving) -> None:
    browser = world.browser("head")
    for _ in range(3):
        moving.at += timedelta(minutes=29)
        assert led_to(browser, "/gestion/") == "200"
    moving.at += timedelta(minutes=30)
    assert led_to(browser, "/gestion/") == "/agents/entree/"


def test_eight_hours_end_a_visit_however_busy(world: World, moving: Moving) -> None:
    browser = world.browser("head")
    for _ in range(23):
        moving.at += timedelta(minutes=20)
        assert led_to(browser, "/gestion/") == "200"
    moving.at += timedelta(minutes=20)
    assert led_to(browser, "/gestion/") == "/agents/entree/"


def test_a_visit_ended_elsewhere_is_over(world: World) -> None:
    browser = world.browser("head")
    sessions.end_all(world.grants["head"].member, at=world.at)
    assert led_to(browser, "/gestion/") == "/agents/entree/"


@pytest.mark.parametrize("what", ["revoked", "ended", "not begun", "never confirmed"])
def test_a_grant_that_is_not_in_force_opens_nothing_from_one_request_to_the_next(world: World, what: str) -> None:
    browser, grant = world.browser("head"), world.grants["head"]
    assert led_to(browser, "/gestion/") == "200"
    if what == "revoked":
        members.revoke(grant, by="staff:9", at=world.at)
    elif what == "ended":
        Grant.objects.filter(pk=grant.pk).update(ends_on=world.day - timedelta(1))
    elif what == "not begun":
        Grant.objects.filter(pk=grant.pk).update(starts_on=world.day + timedelta(1))
    else:
        Grant.objects.filter(pk=grant.pk).update(confirmed_at=None)
    assert led_to(browser, "/gestion/") == "/agents/choisir/"
    assert led_to(browser, "/agents/choisir/") == "/agents/demander-un-acces/"


def test_the_last_day_of_a_grant_counts_whole(world: World) -> None:
    Grant.objects.filter(pk=world.grants["head"].pk).update(starts_on=world.day, ends_on=world.day)
    assert led_to(world.browser("head"), "/gestion/") == "200"


def test_a_person_with_two_schools_chooses_and_can_change(world: World) -> None:
    member = world.grants["head"].member
    second = Grant.objects.create(
        member=member, role=Role.HEAD, school=world.schools["theirs"], source=Source.PORTAL, asked_at=world.at,
        confirmed_at=world.at,
    )  # fmt: skip
    browser = world.browser("head")
    StaffSession.objects.update(grant=None)
    assert led_to(browser, "/gestion/") == "/agents/choisir/"
    stranger = world.grants["other_head"].pk
    assert browser.post("/agents/choisir/", {"grant": stranger}).status_code == 200  # not one of theirs
    assert browser.post("/agents/choisir/", {"grant": second.pk, "suite": "/gestion/"})["Location"] == "/gestion/"
    assert "Jeanne-Barret" in browser.get("/gestion/").content.decode()


def test_a_password_alone_is_no_second_factor(world: World) -> None:
    browser = world.browser("head", portal_factor="")
    assert led_to(browser, "/gestion/") == "/agents/second-facteur/"
    code = pyotp.TOTP(SEED).at(world.at)
    assert browser.post("/agents/second-facteur/", {"code": code, "suite": "/gestion/"})["Location"] == "/gestion/"
    assert led_to(browser, "/gestion/") == "200"


def test_who_has_neither_is_told_how_to_get_one(world: World) -> None:
    Totp.objects.all().delete()
    page = world.browser("head", portal_factor="").get("/agents/second-facteur/")
    assert page.status_code == 403 and "encore=1" in page.content.decode()


def test_a_grave_deed_asks_our_own_factor_and_comes_back(world: World, moving: Moving) -> None:
    browser, page = world.browser("head"), "/gestion/mots-de-passe-provisoires/"
    location = browser.get(page)["Location"]
    assert location == f"/agents/second-facteur/?suite={page.replace('/', '%2F')}&encore=1"
    code = pyotp.TOTP(SEED).at(moving.at)
    assert browser.post(location, {"code": code, "suite": page})["Location"] == page
    assert led_to(browser, page) == "200"
    moving.at += timedelta(minutes=9, seconds=59)
    assert led_to(browser, page) == "200"
    moving.at += timedelta(seconds=1)
    assert led_to(browser, page) == "/agents/second-facteur/"


def test_a_form_that_meets_the_step_up_comes_back_to_its_page_and_did_nothing(world: World) -> None:
    url = reverse("console:revoke_access", args=[world.grants["deputy"].pk])
    response = world.browser("head").post(url, headers={"Referer": f"http://testserver{url}"})
    assert response["Location"].startswith(f"/agents/second-facteur/?suite={url.replace('/', '%2F')}")
    assert Grant.objects.get(pk=world.grants["deputy"].pk).revoked_at is None


def test_another_site_is_no_page_to_come_back_to(world: World) -> None:
    url = reverse("console:revoke_access", args=[world.grants["deputy"].pk])
    response = world.browser("head").post(url, headers={"Referer": "https://evil.example/gestion/"})
    assert response["Location"] == "/agents/second-facteur/?encore=1"
    code = pyotp.TOTP(SEED).at(world.at)
    sent = world.browser("head").post("/agents/second-facteur/", {"code": code, "suite": "//evil.example"})
    assert sent["Location"] == "/gestion/"


def test_a_role_that_may_not_is_told_so_in_a_sentence(world: World) -> None:
    page = world.browser("tutor").get("/gestion/responsables/")
    assert page.status_code == 403
    assert (
        "Professeur principal" in page.content.decode() and "Voir les comptes des responsables" in page.content.decode()
    )


def test_a_suspended_person_reads_why_and_who_can_help(world: World) -> None:
    browser, member = world.browser("delegate"), world.grants["delegate"].member
    StaffMember.objects.filter(pk=member.pk).update(suspended_at=world.at, suspended_reason="essai")
    page = browser.get("/gestion/")
    assert page.status_code == 403 and "essai" in page.content.decode()


def test_a_harvest_is_stopped_the_person_suspended_and_the_head_told(world: World) -> None:
    """A28: an access that walks through record after record."""
    browser = world.browser("delegate")
    url = reverse("console:guardian", args=[world.accounts["Samira"].pk])
    limit = TABLE[Events.RECORD_READ][Role.DELEGATE].hour
    assert [browser.get(url).status_code for _ in range(limit)] == [200] * limit
    assert browser.get(url).status_code == 403
    assert led_to(browser, "/gestion/") == "/agents/entree/"
    member = StaffMember.objects.get(pk=world.grants["delegate"].member_id)
    assert member.suspended_at == world.at
    event = Event.objects.get(name="staff.quota_reached")
    assert (event.on, event.by, event.uai) == (member.key, "system:quota", "0991234D")
    told = Outgoing.objects.filter(message="staff/suspended")
    assert [outgoing.on for outgoing in told] == [world.grants["head"].member.key]


def test_a_reinstated_person_starts_from_nothing(world: World, moving: Moving) -> None:
    test_a_harvest_is_stopped_the_person_suspended_and_the_head_told(world)
    moving.at += timedelta(minutes=1)
    members.reinstate(world.grants["delegate"].member, by="staff:1", at=moving.at, uai="0991234D")
    moving.at += timedelta(minutes=1)
    world.at = moving.at
    url = reverse("console:guardian", args=[world.accounts["Samira"].pk])
    assert world.browser("delegate").get(url).status_code == 200


def test_quotas_count_an_hour_and_a_day(world: World, moving: Moving) -> None:
    browser, url = world.browser("tutor"), "/gestion/mes-classes/"
    quota = TABLE[Events.PASSWORD_RESET][Role.FORM_TUTOR]
    account = world.accounts["Inès"]
    by = world.grants["tutor"].member.key
    old = [_event(by, account, moving.at - timedelta(hours=2)) for _ in range(quota.day - 1)]
    Event.objects.bulk_create(old)
    reset = reverse("distribution:reset", args=[account.pk])
    assert browser.get(reset).status_code == 200
    Event.objects.bulk_create([_event(by, account, moving.at)])
    assert browser.get(reset).status_code == 403
    assert led_to(browser, url) == "/agents/entree/"


def test_there_is_a_quota_for_every_deed_that_shows_or_changes_people() -> None:
    for deed, events in COUNTED.items():
        for role in PERMISSIONS[deed]:
            assert any(role in TABLE[event] for event in events), (deed, role)
    assert {Deed.SEE_GUARDIANS, Deed.SEE_PUPILS, Deed.RESET_PUPIL, Deed.EXPORT, Deed.NOTIFY, Deed.BLOCK} <= set(COUNTED)


def test_extra_fields_change_nothing(world: World) -> None:
    """A29: every form of the way in, posted with what nobody asked for."""
    browser = world.browser("tutor")
    extra = {
        "role": "head", "school": "0990002P", "confirmed_at": "2026-01-01", "member": "1", "source": "operator",
        "academy": "099", "is_staff": "1", "own_factor_at": "2026-01-01", "grant": "1", "suite": "/gestion/",
    }  # fmt: skip
    for url in ("/agents/demander-un-acces/", "/agents/choisir/", "/agents/second-facteur/"):
        browser.post(url, extra)
    assert Grant.objects.filter(member=world.grants["tutor"].member).count() == 1
    assert (
        StaffSession.objects.get().own_factor_at is None and StaffSession.objects.get().grant == world.grants["tutor"]
    )


def test_a_form_without_its_token_is_refused(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = world.browser("head", own_factor=True).cookies
    for url in ("/agents/deconnexion/", "/agents/choisir/", "/gestion/mots-de-passe-provisoires/", "/gestion/choix/"):
        assert browser.post(url).status_code == 403
    assert not TemporaryPassword.objects.exists() and Account.objects.filter(kind=Kind.PUPIL).exists()
    assert clock.now() == world.at


def _event(by: str, account: Account, at: datetime) -> Event:
    return Event(name=Events.PASSWORD_RESET, by=by, on=account.key, at=at, uai="0991234D", facts={})
