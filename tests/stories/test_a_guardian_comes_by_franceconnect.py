"""Farid has no letter and no patience, Marc has lost his number: FranceConnect, something the school knows, and in."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.desk import enter, letter_for
from tests.stories.franceconnect import be, broken, come_by_franceconnect, leave_for_franceconnect, sign_out_of_both
from tests.stories.street import Street
from tests.stories.walks import go_on, heading, link_of, type_date


def show_the_letter(page: Page, username: str, temporary: str) -> None:
    """To prove, behind FranceConnect, that one is who the school knows."""
    page.get_by_label("Identifiant", exact=True).fill(username)
    page.get_by_label("Mot de passe provisoire").fill(temporary)
    go_on(page)


def test_farid_activates_with_his_mobile_then_franceconnect_alone_lets_him_in(
    street: Street, new_person: NewPerson
) -> None:
    # size: one walk, page after page, told at once
    farid, page = street.cast.farid, new_person(PHONE)
    leave_for_franceconnect(page, street)
    be(page, "Farid Haddad")
    heading(page, "Bonjour Farid")
    look(page, "franceconnect-mobile")
    page.get_by_label("Téléphone portable").fill("06 39 98 00 68")
    go_on(page, "Recevoir un code")
    heading(page, "Le code que vous avez reçu")
    look(page, "franceconnect-code")
    page.get_by_label("Code reçu").fill(street.code(farid.mobile))
    go_on(page)
    heading(page, "dates de naissance de vos enfants")
    type_date(page, "Date de naissance d’un", f"{street.cast.amira.birth_on:%d/%m/%Y}")
    go_on(page)
    heading(page, "Tout concorde")
    expect(page.get_by_text("Amira")).to_be_visible()
    look(page, "franceconnect-finish")
    go_on(page, "Activer mon compte")
    heading(page, "Bienvenue sous le préau")
    look(page, "franceconnect-welcome")

    # FranceConnect's address has still to be proved, and the account says so until it is.
    page.get_by_role("link", name="Accéder à mes services").click()
    heading(page, "Bonjour Farid")
    expect(page.get_by_text("Une adresse électronique est à confirmer")).to_be_visible()
    look(page, "account-to-confirm")
    page.get_by_role("link", name="Corriger l’adresse", exact=True).click()
    heading(page, "adresse électronique du compte")
    page.get_by_role("textbox", name="Adresse électronique").fill("farid@example.org")
    look(page, "account-email-to-confirm")
    go_on(page, "Envoyer de nouveau le message")
    expect(page.get_by_text("Un message est en route")).to_be_visible()
    message = street.emails("farid@example.org", about="Confirmez votre adresse")[0]
    page.goto(link_of(message))
    go_on(page, "Confirmer mon adresse")
    heading(page, "L’adresse est confirmée")
    page.goto(f"{street.identity}/compte/")
    expect(page.get_by_text("Une adresse électronique est à confirmer")).to_have_count(0)

    # The way out closes FranceConnect too.
    sign_out_of_both(page)
    assert page.url.startswith(street.identity)

    # From then on, by the services as well: a click, who one is, and there.
    page.goto(street.eservices)
    page.get_by_role("link", name="Se connecter avec Préau").click()
    page.get_by_role("link", name="Responsable d’élève").click()
    page.get_by_role("link", name="S’identifier avec FranceConnect").click()
    be(page, "Farid Haddad")
    heading(page, "Bonjour Farid")
    assert page.url.startswith(street.eservices)

    # Without a password of ours, one is chosen before FranceConnect may go.
    page.goto(f"{street.identity}/compte/franceconnect/")
    expect(page.get_by_text("C’est aujourd’hui le seul moyen")).to_be_visible()
    look(page, "account-franceconnect-alone")
    page.get_by_role("link", name="Choisir un mot de passe").click()
    heading(page, "Choisir un mot de passe")
    look(page, "account-first-password")


def test_marc_no_longer_has_his_number_and_shows_the_letter_of_the_school(
    street: Street, new_person: NewPerson, tmp_path: Path
) -> None:
    head, page = new_person(DESKTOP), new_person(PHONE)
    enter(head, street, "Claire Vasseur")
    username, temporary = letter_for(head, "BOYER Marc", tmp_path)

    come_by_franceconnect(page, street, "Marc Boyer")
    go_on(page, "Je n’ai plus ce numéro")
    heading(page, "Une autre preuve")
    look(page, "franceconnect-other-proof")
    page.get_by_label("La lettre de l’établissement").check()
    go_on(page)
    heading(page, "La lettre de l’établissement")
    show_the_letter(page, username, "2222 3333 4444")
    expect(page.get_by_role("alert")).to_contain_text("Cette lettre n’ouvre rien ici")
    look(page, "franceconnect-letter-refused")
    show_the_letter(page, username, temporary)
    heading(page, "dates de naissance de vos enfants")
    type_date(page, "Date de naissance d’un", f"{street.cast.basile.birth_on:%d/%m/%Y}")
    go_on(page)
    go_on(page, "Activer mon compte")
    heading(page, "Bienvenue sous le préau")

    # The letter opens nothing any more; FranceConnect does.
    other = new_person(PHONE)
    come_by_franceconnect(other, street, "Marc Boyer")
    heading(other, "Confirmez votre adresse électronique")
    look(other, "signin-confirm-email")
    go_on(other, "Plus tard")
    heading(other, "Bonjour Marc")
    expect(other.get_by_text("Basile").first).to_be_visible()


def test_whoever_the_school_does_not_know_learns_nothing_and_takes_a_ticket(
    street: Street, new_person: NewPerson
) -> None:
    page = new_person(PHONE)
    come_by_franceconnect(page, street, "Isaline Verneuil")
    heading(page, "Bonjour Isaline")
    go_on(page, "Je n’ai plus ce numéro")
    page.get_by_label("L’adresse électronique que connaît").check()
    go_on(page)
    heading(page, "L’adresse que connaît l’établissement")
    page.get_by_label("Adresse électronique").fill("isaline.verneuil@example.org")
    look(page, "franceconnect-known-address")
    go_on(page, "Recevoir un code")
    heading(page, "Le code que vous avez reçu")
    page.get_by_text("Rien reçu").click()
    page.get_by_role("link", name="Choisir un autre moyen").click()
    heading(page, "Pourquoi ça bloque")
    go_on(page, "Obtenir un numéro de ticket")
    expect(page.get_by_text("Votre numéro de ticket")).to_be_visible()


def test_a_minor_is_not_let_in_as_a_guardian_and_finds_the_right_door(street: Street, new_person: NewPerson) -> None:
    page = new_person(PHONE)
    come_by_franceconnect(page, street, "Anouk Rivoire")
    heading(page, "Cette page est celle des responsables")
    look(page, "franceconnect-too-young")
    page.get_by_role("link", name="Aller à la page des élèves").click()
    heading(page, "Connexion élève")


def test_when_franceconnect_is_down_or_one_turns_back_the_other_ways_in_stay_open(
    street: Street, new_person: NewPerson
) -> None:
    page, switches = new_person(PHONE, forgives=503), new_person(DESKTOP)
    leave_for_franceconnect(page, street)
    with broken(switches, street, "Tout répond 503"):
        be(page, "Isaline Verneuil")
        heading(page, "FranceConnect ne répond pas")
        look(page, "franceconnect-down")
        page.get_by_role("link", name="Entrer avec un identifiant").click()
        heading(page, "Connexion responsable")
    leave_for_franceconnect(page, street)
    go_on(page, "Renoncer et revenir au site")
    heading(page, "n’est pas allé jusqu’au bout")
    look(page, "franceconnect-abandoned")
    page.get_by_role("link", name="Recommencer avec FranceConnect").click()
    be(page, "Isaline Verneuil")
    heading(page, "Bonjour Isaline")
