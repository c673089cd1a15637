"""Nolwenn changed number and kept her address: FranceConnect and a code by e-mail. A password comes later."""

from playwright.sync_api import expect

from tests.stories.browser import PHONE, look
from tests.stories.clock import Clock
from tests.stories.conftest import NewPerson
from tests.stories.franceconnect import be, come_by_franceconnect, sign_out_of_both
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, go_on, heading, sign_in, type_date


def test_a_code_by_email_opens_then_she_chooses_a_password(street: Street, clock: Clock, new_person: NewPerson) -> None:
    # size: one walk, page after page, told at once
    nolwenn, page = street.cast.nolwenn, new_person(PHONE)
    come_by_franceconnect(page, street, "Nolwenn Guillou")
    go_on(page, "Je n’ai plus ce numéro")
    page.get_by_label("L’adresse électronique que connaît").check()
    go_on(page)
    page.get_by_label("Adresse électronique").fill(nolwenn.email)
    go_on(page, "Recevoir un code")
    heading(page, "Le code que vous avez reçu")
    look(page, "franceconnect-code-by-email")
    page.get_by_label("Code reçu").fill(street.mailed_code(nolwenn.email))
    go_on(page)
    heading(page, "dates de naissance de vos enfants")
    type_date(page, "Date de naissance d’un", f"{street.cast.tess.birth_on:%d/%m/%Y}")
    go_on(page)
    heading(page, "Tout concorde")
    go_on(page, "Activer mon compte")
    heading(page, "Bienvenue sous le préau")
    username = page.locator("bdi.code-large").inner_text()
    page.goto(f"{street.identity}/compte/")
    heading(page, "Bonjour Nolwenn")
    sign_out_of_both(page)

    # « Mot de passe oublié »: there is none to find again, and what opens is said once a code was typed back.
    clock.later(0.05)
    page.goto(f"{street.identity}/recuperation/responsable/mot-de-passe/")
    page.get_by_label("Votre identifiant").fill(username)
    go_on(page)
    page.get_by_label("Par courriel").check()
    go_on(page, "Envoyer le code")
    page.get_by_label("Code reçu").fill(street.mailed_code(nolwenn.email, rank=2))
    go_on(page)
    heading(page, "Utilisez FranceConnect")
    look(page, "recovery-franceconnect")
    page.get_by_role("link", name="Revenir à la connexion").click()

    # One can choose a password all the same.
    page.get_by_role("link", name="S’identifier avec FranceConnect").click()
    be(page, "Nolwenn Guillou")
    heading(page, "Bonjour Nolwenn")
    page.goto(f"{street.identity}/compte/franceconnect/")
    page.get_by_role("link", name="Choisir un mot de passe").click()
    page.get_by_label("mot de passe", exact=False).first.fill("nolwenn")
    go_on(page, "Enregistrer ce mot de passe")
    expect(page.get_by_role("alert").first).to_be_visible()
    look(page, "account-first-password-refused")
    page.get_by_label("mot de passe", exact=False).first.fill(PASSWORD)
    go_on(page, "Enregistrer ce mot de passe")
    heading(page, "Bonjour Nolwenn")
    look(page, "account-first-password-chosen")
    other = new_person(PHONE)
    sign_in(other, street, "Responsable", username=username, password=PASSWORD)
    heading(other, "Bonjour Nolwenn")
