"""Élodie forgot her username, then her password: what she proved gives both back. A stranger learns nothing."""

from playwright.sync_api import expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import (
    PASSWORD,
    choose_another_password,
    forget_the_password,
    go_on,
    have_a_code_sent,
    heading,
    say_it_is_forgotten,
    sign_in,
)

NUMBER = "+33639980076"


def test_her_username_is_sent_to_her_address_or_shown_after_a_code(street: Street, new_person: NewPerson) -> None:
    elodie, page = street.who("Élodie Renard"), new_person(PHONE)
    say_it_is_forgotten(page, street, "identifiant")
    heading(page, "Identifiant oublié")
    look(page, "recovery-contact")
    page.get_by_label("Votre adresse électronique, ou").fill(elodie["email"])
    go_on(page)
    heading(page, "Regardez vos messages")
    look(page, "recovery-sent")
    assert elodie["username"] in street.emails(elodie["email"], about="Votre identifiant")[0]["text"]

    say_it_is_forgotten(page, street, "identifiant")
    page.get_by_label("Votre adresse électronique, ou").fill("06 39 98 00 76")
    go_on(page)
    heading(page, "Le code que vous avez reçu")
    look(page, "recovery-code")
    code = street.code(NUMBER)
    page.get_by_label("Code reçu").fill("000000" if code != "000000" else "111111")
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("essais")
    page.get_by_label("Code reçu").fill(code)
    go_on(page)
    heading(page, "Votre identifiant")
    expect(page.get_by_text(elodie["username"])).to_be_visible()
    look(page, "recovery-username")
    page.get_by_role("link", name="Mot de passe oublié").click()
    heading(page, "Mot de passe oublié")


def test_a_code_at_her_address_lets_her_choose_a_password(street: Street, new_person: NewPerson) -> None:
    elodie, page = street.who("Élodie Renard"), new_person(DESKTOP)
    say_it_is_forgotten(page, street, "mot de passe")
    heading(page, "Mot de passe oublié")
    look(page, "recovery-username-asked")
    page.get_by_label("Votre identifiant").fill(elodie["email"])
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("c’est une adresse électronique")
    page.get_by_label("Votre identifiant").fill(elodie["username"])
    go_on(page)
    heading(page, "Recevoir un code")
    look(page, "recovery-way")
    have_a_code_sent(page, "Par courriel")
    page.get_by_label("Code reçu").fill(street.mailed_code(elodie["email"]))
    go_on(page)
    heading(page, "Choisissez un nouveau mot de passe")
    page.get_by_label("Mot de passe", exact=True).fill("elodie.renard")
    go_on(page, "Changer le mot de passe")
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "recovery-password-refused")
    choose_another_password(page)
    look(page, "recovery-done")
    assert street.emails(elodie["email"], about="mot de passe oublié est remplacé")

    sign_in(page, street, "Responsable", username=elodie["username"], password=PASSWORD)
    heading(page, "Bonjour Élodie")


def test_somebody_nobody_knows_reads_the_same_pages_then_takes_a_ticket(street: Street, new_person: NewPerson) -> None:
    page = new_person(PHONE)
    forget_the_password(page, street, "p.personne")
    have_a_code_sent(page, "Par SMS")
    page.get_by_text("Rien reçu").click()
    go_on(page, "Je n’ai plus accès à rien")
    heading(page, "Faisons-nous aider par l’établissement")
    look(page, "recovery-say-who")
    page.get_by_label("Votre nom").fill("Personne")
    page.get_by_label("Votre prénom").fill("Paule")
    page.get_by_label("L’établissement de votre enfant").fill("Collège Élise-Deroche, Le Pré-sous-Bois")
    go_on(page, "Obtenir un ticket")
    expect(page.get_by_text("Votre numéro de ticket")).to_be_visible()
    look(page, "recovery-ticket")
