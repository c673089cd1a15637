"""After three wrong passwords the browser makes an effort by itself; without a script one waits. Nobody is shut out."""

from pathlib import Path

from playwright.sync_api import expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.desk import enter, letter_for
from tests.stories.street import Street
from tests.stories.walks import heading, type_credentials


def test_the_browser_makes_the_effort_while_one_types(street: Street, new_person: NewPerson, tmp_path: Path) -> None:
    head, page = new_person(DESKTOP), new_person(PHONE)
    enter(head, street, "Claire Vasseur")
    username, temporary = letter_for(head, "DUVAL Sylvie", tmp_path)
    page.goto(f"{street.identity}/connexion/responsable/")
    for _ in range(3):
        type_credentials(page, username=username, password="ce n’est pas le bon")
    # Announced, and nothing to read, to hear or to tick.
    expect(page.get_by_role("status").first).to_have_text("Vérification de sécurité terminée.", timeout=30_000)
    expect(page.get_by_text("attendez 15 secondes")).to_be_hidden()
    look(page, "signin-effort")
    # A page opened again still makes it, and who sends before it is done waits for it without a second click.
    page.goto(f"{street.identity}/connexion/responsable/")
    type_credentials(page, username=username, password=temporary)
    heading(page, "Votre adresse électronique")


def test_without_a_script_the_page_says_how_long_to_wait(street: Street, new_person: NewPerson) -> None:
    page = new_person(DESKTOP, without_script=True)
    page.goto(f"{street.identity}/connexion/responsable/")
    for _ in range(3):
        type_credentials(page, username="personne.inconnue", password="ce n’est pas le bon")
    expect(page.get_by_text("attendez 15 secondes")).to_be_visible()
    type_credentials(page, username="personne.inconnue", password="ce n’est pas le bon")
    expect(page.get_by_role("alert")).to_contain_text("C’était un peu tôt.")
