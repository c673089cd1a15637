"""Zoé lost her password: her form tutor gives her another, in person, and she chooses her own at once."""

import re

from playwright.sync_api import expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.desk import TEMPORARY, enter
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, heading, sign_in, type_credentials


def test_the_tutor_gives_a_password_and_the_pupil_chooses_her_own(street: Street, new_person: NewPerson) -> None:
    zoe = street.who("Zoé Garnier")
    phone = new_person(PHONE)
    sign_in(phone, street, "École, collège", username=zoe["username"], password=zoe["password"])
    heading(phone, "Bonjour Zoé")

    tutor = new_person(DESKTOP)
    enter(tutor, street, "Maïwenn Kervella")
    heading(tutor, "Ma classe de 5")
    look(tutor, "desk-own-division")
    # Her own division and nothing else: no list of the school, no guardian, no page of another.
    expect(tutor.get_by_role("rowheader", name="COULIBALY Adama")).to_be_visible()
    expect(tutor.get_by_text("MARTIN Léa")).to_have_count(0)
    for page in ("responsables/", "envois/", "imports/", "equipe/", "journal/"):
        answer = tutor.request.get(f"{street.identity}/gestion/{page}")
        assert answer.status == 403, page

    tutor.get_by_role("link", name=re.compile("Réinitialiser.*Zoé")).click()
    look(tutor, "desk-reset")
    tutor.get_by_role("button", name="Afficher le mot de passe").click()
    heading(tutor, "Nouveau mot de passe")
    look(tutor, "desk-reset-done")
    found = re.search(TEMPORARY, tutor.get_by_role("main").inner_text().replace("\u00a0", " ").replace("\n", " "))
    assert found, tutor.get_by_role("main").inner_text()

    # What was open is closed; the old password opens nothing.
    phone.reload()
    heading(phone, "Qui êtes-vous")
    sign_in(phone, street, "École, collège", username=zoe["username"], password=zoe["password"])
    expect(phone.get_by_text("n’est pas le bon").first).to_be_visible()

    type_credentials(phone, username=zoe["username"], password=found.group().lower())
    heading(phone, "nouveau mot de passe")
    look(phone, "obligation-password")
    # No way round it.
    phone.goto(f"{street.identity}/compte/")
    heading(phone, "nouveau mot de passe")
    phone.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    phone.get_by_role("button", name="Enregistrer ce mot de passe").click()
    heading(phone, "Bonjour Zoé")

    # The head was told, without any secret.
    told = street.emails(street.who("Claire Vasseur")["email"], about="réinitialisé")[0]
    assert "Zoé" in told["text"] and found.group() not in told["text"]
