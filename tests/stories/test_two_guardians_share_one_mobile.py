"""Aïssata and Drissa have one mobile between them: it never suffices alone, to come in nor to get back in."""

from playwright.sync_api import Page, expect

from preau.demo.rows import GuardianRow
from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.clock import Clock
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import (
    PASSWORD,
    choose_another_password,
    forget_the_password,
    go_on,
    have_a_code_sent,
    heading,
    sign_in,
    sign_out,
    type_date,
)

THEIR_NUMBER, AS_THEY_WRITE_IT = "+33639980030", "06 39 98 00 30"
HERS, NEW_PASSWORD = "aissata@example.org", "trois platanes au bord du canal"
A_WHILE = 0.035  # a number receives one code a minute


def say_who(page: Page, street: Street, who: GuardianRow, *, after: str = "") -> str:
    """Name and number, then the code received, which is given back."""
    page.goto(f"{street.identity}/activation/mobile/")
    go_on(page, "Commencer")
    page.get_by_label("Nom", exact=True).fill(who.birth_name.title())
    page.get_by_label("Prénom").fill(who.first_name)
    page.get_by_label("Téléphone portable").fill(AS_THEY_WRITE_IT)
    go_on(page, "Recevoir un code")
    code = street.code(THEIR_NUMBER, after=after)
    page.get_by_label("Code reçu").fill(code)
    go_on(page)
    return code


def show_the_address_too(page: Page, street: Street, who: GuardianRow) -> None:
    """The number is also somebody else's: the address the school knows answers, then their son's birth date."""
    heading(page, "Un second code, par courriel")
    page.get_by_label("Code reçu").fill(street.mailed_code(who.email))
    go_on(page)
    heading(page, "dates de naissance de vos enfants")
    type_date(page, "Date de naissance d’un", f"{street.cast.adama.birth_on:%d/%m/%Y}")
    go_on(page)
    heading(page, "Votre adresse électronique")


def choose_a_password(page: Page, street: Street) -> str:
    """The last page; the username is read on the welcome page, and the account is left."""
    heading(page, "Choisissez votre mot de passe")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    go_on(page, "Activer mon compte")
    heading(page, "Bienvenue sous le préau")
    username = page.locator("bdi.code-large").inner_text()
    page.goto(f"{street.identity}/compte/")
    sign_out(page)
    return username


def test_each_comes_in_with_a_second_code_and_only_one_can_come_back(
    street: Street, new_person: NewPerson, clock: Clock
) -> None:
    # size: one household, told at once
    aissata, drissa = street.cast.aissata, street.cast.drissa
    page, his = new_person(PHONE), new_person(DESKTOP)
    code = say_who(page, street, aissata)
    look(page, "mobile-second-code")
    show_the_address_too(page, street, aissata)
    page.get_by_role("textbox", name="Adresse électronique").fill(HERS)
    go_on(page)
    page.get_by_label("Code reçu").fill(street.mailed_code(HERS))
    go_on(page)
    her_username = choose_a_password(page, street)

    # He has no address of his own to give: nothing but the number they share.
    clock.later(A_WHILE)
    code = say_who(his, street, drissa, after=code)
    show_the_address_too(his, street, drissa)
    his.get_by_role("textbox", name="Adresse électronique").fill("")
    his.get_by_label("Je n’ai pas d’adresse électronique").check()
    go_on(his)
    his_username = choose_a_password(his, street)

    # She comes the same way again: there is an account, and no second message.
    clock.later(A_WHILE)
    code = say_who(page, street, aissata, after=code)
    heading(page, "Vous avez déjà un compte")
    look(page, "mobile-has-an-account")

    # Her password is lost: the number, then her address as well.
    clock.later(A_WHILE)
    forget_the_password(page, street, her_username)
    have_a_code_sent(page, "Par SMS")
    code = street.code(THEIR_NUMBER, after=code)
    page.get_by_label("Code reçu").fill(code)
    go_on(page)
    heading(page, "Un second code")
    look(page, "recovery-second-code")
    page.get_by_label("Code reçu").fill(street.mailed_code(HERS, rank=2))
    go_on(page)
    choose_another_password(page, NEW_PASSWORD)
    sign_in(page, street, "Responsable", username=her_username, password=NEW_PASSWORD)
    heading(page, "Bonjour Aïssata")

    # His is lost too, and the number alone gives nothing back.
    clock.later(A_WHILE)
    forget_the_password(his, street, his_username)
    have_a_code_sent(his, "Par SMS")
    his.get_by_label("Code reçu").fill(street.code(THEIR_NUMBER, after=code))
    go_on(his)
    heading(his, "Encore une vérification")
    expect(his.get_by_text("01 99 00 12 34")).to_be_visible()
    look(his, "recovery-not-alone")


def test_a_blocked_account_is_not_given_back(street: Street, new_person: NewPerson) -> None:
    page, nadege = new_person(PHONE), street.who("Nadège Mabiala")
    forget_the_password(page, street, nadege["username"])
    have_a_code_sent(page, "Par courriel")
    page.get_by_label("Code reçu").fill(street.mailed_code(nadege["email"]))
    go_on(page)
    heading(page, "Ce compte est fermé")
    expect(page.get_by_text("01 99 00 12 34")).to_be_visible()
    look(page, "recovery-shut")
