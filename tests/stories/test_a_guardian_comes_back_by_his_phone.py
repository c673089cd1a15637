"""Bastien fails too often and would rather not wait; then his password is lost: the SMS, then the code of his phone."""

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.clock import Clock
from tests.stories.conftest import NewPerson
from tests.stories.passkeys import Keyring
from tests.stories.street import Street
from tests.stories.walks import ask_for_codes, choose_another_password, go_on, heading, sign_in, type_credentials

NUMBER, ADDRESS = "+33639980090", "bastien.auclair@example.org"


def do_not_wait(page: Page, street: Street, username: str) -> None:
    """Six wrong passwords: a quarter of an hour, or a code."""
    page.goto(f"{street.identity}/connexion/responsable/")
    for _ in range(6):
        with page.expect_navigation(timeout=30_000):  # from the fourth on, the browser makes an effort first
            type_credentials(page, username=username, password="ce n’est pas lui")
    heading(page, "Faisons une pause")
    look(page, "signin-pause")
    page.get_by_role("link", name="Recevoir un code pour ne pas attendre").click()
    heading(page, "Recevoir un code")
    page.get_by_label("Identifiant").fill(username)
    page.get_by_label("Par courriel").check()
    look(page, "signin-do-not-wait")
    go_on(page, "Recevoir le code")
    look(page, "signin-do-not-wait-code")
    page.get_by_label("Code reçu").fill(street.mailed_code(ADDRESS))
    go_on(page)
    heading(page, "La pause est finie")
    look(page, "signin-waits-no-more")
    page.get_by_role("link", name="Se connecter", exact=True).click()


def forget(page: Page, street: Street, username: str) -> None:
    """« J’ai oublié mon mot de passe », up to the code that comes by SMS."""
    page.goto(f"{street.identity}/recuperation/responsable/mot-de-passe/")
    page.get_by_label("Votre identifiant").fill(username)
    go_on(page)
    page.get_by_label("Par SMS").check()
    go_on(page, "Envoyer le code")
    heading(page, "Le code que vous avez reçu")


def test_he_does_not_wait_and_shows_all_that_was_agreed(street: Street, clock: Clock, new_person: NewPerson) -> None:
    # size: one walk, page after page, told at once
    bastien, slow = street.who("Bastien Auclair"), new_person(DESKTOP, forgives=429)
    username = bastien["username"]
    do_not_wait(slow, street, username)
    type_credentials(slow, username=username, password=bastien["password"])
    heading(slow, "Bonjour Bastien")

    page = new_person(PHONE)
    keyring = Keyring(page)
    sign_in(page, street, "Responsable", username=username, password=bastien["password"])
    heading(page, "Bonjour Bastien")
    page.goto(f"{street.identity}/compte/cles-et-codes/cle/")
    page.get_by_label("Nom de cette clé").fill("Mon téléphone")
    go_on(page, "Créer la clé d’accès")
    expect(page.get_by_text("La clé d’accès est ajoutée")).to_be_visible()
    phone, served = ask_for_codes(page, street, clock)

    # Later, what matters asks again: the key of the phone is enough.
    clock.later(0.3)
    page.goto(f"{street.identity}/compte/donnees/")
    heading(page, "Confirmez que c’est vous")
    look(page, "signin-confirm-three-ways")
    page.get_by_role("link", name="clé d’accès").click()
    heading(page, "Confirmer avec une clé d’accès")
    look(page, "signin-confirm-by-key")
    keyring.finger(is_recognised=False)
    go_on(page, "Continuer avec la clé d’accès")
    expect(page.get_by_text("Rien n’a été confirmé sur l’appareil")).to_be_visible()
    keyring.finger(is_recognised=True)
    go_on(page, "Continuer avec la clé d’accès")
    heading(page, "Mes données")

    # The password is forgotten: the SMS alone does not give back an account that asks for a code.
    late = new_person(DESKTOP)
    forget(late, street, username)
    code = street.code(NUMBER)
    late.get_by_label("Code reçu").fill(code)
    go_on(late)
    heading(late, "Le code de l’application")
    clock.later(0.05)
    page = new_person(PHONE)
    forget(page, street, username)
    page.get_by_label("Code reçu").fill(street.code(NUMBER, after=code))
    go_on(page)
    heading(page, "Le code de l’application")
    look(page, "recovery-authenticator")
    page.get_by_label("Code de l’application, ou code de secours").fill("000000")
    go_on(page)
    expect(page.get_by_role("alert").first).to_be_visible()
    page.get_by_label("Code de l’application, ou code de secours").fill(clock.code(phone, after=served))
    go_on(page)
    choose_another_password(page)

    # The walk left open in another browser leads nowhere now.
    late.reload()
    heading(late, "Reprenons depuis le début")
    look(late, "recovery-over")
