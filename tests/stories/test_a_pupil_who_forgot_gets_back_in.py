"""Jules forgot everything: his own address gives his username back; his password, his address or his father's word."""

import re

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, go_on, heading, sign_in


def ask_for(page: Page, street: Street, what: str) -> None:
    """One of the links under the form of pupils."""
    page.goto(f"{street.identity}/connexion/eleve/")
    page.get_by_text("J’ai perdu mon identifiant ou mon mot de passe").click()
    page.get_by_role("link", name=f"J’ai oublié mon {what}").click()


def ask_for_help(page: Page, street: Street, username: str, whom: str) -> None:
    """« Mot de passe oublié », and whom he asks."""
    ask_for(page, street, "mot de passe")
    heading(page, "Mot de passe oublié")
    page.get_by_label("Ton identifiant").fill(username)
    go_on(page)
    heading(page, "Trouvons de l’aide")
    page.get_by_label(whom).check()
    go_on(page)


def choose(page: Page, password: str) -> None:
    """The last page."""
    heading(page, "Choisis un nouveau mot de passe")
    page.get_by_label("Mot de passe", exact=True).fill(password)
    go_on(page, "Changer le mot de passe")
    heading(page, "Ton mot de passe est changé")


def test_his_username_is_sent_to_the_address_he_confirmed(street: Street, new_person: NewPerson) -> None:
    jules, page = street.who("Jules Renard"), new_person(PHONE)
    ask_for(page, street, "identifiant")
    heading(page, "Identifiant oublié")
    page.get_by_label("Ton adresse électronique").fill(jules["email"])
    look(page, "recovery-pupil-contact")
    go_on(page)
    heading(page, "Regarde tes messages")
    look(page, "recovery-pupil-sent")
    assert jules["username"] in street.emails(jules["email"], about="Ton identifiant")[0]["text"]


def test_without_script_a_code_at_his_own_address_lets_him_choose_a_password(
    street: Street, new_person: NewPerson
) -> None:
    jules, page = street.who("Jules Renard"), new_person(PHONE, without_script=True)
    ask_for_help(page, street, jules["username"], "Mon adresse électronique")
    heading(page, "Le code que tu as reçu")
    page.get_by_label("Code reçu").fill(street.mailed_code(jules["email"]))
    go_on(page)
    choose(page, PASSWORD)
    sign_in(page, street, "École, collège", username=jules["username"], password=PASSWORD)
    heading(page, "Bonjour Jules")


def test_his_father_types_the_number_of_his_screen_and_he_chooses_a_password(
    street: Street, new_person: NewPerson
) -> None:
    jules, mathieu = street.who("Jules Renard"), street.who("Mathieu Renard")
    boy, father = new_person(PHONE), new_person(DESKTOP)
    ask_for(boy, street, "mot de passe")
    look(boy, "recovery-pupil-username-asked")
    ask_for_help(boy, street, jules["username"], "Mon père, ma mère, mon responsable")
    heading(boy, "Lis ce nombre à ton responsable")
    look(boy, "recovery-pupil-number")
    number = re.findall(r"\b\d{3}\b", boy.locator(".ticket").inner_text())[0]

    # His father hears of it, and says it is him: first a number misheard, then the right one.
    assert street.emails(mathieu["email"], about="Jules demande un nouveau mot de passe")
    sign_in(father, street, "Responsable", username=mathieu["username"], password=mathieu["password"])
    heading(father, "Bonjour Mathieu")
    father.get_by_role("link", name="Aider mon enfant à retrouver son mot de passe").click()
    expect(father.get_by_role("heading", name="Jules demande un nouveau mot de passe")).to_be_visible()
    look(father, "recovery-vouch")
    father.get_by_label("Le nombre affiché").fill(f"{(int(number) + 1) % 1000:03d}")
    go_on(father, "C’est mon enfant, continuer")
    expect(father.get_by_role("alert")).to_contain_text("ce n’est pas le nombre")
    father.get_by_label("Le nombre affiché").fill(number)
    go_on(father, "C’est mon enfant, continuer")
    expect(father.get_by_text("C’est d’accord")).to_be_visible()
    look(father, "recovery-vouched")

    # The boy's page goes on by itself, in that browser only.
    choose(boy, f"{PASSWORD} du préau")
    assert street.emails(mathieu["email"], about="Jules a choisi un nouveau mot de passe")
    sign_in(boy, street, "École, collège", username=jules["username"], password=f"{PASSWORD} du préau")
    heading(boy, "Bonjour Jules")
