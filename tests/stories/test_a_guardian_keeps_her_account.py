"""Lan Anh Nguyen changes her address, minds her devices, takes her data away, and thinks twice about leaving."""

import csv
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, activate_with_mobile, go_on, go_to, heading, link_of, sign_in

FIRST, NEW = "lan.anh@example.org", "lan.anh.nguyen@example.org"


def test_she_keeps_her_account(street: Street, new_person: NewPerson, tmp_path: Path) -> None:
    # size: one walk, page after page, told at once
    page = new_person(DESKTOP)
    username = activate_with_mobile(page, street, street.cast.lan, street.cast.mai, FIRST)
    page.goto(f"{street.identity}/compte/")
    look(page, "account-home")
    page.get_by_role("link", name="Ajouter un enfant").click()
    heading(page, "Mes enfants")
    look(page, "account-children")
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
    go_on(page, "Renvoyer le message")
    expect(page.get_by_text("Un message vient déjà de partir")).to_be_visible()
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
    elsewhere.goto(f"{street.identity}/deconnexion/")
    heading(elsewhere, "Se déconnecter")
    look(elsewhere, "signin-sign-out")
    elsewhere.get_by_role("link", name="Retour").click()
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
