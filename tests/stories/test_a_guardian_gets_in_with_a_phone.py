"""Sophie Martin has a homonym and no letter: her phone, her daughter's birth date, and she is in. A stranger is not."""

from playwright.sync_api import expect

from tests.stories.browser import PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, go_on, heading, type_date

MOBILE, AS_SHE_WRITES_IT = "+33639980041", "06 39 98 00 41"
ADDRESS = "sophie.martin.gare@example.org"


def test_she_activates_with_her_phone_and_is_in(street: Street, new_person: NewPerson) -> None:
    phone = new_person(PHONE)
    phone.goto(street.identity)
    phone.get_by_role("link", name="Responsable d’élève").click()
    go_on(phone, "Activer avec mon téléphone")

    heading(phone, "Qui êtes-vous")
    look(phone, "mobile-who")
    phone.get_by_label("Nom", exact=True).fill("Martin")
    phone.get_by_label("Prénom").fill("sophie")
    phone.get_by_label("Téléphone portable").fill(AS_SHE_WRITES_IT)
    go_on(phone, "Recevoir un code")

    heading(phone, "Le code que vous avez reçu")
    look(phone, "mobile-code")
    phone.get_by_label("Code reçu").fill(street.code(MOBILE))
    go_on(phone)

    heading(phone, "dates de naissance de vos enfants")
    type_date(phone, "Date de naissance d’un", f"{street.cast.lea_3e.birth_on:%d/%m/%Y}")
    look(phone, "mobile-birth-dates")
    go_on(phone)

    heading(phone, "Votre adresse électronique")
    look(phone, "mobile-address")
    phone.get_by_role("textbox", name="Adresse électronique").fill(ADDRESS)
    go_on(phone)
    heading(phone, "Le code que vous avez reçu")
    phone.get_by_label("Code reçu").fill(street.mailed_code(ADDRESS))
    go_on(phone)

    heading(phone, "Choisissez votre mot de passe")
    look(phone, "mobile-password")
    phone.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    go_on(phone, "Activer mon compte")

    heading(phone, "Bienvenue sous le préau")
    look(phone, "mobile-welcome")
    expect(phone.get_by_text("Léa")).to_be_visible()
    (message, *_) = street.emails(ADDRESS, about="activé")
    assert "s.martin" in message["text"]


def test_a_stranger_who_knows_the_name_and_number_gets_a_ticket_and_nothing_else(
    street: Street, new_person: NewPerson
) -> None:
    stranger = new_person(PHONE)
    stranger.goto(f"{street.identity}/activation/mobile/")
    look(stranger, "mobile-start")
    go_on(stranger, "Commencer")
    stranger.get_by_label("Nom", exact=True).fill("Personne")
    stranger.get_by_label("Prénom").fill("Anonyme")
    stranger.get_by_label("Téléphone portable").fill("06 39 98 99 99")
    go_on(stranger, "Recevoir un code")
    heading(stranger, "Le code que vous avez reçu")
    stranger.get_by_text("Rien reçu").click()
    stranger.get_by_role("link", name="Choisir un autre moyen").click()
    heading(stranger, "Pourquoi ça bloque")
    go_on(stranger, "Obtenir un numéro de ticket")
    expect(stranger.get_by_text("Votre numéro de ticket")).to_be_visible()
    look(stranger, "blocked-ticket")
