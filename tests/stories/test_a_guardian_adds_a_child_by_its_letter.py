"""Ophélie has an account, and a letter she never used for another child: the letter adds him, then opens nothing."""

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import bring_the_letter, go_on, heading, sign_in


def give_the_letter(page: Page, username: str, temporary: str) -> None:
    """« Ajouter des élèves depuis un autre compte », with what the letter bears."""
    page.get_by_role("link", name="Ajouter des élèves depuis un autre compte").click()
    heading(page, "Ajouter des élèves depuis un autre compte")
    page.get_by_label("Identifiant de l’autre compte").fill(username)
    page.get_by_label("Son mot de passe").fill(temporary)
    go_on(page, "Ajouter ces élèves")


def test_the_letter_adds_the_child_at_once_and_opens_nothing_more(street: Street, new_person: NewPerson) -> None:
    account, letter = street.accounts("Ophélie Vassort")
    page, other = new_person(PHONE), new_person(DESKTOP)
    sign_in(page, street, "Responsable", username=account["username"], password=account["password"])
    heading(page, "Bonjour Ophélie")
    page.goto(f"{street.identity}/compte/enfants/")
    expect(page.get_by_role("heading", name="Sacha")).to_have_count(0)

    # Somebody else's letter adds nobody; hers does, typed as it is printed but in small letters.
    stranger = street.who("Paul Cazeneuve")
    give_the_letter(page, stranger["username"], stranger["temporary_password"])
    expect(page.get_by_role("alert").first).to_be_visible()
    page.goto(f"{street.identity}/compte/enfants/")
    give_the_letter(page, letter["username"], letter["temporary_password"].lower())
    expect(page.get_by_text("Les élèves sont ajoutés")).to_be_visible()
    for child in ("Lou", "Sacha"):
        expect(page.get_by_role("heading", name=child)).to_be_visible()
    look(page, "children-added-by-letter")
    (message, *_) = street.emails(account["email"], about="sont regroupés")
    assert "Un autre compte à votre nom a rejoint celui-ci" in " ".join(message["text"].split())

    # The letter has served.
    bring_the_letter(other, street, letter["username"], letter["temporary_password"])
    expect(other.get_by_role("heading", level=1)).not_to_contain_text("Votre adresse électronique")
    look(other, "signin-letter-of-a-gathered-account")

    # It was a mistake: undone, and the page says that the letter, which died, is to be asked for again.
    go_on(page, "Annuler ce regroupement")
    expect(page.get_by_text("Le regroupement est annulé")).to_be_visible()
    expect(page.get_by_text("demandez-en une nouvelle")).to_be_visible()
    expect(page.get_by_role("heading", name="Sacha")).to_have_count(0)
    look(page, "children-letter-undone")
