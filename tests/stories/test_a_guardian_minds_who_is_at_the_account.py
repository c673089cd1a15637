"""Hadrien changes his number and his password, closes what is open elsewhere, and says no to what he did not ask."""

import re

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, activate_with_mobile, go_on, go_to, heading, link_of, sign_in

ADDRESS, NEW_PASSWORD = "hadrien@example.org", "cinq tilleuls devant la grille"
NEW_MOBILE, AS_HE_WRITES_IT = "+33639980097", "06 39 98 00 97"


def change_the_mobile(page: Page, street: Street, new_person: NewPerson) -> None:
    """The new number proves itself by a code, the old one agrees by the link of its SMS."""
    go_to(page, street, "Téléphone portable")
    page.get_by_role("link", name="Changer de numéro").click()
    heading(page, "Votre numéro de mobile")
    page.get_by_label("Numéro de mobile").fill(AS_HE_WRITES_IT)
    look(page, "account-mobile-number")
    go_on(page, "Recevoir le code")
    page.get_by_label("Code reçu").fill(street.code(NEW_MOBILE))
    look(page, "account-mobile-code")
    go_on(page)
    expect(page.get_by_text("Un nouveau numéro attend")).to_be_visible()
    look(page, "account-mobile-waiting")
    phone = new_person(PHONE)
    phone.goto(street.link_sent_to(street.cast.hadrien.mobile))
    heading(phone, "Est-ce bien vous")
    go_on(phone, "C’est moi, changer tout de suite")
    expect(phone.get_by_text("Le changement est fait")).to_be_visible()
    page.reload()
    expect(page.get_by_role("definition").filter(has_text=AS_HE_WRITES_IT)).to_be_visible()


def change_the_password(page: Page, street: Street) -> None:
    """The present one first."""
    go_to(page, street, "Mot de passe")
    heading(page, "Changer de mot de passe")
    page.get_by_label("Mot de passe actuel").fill("un autre, oublié depuis")
    page.get_by_label("Nouveau mot de passe").fill(NEW_PASSWORD)
    go_on(page, "Enregistrer ce mot de passe")
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "account-password-refused")
    page.get_by_label("Mot de passe actuel").fill(PASSWORD)
    page.get_by_label("Nouveau mot de passe").fill(NEW_PASSWORD)
    go_on(page, "Enregistrer ce mot de passe")
    expect(page.get_by_text("Le mot de passe est changé")).to_be_visible()
    assert street.emails(ADDRESS, about="mot de passe a changé")


def test_he_changes_what_opens_the_account_and_shuts_every_other_door(street: Street, new_person: NewPerson) -> None:
    page, elsewhere = new_person(DESKTOP), new_person(PHONE)
    username = activate_with_mobile(page, street, street.cast.hadrien, street.cast.lison, ADDRESS)
    change_the_mobile(page, street, new_person)

    sign_in(elsewhere, street, "Responsable", username=username, password=PASSWORD)
    heading(elsewhere, "Bonjour Hadrien")
    change_the_password(page, street)
    elsewhere.reload()
    expect(elsewhere).to_have_url(re.compile("/connexion/"))

    sign_in(elsewhere, street, "Responsable", username=username, password=NEW_PASSWORD)
    heading(elsewhere, "Bonjour Hadrien")
    go_to(page, street, "Appareils connectés")
    go_on(page, "Se déconnecter partout")
    heading(page, "À bientôt")
    for browser in (page, elsewhere):
        browser.goto(f"{street.identity}/compte/")
        expect(browser).to_have_url(re.compile("/connexion/"))

    # Somebody at his computer asks for another address: the old one is told, and he says no.
    sign_in(page, street, "Responsable", username=username, password=NEW_PASSWORD)
    go_to(page, street, "Adresse électronique")
    page.get_by_role("link", name="Changer d’adresse").click()
    page.get_by_label("Nouvelle adresse électronique").fill("quelquun@example.org")
    go_on(page, "Envoyer le message")
    expect(page.get_by_text("Une nouvelle adresse attend")).to_be_visible()
    elsewhere.goto(link_of(street.emails(ADDRESS, about="adresse de votre compte va changer")[0], "/non/"))
    heading(elsewhere, "Est-ce bien vous")
    go_on(elsewhere, "Ce n’est pas moi")
    heading(elsewhere, "Rien ne changera")
    look(elsewhere, "account-change-refused")
    page.reload()
    expect(page).to_have_url(re.compile("/connexion/"))
    sign_in(page, street, "Responsable", username=username, password=NEW_PASSWORD)
    page.goto(f"{street.identity}/compte/courriel/changer/")
    heading(page, "D’abord un nouveau mot de passe")
    look(page, "account-refused-before")

    # All of it is in the journal, by whom and from what.
    go_to(page, street, "Journal")
    main = page.get_by_role("main")
    for words in ("mobile", "Mot de passe", "refus"):
        expect(main).to_contain_text(re.compile(words, re.IGNORECASE))
    look(page, "account-journal-long")
