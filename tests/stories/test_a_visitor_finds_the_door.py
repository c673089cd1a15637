"""Somebody types the address: the site asks who they are, before anything else."""

from playwright.sync_api import Page, expect

from tests.stories.browser import look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street


def test_a_visitor_is_asked_who_they_are(street: Street, browser_page: Page) -> None:
    browser_page.goto(street.identity)
    expect(browser_page.get_by_role("heading", level=1)).to_be_visible()
    expect(
        browser_page.get_by_role("link", name="responsable")
        .or_(browser_page.get_by_role("button", name="responsable"))
        .first
    ).to_be_visible()
    look(browser_page, "signin-profile")


def test_the_door_opens_without_javascript(street: Street, new_person: NewPerson) -> None:
    page = new_person(without_script=True)
    page.goto(street.identity)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_eservices_stand_beside_and_send_to_the_door(street: Street, phone_page: Page) -> None:
    phone_page.goto(street.eservices)
    expect(phone_page.get_by_role("heading", level=1)).to_be_visible()
