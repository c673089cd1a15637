"""Leïla Benhaddou stands twice in the school’s base: her phone and a birth date bring her second child to her."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, activate_with_mobile, go_on, heading, sign_in, type_date

ADDRESS = "leila@example.org"


def begin(page: Page, street: Street) -> None:
    """From the account to the first page of the walk."""
    page.goto(f"{street.identity}/compte/")
    page.get_by_role("link", name="Ajouter un enfant").click()
    page.get_by_role("link", name="Ajouter des élèves depuis un autre compte").click()
    page.get_by_role("link", name="Ajouter avec mon téléphone").click()
    heading(page, "Où est cet enfant")


def prove_the_mobile(page: Page, street: Street) -> None:
    """From the account to the birth dates, by a new code."""
    mobile = street.cast.leila.mobile
    before = street.code(mobile)
    begin(page, street)
    page.get_by_label("Établissement de cet enfant").fill("collège Elise Deroche")
    go_on(page, "Recevoir un code")
    page.get_by_label("Code reçu").fill(street.code(mobile, after=before))
    go_on(page)
    heading(page, "Les dates de naissance de ces enfants")


@pytest.fixture
def later(street: Street) -> Iterator[Callable[..., None]]:
    """`later(hours=…)`, counted from the beginning; the street comes back to today."""
    yield lambda *, hours: street.move_clock(hours=hours)
    street.move_clock()


def test_she_adds_her_second_child_with_her_phone(
    street: Street, new_person: NewPerson, later: Callable[..., None]
) -> None:
    page = new_person(DESKTOP)
    username = activate_with_mobile(page, street, street.cast.leila, street.cast.nour, ADDRESS)
    page.goto(f"{street.identity}/compte/enfants/")
    expect(page.get_by_role("heading", name="Nour")).to_be_visible()
    expect(page.get_by_role("heading", name="Rayan")).to_have_count(0)
    look(page, "children")
    later(hours=0.05)  # a number receives one code a minute

    # A school that knows her not: the same pages, and a ticket.
    begin(page, street)
    look(page, "child-school")
    page.get_by_label("Établissement de cet enfant").fill("Collège Jeanne-Barret")
    page.get_by_label("Téléphone portable").fill("06 39 98 00 79")
    go_on(page, "Recevoir un code")
    heading(page, "Le code que vous avez reçu")
    page.get_by_text("Rien reçu").click()
    page.get_by_role("link", name="Choisir un autre moyen").click()
    heading(page, "Pourquoi ça bloque")
    look(page, "child-stuck")
    go_on(page, "Obtenir un numéro de ticket")
    expect(page.get_by_text("Votre numéro de ticket")).to_be_visible()
    look(page, "child-ticket")

    # Three wrong sets: this telephone waits a day, the account stays as it is.
    prove_the_mobile(page, street)
    for wrong in ("01/01/2010", "02/01/2010", "03/01/2010"):
        type_date(page, "Date de naissance d’un", wrong)
        go_on(page, "Ajouter ces élèves")
    heading(page, "Faisons une pause")
    look(page, "child-paused")
    later(hours=26)
    sign_in(page, street, "Responsable", username=username, password=PASSWORD)
    heading(page, "Bonjour Leïla")

    prove_the_mobile(page, street)
    look(page, "child-birth-dates")
    type_date(page, "Date de naissance d’un", f"{street.cast.nour.birth_on:%d/%m/%Y}")
    go_on(page, "Ajouter ces élèves")
    expect(page.get_by_text("Ce ne sont pas les dates").first).to_be_visible()
    type_date(page, "Date de naissance d’un", f"{street.cast.rayan.birth_on:%d/%m/%Y}")
    go_on(page, "Ajouter ces élèves")
    expect(page.get_by_text("Les élèves sont ajoutés")).to_be_visible()
    for child in ("Nour", "Rayan"):
        expect(page.get_by_role("heading", name=child)).to_be_visible()
    look(page, "children-added")
    assert street.emails(ADDRESS, about="regroupés")

    # She leaves the computer open: whoever sits down reads the children, and adds none without proving who they are.
    later(hours=26.3)
    page.goto(f"{street.identity}/compte/enfants/")
    page.get_by_role("link", name="Ajouter des élèves depuis un autre compte").click()
    heading(page, "Confirmez que c’est vous")
    assert "/connexion/confirmer/" in page.url
