"""Lan Anh Nguyen changes her address, minds her devices, takes her data away, and thinks twice about leaving."""

import csv
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, go_on, heading, link_of, sign_in, type_date

MOBILE, AS_SHE_WRITES_IT = "+33639980057", "06 39 98 00 57"
FIRST, NEW = "lan.anh@example.org", "lan.anh.nguyen@example.org"


def come_in(page: Page, street: Street) -> str:
    """With her phone, as in the story of those who have no letter. Returns her username."""
    page.goto(f"{street.identity}/activation/mobile/")
    go_on(page, "Commencer")
    page.get_by_label("Nom", exact=True).fill("Nguyen")
    page.get_by_label("Prénom").fill("Lan Anh")
    page.get_by_label("Téléphone portable").fill(AS_SHE_WRITES_IT)
    go_on(page, "Recevoir un code")
    page.get_by_label("Code reçu").fill(street.code(MOBILE))
    go_on(page)
    type_date(page, "Date de naissance d’un", f"{street.cast.mai.birth_on:%d/%m/%Y}")
    go_on(page)
    page.get_by_role("textbox", name="Adresse électronique").fill(FIRST)
    go_on(page)
    page.get_by_label("Code reçu").fill(street.mailed_code(FIRST))
    go_on(page)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    go_on(page, "Activer mon compte")
    heading(page, "Bienvenue sous le préau")
    (message, *_) = street.emails(FIRST, about="activé")
    return str(re.findall(r"\bl\.nguyen\d*\b", message["text"])[0])


def go_to(page: Page, street: Street, section: str) -> None:
    """A section of the account, by its menu."""
    page.goto(f"{street.identity}/compte/")
    page.get_by_role("navigation", name="Mon compte").get_by_role("link", name=section).click()


def test_she_keeps_her_account(street: Street, new_person: NewPerson, tmp_path: Path) -> None:
    # size: one walk, page after page, told at once
    page = new_person(DESKTOP)
    username = come_in(page, street)
    page.goto(f"{street.identity}/compte/")
    look(page, "account-home")
    go_to(page, street, "Mon identité")
    look(page, "account-identity")

    # Another address: the new one proves itself, the old one agrees.
    go_to(page, street, "Adresse électronique")
    page.get_by_role("link", name="Changer d’adresse").click()
    look(page, "account-change-email")
    page.get_by_label("Nouvelle adresse électronique").fill(NEW)
    go_on(page, "Envoyer le message")
    expect(page.get_by_text("Une nouvelle adresse attend")).to_be_visible()
    look(page, "account-email")
    mailbox = new_person(PHONE)
    mailbox.goto(link_of(street.emails(NEW, about="Confirmez votre nouvelle")[0], "/compte/confirmer/"))
    heading(mailbox, "Confirmer cette adresse")
    go_on(mailbox, "Confirmer mon adresse")
    heading(mailbox, "est confirmée")
    mailbox.goto(link_of(street.emails(FIRST, about="va changer")[0], "/oui/"))
    heading(mailbox, "Est-ce bien vous")
    look(mailbox, "account-old-address")
    go_on(mailbox, "C’est moi, changer tout de suite")
    expect(mailbox.get_by_text("Le changement est fait")).to_be_visible()
    page.reload()
    expect(page.get_by_role("definition").filter(has_text=NEW)).to_be_visible()
    assert street.emails(FIRST, about="a changé") and street.emails(NEW, about="a changé")

    go_to(page, street, "Téléphone portable")
    expect(page.get_by_text("06 39 98 00 57")).to_be_visible()
    look(page, "account-mobile")

    # Somewhere else, and not any more.
    elsewhere = new_person(PHONE)
    sign_in(elsewhere, street, "Responsable", username=username, password=PASSWORD)
    heading(elsewhere, "Bonjour Lan Anh")
    go_to(page, street, "Appareils connectés")
    look(page, "account-devices")
    page.get_by_role("button", name="Déconnecter ordinateur").click()
    expect(page.get_by_text("Cet appareil est déconnecté")).to_be_visible()
    elsewhere.reload()
    expect(elsewhere).to_have_url(re.compile("/connexion/"))

    go_to(page, street, "Journal")
    expect(page.get_by_text("Adresse électronique confirmée").first).to_be_visible()
    look(page, "account-journal")

    go_to(page, street, "Mes données")
    look(page, "account-data")
    with page.expect_download() as taken:
        page.get_by_role("button", name=re.compile("CSV")).click()
    taken.value.save_as(tmp_path / "mine.csv")
    lines = (tmp_path / "mine.csv").read_text(encoding="utf-8-sig").splitlines()
    rows = list(csv.reader(lines, delimiter=";"))
    assert ["Compte", "1", "Identifiant", username] in rows

    # Leaving, and staying after all.
    go_to(page, street, "Fermer le compte")
    look(page, "account-close")
    go_on(page, "Demander la fermeture")
    heading(page, "La fermeture est demandée")
    assert street.emails(NEW, about="sera fermé")
    sign_in(page, street, "Responsable", username=username, password=PASSWORD)
    heading(page, "Bonjour Lan Anh")
    expect(page.get_by_text("va être fermé")).to_be_hidden()
