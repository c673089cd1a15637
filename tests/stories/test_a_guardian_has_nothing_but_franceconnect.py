"""Honorine has neither number, address nor letter left: FranceConnect and all the birth dates, and it can be undone."""

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.franceconnect import come_by_franceconnect
from tests.stories.street import Street
from tests.stories.walks import go_on, heading, link_of, type_date


def test_all_the_birth_dates_let_her_in_everybody_is_told_and_the_link_of_a_message_undoes_it(
    street: Street, new_person: NewPerson
) -> None:
    # size: one walk, page after page, told at once
    honorine, evrard = street.cast.honorine, street.cast.evrard
    page = new_person(PHONE, forgives=403)
    come_with_nothing_else(page, street)
    look(page, "franceconnect-alone-child")
    name_the_child(page)
    look(page, "franceconnect-alone-birth-dates")

    # One of two is not enough, and what is missing is not said.
    type_date(page, "Date de naissance d’un", f"{street.cast.ulysse.birth_on:%d/%m/%Y}")
    go_on(page)
    expect(page.get_by_role("alert").first).to_contain_text("Cela ne suffit pas à ouvrir un accès")
    look(page, "franceconnect-alone-refused")
    type_both_dates(page, street)
    heading(page, "Tout concorde")
    expect(page.get_by_text("Pendant 72 heures")).to_be_visible()
    for child in ("Ulysse", "Violette"):
        expect(page.get_by_text(child)).to_be_visible()
    look(page, "franceconnect-alone-finish")
    go_on(page, "Activer mon compte")
    heading(page, "Bienvenue sous le préau")
    look(page, "franceconnect-alone-welcome")
    page.goto(f"{street.identity}/compte/")
    heading(page, "Bonjour Honorine")
    look(page, "franceconnect-alone-account")

    # What would outlive the undoing waits until it is over.
    page.goto(f"{street.identity}/compte/courriel/changer/")
    heading(page, "Pas encore")
    look(page, "signin-held")
    page.get_by_role("link", name="Mon compte", exact=True).first.click()
    heading(page, "Bonjour Honorine")

    # Both are told, at what the school knows; he reads the children, never who.
    (hers, *_) = street.emails(honorine.email, about="Un accès vient d’être ouvert")
    assert "/activation/annuler/" in hers["text"]
    assert "Ulysse" not in hers["text"]
    (his, *_) = street.emails(evrard.email, about="vient d’entrer")
    assert "Ulysse" in his["text"] and "Honorine" not in his["text"]

    # To look undoes nothing; the button does, and for everybody.
    father = new_person(DESKTOP)
    father.goto(link_of(his, "/activation/annuler/"))
    heading(father, "Annuler cet accès")
    look(father, "franceconnect-alone-undo")
    page.reload()
    heading(page, "Bonjour Honorine")
    go_on(father, "Annuler cet accès")
    heading(father, "L’accès est annulé")
    look(father, "franceconnect-alone-undone")
    page.goto(f"{street.identity}/compte/")
    heading(page, "Qui êtes-vous")
    father.goto(link_of(hers, "/activation/annuler/"))
    heading(father, "L’accès est annulé")

    # Undone once, FranceConnect alone is not enough any more: the school decides.
    other = new_person(PHONE)
    come_with_nothing_else(other, street)
    name_the_child(other)
    type_both_dates(other, street)
    expect(other.get_by_role("alert").first).to_contain_text("Cela ne suffit pas à ouvrir un accès")
    type_date(other, "Date de naissance d’un", "01/01/2010")
    go_on(other)
    heading(other, "Voyez avec l’établissement")
    look(other, "franceconnect-without-a-proof")
    other.get_by_role("button", name="Pourquoi ça bloque").click()
    expect(other.get_by_text("Votre numéro de ticket")).to_be_visible()


def come_with_nothing_else(page: Page, street: Street) -> None:
    """« Je n’ai plus ce numéro », nor the address, nor the letter."""
    come_by_franceconnect(page, street, "Honorine Planchenault")
    heading(page, "Bonjour Honorine")
    go_on(page, "Je n’ai plus ce numéro")
    heading(page, "Une autre preuve")
    page.get_by_label("Ni l’une ni l’autre").check()
    go_on(page)
    heading(page, "Sans autre preuve")


def name_the_child(page: Page) -> None:
    """The school and one of the two."""
    page.get_by_label("Établissement d’un de vos enfants").fill("Collège Élise-Deroche")
    page.get_by_label("Prénom de cet enfant").fill("Violette")
    go_on(page)
    heading(page, "dates de naissance de vos enfants")


def type_both_dates(page: Page, street: Street) -> None:
    """In any order."""
    for rank, child in enumerate((street.cast.violette, street.cast.ulysse)):
        type_date(page, "Date de naissance d’un", f"{child.birth_on:%d/%m/%Y}", rank=rank)
    go_on(page)
