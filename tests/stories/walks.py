"""What several people do in the same way: type a date, take the link of a message, sign in."""

import re

from playwright.sync_api import Page, expect

from tests.stories.street import Street

PASSWORD = "quatre grands marronniers au fond"


def heading(page: Page, words: str) -> None:
    """The page that says `words` in large is there."""
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(words))


def sign_in(page: Page, street: Street, profile: str, *, username: str, password: str) -> None:
    """Through the door, as « Responsable » or « Élève »."""
    page.goto(street.identity)
    page.get_by_role("link", name=profile).click()
    type_credentials(page, username=username, password=password)


def type_credentials(page: Page, *, username: str, password: str) -> None:
    """The two boxes of the door, then its button."""
    page.get_by_label("Identifiant", exact=True).fill(username)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Se connecter", exact=True).click()


def type_date(page: Page, question: str, written: str, *, rank: int = 0) -> None:
    """A date in its three boxes; `written` as on the start page, 14/03/2014."""
    group = page.get_by_role("group", name=re.compile(question)).nth(rank)
    for box, number in zip(("Jour", "Mois", "Année"), written.split("/"), strict=True):
        group.get_by_label(box).fill(number)


def go_on(page: Page, words: str = "Continuer") -> None:
    """The green button."""
    page.get_by_role("button", name=words, exact=True).click()


def link_of(message: dict[str, object], words: str = "/activation/courriel/") -> str:
    """The link of a message that leads to a page whose address holds `words`."""
    links = message["links"]
    assert isinstance(links, list)
    (link,) = {str(link) for link in links if words in str(link)}
    return link
