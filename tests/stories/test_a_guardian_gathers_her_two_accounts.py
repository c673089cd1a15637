"""Solène has two accounts, a child in each: they become one, which both are told before, and which can be undone."""

import re

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.clock import Clock
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import go_on, heading, link_of, sign_in

FIRST, SECOND = "solene.tessier@example.org", "s.tessier@example.org"


def come_in(page: Page, street: Street, one: dict[str, str]) -> None:
    """With one of the two accounts, to its children."""
    sign_in(page, street, "Responsable", username=one["username"], password=one["password"])
    heading(page, "Bonjour Solène")
    page.goto(f"{street.identity}/compte/enfants/")


def ask(page: Page, username: str, password: str) -> None:
    """« Ajouter des élèves depuis un autre compte », with that account's credentials."""
    page.get_by_role("link", name="Ajouter des élèves depuis un autre compte").click()
    page.get_by_label("Identifiant de l’autre compte").fill(username)
    page.get_by_label("Son mot de passe").fill(password)
    go_on(page, "Ajouter ces élèves")


def is_called_off(page: Page, other: Page, street: Street, two: dict[str, str]) -> None:
    """From the account that would go."""
    come_in(other, street, two)
    expect(other.get_by_text("Deux comptes vont être regroupés")).to_be_visible()
    look(other, "children-merge-waits")
    go_on(other, "Abandonner ce regroupement")
    expect(other.get_by_text("Le regroupement est abandonné")).to_be_visible()
    look(other, "children-merge-called-off")
    page.reload()
    expect(page.get_by_text("Deux comptes vont être regroupés")).to_have_count(0)


def is_done(page: Page, street: Street, clock: Clock, two: dict[str, str]) -> None:
    """Asked, and two days later it is so."""
    ask(page, two["username"], two["password"])
    expect(page.get_by_text("Le regroupement est demandé")).to_be_visible()
    clock.later(48.2)
    clock.a_pass()


def test_it_is_announced_called_off_done_and_undone(street: Street, clock: Clock, new_person: NewPerson) -> None:
    one, two = street.accounts("Solène Tessier")
    page, other = new_person(DESKTOP), new_person(PHONE)
    come_in(page, street, one)
    look(page, "children-one-of-two")
    ask(page, two["username"], "ce n’est pas lui")
    expect(page.get_by_role("alert").first).to_contain_text("n’est pas le bon")
    look(page, "children-add-refused")
    page.goto(f"{street.identity}/compte/enfants/")
    ask(page, two["username"], two["password"])
    expect(page.get_by_text("Le regroupement est demandé")).to_be_visible()
    look(page, "children-merge-asked")
    for address in (FIRST, SECOND):
        assert "48 heures" in " ".join(street.emails(address, about="vont être regroupés")[0]["text"].split())
    is_called_off(page, other, street, two)

    # Asked again, and nobody says no: two days later they are one.
    is_done(page, street, clock, two)
    assert street.emails(FIRST, about="sont regroupés")
    come_in(page, street, one)
    for child in ("Mahé", "Nino"):
        expect(page.get_by_role("heading", name=child)).to_be_visible()
    look(page, "children-merged")

    # The other one opens nothing any more, until all is as before.
    sign_in(other, street, "Responsable", username=two["username"], password=two["password"])
    expect(other.get_by_role("heading", level=1)).not_to_have_text(re.compile("Bonjour"))
    go_on(page, "Annuler ce regroupement")
    expect(page.get_by_text("Le regroupement est annulé")).to_be_visible()
    expect(page.get_by_role("heading", name="Nino")).to_have_count(0)
    look(page, "children-merge-undone")
    come_in(other, street, two)
    expect(other.get_by_role("heading", name="Nino")).to_be_visible()

    # Done once more, the side that went undoes it too: by the link it received, and its button.
    is_done(page, street, clock, two)
    link = link_of(street.emails(SECOND, about="sont regroupés", count=2)[0], "/compte/regroupement/")
    mailbox = new_person(PHONE, forgives=410)
    mailbox.goto(link)
    heading(mailbox, "Annuler ce regroupement")
    look(mailbox, "merge-undo-by-link")
    go_on(mailbox, "Annuler ce regroupement")
    heading(mailbox, "Le regroupement est annulé")
    look(mailbox, "merge-undone-by-link")
    mailbox.goto(link)
    heading(mailbox, "Ce lien ne sert plus")
    look(mailbox, "merge-link-spent")
    come_in(other, street, two)
    expect(other.get_by_role("heading", name="Nino")).to_be_visible()
