"""A wrong password, a letter too old, two tabs, the back button, two clicks: each says what to do, nothing is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.desk import enter, letter_for
from tests.stories.street import Street
from tests.stories.walks import (
    PASSWORD,
    bring_the_letter,
    bring_the_letter_and_an_address,
    go_on,
    heading,
    link_of,
    type_credentials,
    type_date,
)


@pytest.fixture
def at_the_door(street: Street, phone_page: Page) -> Page:
    """Somebody with a phone, before the form of guardians."""
    phone_page.goto(f"{street.identity}/connexion/responsable/")
    return phone_page


@pytest.fixture
def clock(street: Street, browser_page: Page) -> Iterator[Page]:
    """The clock of the town, put back afterwards."""
    browser_page.goto(f"{street.simulators}/horloge/")
    yield browser_page
    street.move_clock()


def test_what_was_typed_wrong_is_said_in_its_own_words(street: Street, at_the_door: Page) -> None:
    page, letter = at_the_door, street.who("Samira Belkacem")
    # Her address instead of her username; then the temporary password in the wrong box.
    type_credentials(page, username=letter["email"], password="quelque chose")
    expect(page.get_by_role("alert")).to_contain_text("c’est une adresse électronique")
    type_credentials(page, username="42V7 ZJ7E XPC6", password="quelque chose")
    expect(page.get_by_role("alert")).to_contain_text("c’est le mot de passe provisoire")
    # One letter wrong: how many tries are left, and the same words for a username that nobody has.
    type_credentials(page, username="k.belkacem", password="42V7 ZJ7E XPC6")
    expect(page.get_by_role("alert")).to_contain_text("Il vous reste")
    look(page, "signin-refused")
    known = page.get_by_role("alert").inner_text()
    other = page.context.browser.new_context(viewport={"width": PHONE, "height": 740}).new_page()  # type: ignore[union-attr]
    other.goto(f"{street.identity}/connexion/responsable/")
    type_credentials(other, username="personne.inconnue", password="42V7 ZJ7E XPC6")
    expect(other.get_by_role("alert")).to_be_visible()
    assert other.get_by_role("alert").inner_text() == known
    other.context.close()


def test_a_letter_of_last_spring_is_refused_and_says_who_can_help(street: Street, at_the_door: Page) -> None:
    letter = street.who("Paul Cazeneuve")
    type_credentials(at_the_door, username=letter["username"], password=letter["temporary_password"])
    heading(at_the_door, "est périmé")
    expect(at_the_door.get_by_text("01 99 00 12 34")).to_be_visible()
    look(at_the_door, "signin-letter-expired")


def test_a_blocked_account_says_who_can_help(street: Street, at_the_door: Page) -> None:
    nadege = street.who("Nadège Mabiala")
    type_credentials(at_the_door, username=nadege["username"], password=nadege["password"])
    heading(at_the_door, "Ce compte est fermé")
    expect(at_the_door.get_by_text("01 99 00 12 34")).to_be_visible()
    look(at_the_door, "signin-blocked")


def test_a_letter_lives_three_months_and_not_a_day_more(
    street: Street, clock: Page, new_person: NewPerson, tmp_path: Path
) -> None:
    head = new_person(DESKTOP)
    enter(head, street, "Claire Vasseur")
    username, temporary = letter_for(head, "FAURE Julien", tmp_path)
    phone = new_person(PHONE)
    look(clock, "simulators-clock")
    clock.get_by_role("button", name="Trois mois plus tard").click()
    expect(clock.get_by_text("L’horloge a été déplacée")).to_be_visible()
    # The last day it opens; the day after it does not, and whoever is on the way is told.
    bring_the_letter(phone, street, username, temporary)
    heading(phone, "Votre adresse électronique")
    clock.get_by_role("button", name="Un jour plus tard").click()
    expect(clock.get_by_text("L’horloge a été déplacée")).to_be_visible()
    phone.get_by_label("Adresse électronique").fill("julien.faure@example.org")
    go_on(phone)
    heading(phone, "Reprenons depuis le début")
    look(phone, "activation-over")
    bring_the_letter(phone, street, username, temporary)
    heading(phone, "est périmé")


def test_three_wrong_dates_make_a_pause_and_a_ticket_and_the_letter_stays_good(
    street: Street, new_person: NewPerson, tmp_path: Path
) -> None:
    head, phone = new_person(DESKTOP), new_person(PHONE)
    enter(head, street, "Claire Vasseur")
    username, temporary = letter_for(head, "WI?NIEWSKI Agnieszka", tmp_path)
    bring_the_letter_and_an_address(phone, street, username, temporary, "agnieszka@example.org")
    for left, wrong in (("2 essais", "01/01/2010"), ("un essai", "02/01/2010")):
        type_date(phone, "Date de naissance d’un", wrong)
        go_on(phone)
        expect(phone.get_by_role("alert").first).to_contain_text(f"Il vous reste {left}")
    type_date(phone, "Date de naissance d’un", "03/01/2010")
    go_on(phone)
    heading(phone, "Faisons une pause")
    expect(phone.get_by_text("Votre numéro de ticket")).to_be_visible()
    look(phone, "activation-paused")

    # Only that device waits: at home, on another one, the same letter goes on.
    other = new_person(DESKTOP)
    bring_the_letter(other, street, username, temporary)
    heading(other, "Votre adresse électronique")


def test_two_tabs_the_back_button_and_two_clicks_lose_nothing(
    street: Street, new_person: NewPerson, tmp_path: Path
) -> None:
    head, phone = new_person(DESKTOP), new_person(PHONE)
    enter(head, street, "Claire Vasseur")
    username, temporary = letter_for(head, "HOARAU Marie-Josée", tmp_path)

    bring_the_letter_and_an_address(phone, street, username, temporary, "mj.hoarau@example.org")
    heading(phone, "dates de naissance")
    # A wrong date is counted, and says so; « retour » keeps what was answered before.
    type_date(phone, "Date de naissance d’un", "01/01/2013")
    go_on(phone)
    expect(phone.get_by_role("alert")).to_contain_text("Il vous reste")
    look(phone, "activation-birth-dates-refused")
    phone.get_by_role("link", name="Retour").click()
    expect(phone.get_by_label("Adresse électronique")).to_have_value("mj.hoarau@example.org")
    go_on(phone)
    type_date(phone, "Date de naissance d’un", f"{street.cast.kenzo.birth_on:%d/%m/%Y}")
    go_on(phone)
    heading(phone, "Choisissez votre mot de passe")

    # The browser's own back button, then the same page sent again: it is where it was.
    phone.go_back()
    heading(phone, "dates de naissance")
    phone.go_forward()
    heading(phone, "Choisissez votre mot de passe")

    # A second tab opened the same page; both are sent, one after the other.
    second = phone.context.new_page()
    second.goto(phone.url)
    for tab in (phone, second):
        tab.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    phone.get_by_role("button", name="Continuer", exact=True).dblclick()
    heading(phone, "Consultez votre messagerie")
    go_on(second)
    heading(second, "Consultez votre messagerie")

    # One message left, and its link serves once, then says that it did.
    (message,) = street.emails("mj.hoarau@example.org", about="Confirmez votre adresse")
    link = link_of(message)
    for tab in (phone, second):
        tab.goto(link)
        heading(tab, "Confirmer cette adresse")
    for tab in (phone, second):
        tab.get_by_role("button", name="Confirmer mon adresse").click()
    heading(phone, "Votre compte est activé")
    heading(second, "déjà confirmée")

    # The first tab of all, still where it was, says that it is done.
    phone.goto(f"{street.identity}/activation/responsable/mot-de-passe/")
    heading(phone, "Votre compte est activé")
    look(phone, "activation-already-done")
