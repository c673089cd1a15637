"""Samira has the letter in hand: she activates, confirms her address, and finds both children in the services."""

from playwright.sync_api import expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, go_on, heading, link_of, sign_in, type_credentials, type_date


def test_she_activates_then_finds_both_children_and_leaves_both_sites(street: Street, new_person: NewPerson) -> None:
    # size: one walk, page after page, told at once
    letter = street.who("Samira Belkacem")
    phone = new_person(PHONE)

    # The letter opens the door, typed with its spaces, in small letters.
    phone.goto(street.identity)
    phone.get_by_role("link", name="Responsable d’élève").click()
    look(phone, "signin-guardian")
    type_credentials(phone, username=letter["username"], password=letter["temporary_password"].lower())

    heading(phone, "Votre adresse électronique")
    look(phone, "activation-email")
    phone.get_by_label("Adresse électronique").fill(letter["email"])
    go_on(phone)

    heading(phone, "dates de naissance de vos enfants")
    look(phone, "activation-birth-dates")
    for rank, day in enumerate(reversed(letter["birth_dates"])):  # the order does not count
        type_date(phone, "Date de naissance d’un", day, rank=rank)
    go_on(phone)

    heading(phone, "Choisissez votre mot de passe")
    phone.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    look(phone, "activation-password")
    go_on(phone)

    heading(phone, "Consultez votre messagerie")
    expect(phone.get_by_text(letter["email"]).first).to_be_visible()
    look(phone, "activation-read-your-mail")

    # Until the link is confirmed, what she chose only leads back here.
    sign_in(phone, street, "Responsable d’élève", username=letter["username"], password=PASSWORD)
    heading(phone, "Consultez votre messagerie")

    # The message is opened on another device. A mail scanner that only looks confirms nothing: a button does.
    message = street.emails(letter["email"], about="Confirmez votre adresse")[0]
    assert letter["username"] in message["text"] and letter["temporary_password"] not in message["text"]
    computer = new_person(DESKTOP)
    computer.goto(link_of(message))
    heading(computer, "Confirmer cette adresse")
    look(computer, "activation-confirm-email")
    computer.get_by_role("button", name="Confirmer mon adresse").click()
    heading(computer, "Votre compte est activé")
    look(computer, "activation-done")

    # It signs nobody in: she comes by the services, as she will every day.
    phone.goto(street.eservices)
    look(phone, "eservices-door")
    phone.get_by_role("link", name="Se connecter avec Préau").click()
    phone.get_by_role("link", name="Responsable d’élève").click()
    type_credentials(phone, username=letter["username"], password=PASSWORD)
    heading(phone, "Bonjour Samira Belkacem")
    assert phone.url.startswith(street.eservices)
    for child in ("Inès Belkacem", "Hugo Faure"):
        expect(phone.get_by_role("heading", name=child)).to_be_visible()
    look(phone, "eservices-guardian")

    # Her account says the same, without asking for a password again.
    phone.goto(street.identity)
    heading(phone, "Bonjour Samira Belkacem")
    expect(phone.get_by_text(letter["email"])).to_be_visible()
    look(phone, "my-account")

    # One way out leaves both.
    phone.goto(street.eservices)
    phone.get_by_role("button", name="Se déconnecter").click()
    expect(phone.get_by_text("De Scolarité Services et de Préau")).to_be_visible()
    look(phone, "eservices-signed-out")
    phone.goto(street.identity)
    heading(phone, "Qui êtes-vous")
