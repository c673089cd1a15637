"""Adama has the school's sheet and a phone: a password, a birth date, no e-mail, and he is in."""

from playwright.sync_api import expect

from tests.stories.browser import PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, go_on, heading, type_credentials, type_date


def test_he_activates_on_his_phone_without_an_email(street: Street, new_person: NewPerson) -> None:
    sheet = street.who("Adama Coulibaly")
    phone = new_person(PHONE)

    phone.goto(street.identity)
    phone.get_by_role("link", name="École, collège").click()
    look(phone, "signin-pupil")
    type_credentials(phone, username=sheet["username"], password=sheet["temporary_password"])

    heading(phone, "Choisis ton mot de passe")
    phone.get_by_label("Mot de passe", exact=True).fill("adama2014!")
    go_on(phone)
    expect(phone.get_by_role("alert")).to_contain_text("12")
    look(phone, "activation-pupil-password-refused")
    phone.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    go_on(phone)

    heading(phone, "Ta date de naissance")
    type_date(phone, "Ta date de naissance", sheet["birth_dates"][0])
    look(phone, "activation-pupil-birth-date")
    go_on(phone)

    heading(phone, "As-tu une adresse électronique")
    look(phone, "activation-pupil-email")
    go_on(phone, "Activer mon compte")

    heading(phone, "Bienvenue sous le préau")
    expect(phone.get_by_text(sheet["username"])).to_be_visible()
    look(phone, "activation-pupil-welcome")
    phone.get_by_role("link", name="Accéder à mes services").click()

    heading(phone, "Bonjour Adama")
    expect(phone.get_by_text("Collège Élise-Deroche").first).to_be_visible()
    look(phone, "my-account-pupil")

    # The services know him without asking again.
    phone.goto(street.eservices)
    phone.get_by_role("link", name="Se connecter avec Préau").click()
    heading(phone, "Bonjour Adama")
    assert phone.url.startswith(street.eservices)
    look(phone, "eservices-pupil")

    # The sheet opens nothing any more, and says what to do.
    other = new_person(PHONE)
    other.goto(f"{street.identity}/connexion/eleve/")
    type_credentials(other, username=sheet["username"], password=sheet["temporary_password"])
    expect(other.get_by_text("n’est pas le bon").first).to_be_visible()
