"""From the portal's answer to the desk: which second factor the visit has, and what it then meets."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from preau.identity.directory.models import School
from preau.identity.staff.models import Grant, StaffMember, StaffSession
from tests.rooms.identity.staff.portal_apart import Portal

HEAD = {"FrEduFonctAdm": "DIR", "FrEduRneResp": "0991234d", "email": "claire.vasseur@example.org"}


def enter(portal: Portal, browser: Client | None = None, **claims: Any) -> Client:
    """Come in by the portal, which says this of the head and of how she proved who she is."""
    browser = browser or Client()
    portal.person |= HEAD
    portal.token_claims = claims
    way = browser.get("/agents/portail/", {"suite": "/gestion/"})["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(way).query).items()}
    answer = {"code": portal.grant(asked), "state": asked["state"], "iss": portal.issuer}
    assert browser.get("/agents/retour/", answer).status_code == 302
    return browser


def first_page(browser: Client) -> str:
    """Where the desk's first page leads, or its status."""
    answer = browser.get("/gestion/")
    return answer.get("Location", str(answer.status_code))


@pytest.mark.parametrize("amr", [["pwd", "otp"], ["hwk"], "otp"], ids=str)
def test_a_real_factor_of_the_portal_opens_the_desk(portal: Portal, school: School, amr: Any) -> None:
    browser = enter(portal, amr=amr)
    visit = StaffSession.objects.get()
    assert visit.portal_factor in amr and visit.portal_factor_at is not None
    assert first_page(browser) == "200"


@pytest.mark.parametrize(
    "claims",
    [
        {"amr": ["pwd"]},
        {"amr": ["pwd", "sms"]},
        {"amr": []},
        {"amr": None},
        {"amr": {"otp": True}},
        {"amr": ["pwd", "otp"], "auth_time": int(time.time()) - 3700},
        {"amr": ["pwd", "otp"], "auth_time": int(time.time()) + 3700},
        {"amr": ["pwd", "otp"], "auth_time": None},
        {"amr": ["pwd", "otp"], "auth_time": "now"},
        {"amr": ["pwd", "otp"], "auth_time": 10**30},
    ],
    ids=range(10),
)
def test_a_password_alone_or_an_old_proof_opens_nothing_before_our_own_factor(
    portal: Portal, school: School, claims: dict[str, Any]
) -> None:
    browser = enter(portal, **claims)
    assert StaffSession.objects.get().portal_factor == ""
    assert first_page(browser).startswith("/agents/second-facteur/?suite=")
    page = browser.get("/agents/second-facteur/")
    assert page.status_code == 403 and "/agents/portail/?encore=1" in page.content.decode()


def test_the_factor_comes_from_the_signed_token_never_from_the_userinfo(portal: Portal, school: School) -> None:
    portal.person |= {"amr": ["otp"], "auth_time": int(time.time())}
    browser = enter(portal, amr=["pwd"])
    assert first_page(browser).startswith("/agents/second-facteur/")


def test_going_back_to_the_portal_asks_it_for_a_new_proof(portal: Portal, school: School) -> None:
    way = Client().get("/agents/portail/", {"encore": "1"})["Location"]
    assert parse_qs(urlsplit(way).query)["prompt"] == ["login"]


def test_a_real_factor_ends_the_visit_that_had_none(portal: Portal, school: School) -> None:
    browser = enter(portal, amr=["pwd"])
    enter(portal, browser, amr=["otp"])
    before, after = StaffSession.objects.order_by("pk")
    assert before.ended_at is not None and after.ended_at is None
    assert first_page(browser) == "200"


def test_the_same_person_next_day_is_the_same_member(portal: Portal, school: School) -> None:
    enter(portal)
    portal.person |= {"family_name": "VASSEUR-LE BRAS"}
    enter(portal)
    assert StaffMember.objects.get().surname == "VASSEUR-LE BRAS" and Grant.objects.count() == 1


def test_a_head_who_is_no_longer_one_loses_the_desk_at_the_next_entry(portal: Portal, school: School) -> None:
    enter(portal)
    portal.person |= {"FrEduRneResp": "X"}
    browser = Client()
    way = browser.get("/agents/portail/")["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(way).query).items()}
    browser.get("/agents/retour/", {"code": portal.grant(asked), "state": asked["state"], "iss": portal.issuer})
    assert Grant.objects.get().revoked_at is not None
    assert first_page(browser).startswith("/agents/choisir/")
