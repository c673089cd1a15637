"""Thomas left his account open for a while: what matters asks again who he is. Then he loses the phone of his codes."""

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.clock import Clock
from tests.stories.conftest import NewPerson
from tests.stories.desk import enter, open_account, show_factor
from tests.stories.street import Street
from tests.stories.walks import (
    PASSWORD,
    activate_with_mobile,
    ask_for_codes,
    go_on,
    go_to,
    heading,
    link_of,
    sign_in,
)

ADDRESS, OTHER_ADDRESS = "thomas.garnier@example.org", "thomas.g@example.org"
OTHER_MOBILE, AS_HE_WRITES_IT = "+33639980098", "06 39 98 00 98"


def renew_the_codes(page: Page, street: Street) -> None:
    """By the password, the first try wrong."""
    page.goto(f"{street.identity}/compte/cles-et-codes/")
    page.get_by_role("link", name="Créer de nouveaux codes de secours").click()
    heading(page, "Confirmez que c’est vous")
    look(page, "signin-confirm")
    page.get_by_label("Mot de passe", exact=True).fill("un autre, oublié depuis")
    go_on(page, "Confirmer")
    expect(page.get_by_role("alert").first).to_be_visible()
    look(page, "signin-confirm-refused")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    go_on(page, "Confirmer")
    heading(page, "Créer de nouveaux codes de secours")
    look(page, "factors-renew-codes")
    go_on(page, "Créer huit nouveaux codes")
    heading(page, "Les codes de secours")


def think_twice(page: Page, street: Street) -> None:
    """Another address, another number, then neither."""
    go_to(page, street, "Adresse électronique")
    page.get_by_role("link", name="Changer d’adresse").click()
    page.get_by_label("Nouvelle adresse électronique").fill(OTHER_ADDRESS)
    go_on(page, "Envoyer le message")
    go_on(page, "Garder l’ancienne adresse")
    expect(page.get_by_text("L’adresse ne changera pas")).to_be_visible()
    look(page, "account-email-kept")
    go_to(page, street, "Téléphone portable")
    page.get_by_role("link", name="Changer de numéro").click()
    page.get_by_label("Numéro de mobile").fill(AS_HE_WRITES_IT)
    go_on(page, "Recevoir le code")
    page.get_by_label("Code reçu").fill(street.code(OTHER_MOBILE))
    go_on(page)
    expect(page.get_by_text("Un nouveau numéro attend")).to_be_visible()
    go_on(page, "Garder l’ancien numéro")
    expect(page.get_by_text("Le numéro ne changera pas")).to_be_visible()
    look(page, "account-mobile-kept")


def say_the_phone_is_lost(head: Page, street: Street) -> None:
    """At the desk: the identity was seen."""
    open_account(head, "Responsables", "GARNIER Thomas")
    head.get_by_role("link", name="Téléphone perdu").click()
    show_factor(head, street, "Claire Vasseur")
    heading(head, "Retirer l’application")
    look(head, "desk-lost-phone")
    head.get_by_label("Pièce d’identité vue").check()
    go_on(head, "Demander le retrait")
    expect(head.get_by_text("seront retirées dans 24 heures")).to_be_visible()


def test_what_matters_asks_again_who_he_is(street: Street, clock: Clock, new_person: NewPerson) -> None:
    # size: one walk, page after page, told at once
    # A while ago, so that the desk shows its code at the hour it is: one that served in the future would shut her out
    # of every story played until then.
    clock.later(-0.4)
    page = new_person(DESKTOP)
    username = activate_with_mobile(page, street, street.cast.thomas, street.cast.zoe, ADDRESS)
    phone, served = ask_for_codes(page, street, clock)
    think_twice(page, street)

    clock.later(0.2)
    renew_the_codes(page, street)
    clock.later(0.2)
    go_to(page, street, "Mes données")
    heading(page, "Confirmez que c’est vous")
    page.get_by_role("link", name="Le code de l’application").click()
    heading(page, "Le code de l’application")
    look(page, "signin-confirm-by-code")
    page.get_by_label("Code à six chiffres").fill(clock.code(phone, after=served))
    go_on(page)
    heading(page, "Mes données")

    # Somebody says at the desk that his phone is lost: he is told, and refuses.
    head, mailbox = new_person(DESKTOP), new_person(PHONE)
    enter(head, street, "Claire Vasseur")
    say_the_phone_is_lost(head, street)
    mailbox.goto(link_of(street.emails(ADDRESS, about="vont être retirés")[0], "/connexion/code/garder/"))
    heading(mailbox, "Garder l’application")
    look(mailbox, "signin-keep-factors")
    go_on(mailbox, "Refuser : ne rien retirer")
    heading(mailbox, "Rien ne sera retiré")
    look(mailbox, "signin-factors-kept")

    # This time it is true, and the paper is lost as well: a day later the password is enough.
    say_the_phone_is_lost(head, street)
    clock.later(24.2)
    clock.a_pass()
    sign_in(mailbox, street, "Responsable", username=username, password=PASSWORD)
    heading(mailbox, "Bonjour Thomas")
