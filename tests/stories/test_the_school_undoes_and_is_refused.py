"""Somebody opened Maryvonne’s account by FranceConnect alone: the school undoes it. Then a change is refused by her."""

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.desk import enter, open_account, open_tab, show_factor
from tests.stories.franceconnect import come_by_franceconnect
from tests.stories.street import Street
from tests.stories.walks import go_on, heading, link_of, type_date

NAME, HEAD = "PRIGENT Maryvonne", "Claire Vasseur"


def open_with_nothing_else(page: Page, street: Street) -> None:
    """FranceConnect, the school, a first name, and both birth dates."""
    come_by_franceconnect(page, street, "Maryvonne Prigent")
    go_on(page, "Je n’ai plus ce numéro")
    page.get_by_label("Ni l’une ni l’autre").check()
    go_on(page)
    page.get_by_label("Établissement d’un de vos enfants").fill("Collège Élise-Deroche")
    page.get_by_label("Prénom de cet enfant").fill("Briac")
    go_on(page)
    for rank, child in enumerate((street.cast.briac, street.cast.azilis)):
        type_date(page, "Date de naissance d’un", f"{child.birth_on:%d/%m/%Y}", rank=rank)
    go_on(page)
    go_on(page, "Activer mon compte")
    heading(page, "Bienvenue sous le préau")


def test_an_access_is_undone_at_the_desk_and_a_correction_refused_at_home(
    street: Street, new_person: NewPerson
) -> None:
    page, head = new_person(PHONE), new_person(DESKTOP)
    open_with_nothing_else(page, street)

    enter(head, street, HEAD)
    expect(head.get_by_text("par FranceConnect seul").first).to_be_visible()
    open_account(head, "Responsables", NAME)
    expect(head.get_by_text("Ouvert par FranceConnect seul")).to_be_visible()
    look(head, "desk-account-opened-alone")
    head.get_by_role("link", name="Annuler cet accès").click()
    show_factor(head, street, HEAD)
    heading(head, "Annuler cet accès")
    look(head, "desk-undo-opening")
    go_on(head, "Annuler cet accès")
    expect(head.get_by_text("L’accès est annulé")).to_be_visible()
    look(head, "desk-opening-undone")
    page.goto(f"{street.identity}/compte/")
    heading(page, "Qui êtes-vous")

    # Somebody rings and gives another number for her: she says no, from the address the school knew.
    head.get_by_role("link", name="Corriger la fiche").click()
    show_factor(head, street, HEAD)
    heading(head, "Corriger la fiche")
    head.get_by_label("mobile", exact=False).first.check()
    head.get_by_label("Nouvelle valeur").fill("06 39 98 00 99")
    head.get_by_label("Recoupé avec le dossier papier").check()
    look(head, "desk-correct-guardian")
    go_on(head, "Enregistrer la correction")
    expect(head.get_by_text("Correction enregistrée")).to_be_visible()
    (message, *_) = street.emails(street.cast.maryvonne.email, about="va changer dans la base")
    page.goto(link_of(message, "/assistance/refus/"))
    heading(page, "Refuser ce changement")
    look(page, "support-refuse")
    go_on(page, "Refuser ce changement")
    heading(page, "Ce changement est refusé")
    look(page, "support-refused")
    open_tab(head, "Corrections")
    expect(head.get_by_text("Réglées depuis trente jours")).to_be_visible()
    look(head, "desk-corrections-settled")
    expect(head.get_by_text("refusée par la famille")).to_be_visible()
