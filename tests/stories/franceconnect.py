"""FranceConnect, as our simulator plays it: choose who one is, throw the switches of what breaks."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from tests.stories.street import Street
from tests.stories.walks import go_on, heading


def leave_for_franceconnect(page: Page, street: Street) -> None:
    """From the door of guardians."""
    page.goto(f"{street.identity}/connexion/responsable/")
    page.get_by_role("link", name="S’identifier avec FranceConnect").click()
    heading(page, "Qui êtes-vous")


def be(page: Page, name: str) -> None:
    """Be one of the register; « Farid Haddad »."""
    page.get_by_role("button", name=re.compile(f"^{name}$", re.IGNORECASE)).click()


def come_by_franceconnect(page: Page, street: Street, name: str) -> None:
    """From the door of guardians, as somebody."""
    leave_for_franceconnect(page, street)
    be(page, name)


def sign_out_of_both(page: Page) -> None:
    """Of a visit that FranceConnect opened: it is left too, then one is back here."""
    page.get_by_role("button", name="Se déconnecter").first.click()
    heading(page, "Se déconnecter de FranceConnect")
    go_on(page, "Se déconnecter de FranceConnect")
    heading(page, "À bientôt")


@contextmanager
def broken(page: Page, street: Street, words: str) -> Iterator[None]:
    """FranceConnect with one thing wrong, said in the words of its page; repaired afterwards."""
    faults = f"{street.simulators}/franceconnect/pannes/"
    page.goto(faults)
    page.get_by_label(words).check()
    go_on(page, "Appliquer")
    try:
        yield
    finally:
        page.goto(faults)
        page.get_by_label(words).uncheck()
        go_on(page, "Appliquer")
        page.goto(faults)
