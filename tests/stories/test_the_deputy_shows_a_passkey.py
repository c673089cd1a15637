"""Rachid forgets his phone in the yard: a passkey of his computer is his second factor at the desk."""

import re

from playwright.sync_api import expect

from tests.stories.browser import DESKTOP, look
from tests.stories.conftest import NewPerson
from tests.stories.desk import enter, show_factor
from tests.stories.passkeys import Keyring
from tests.stories.street import Street
from tests.stories.walks import heading


def test_rachid_adds_a_passkey_behind_his_phone_and_then_needs_it_no_more(
    street: Street, new_person: NewPerson
) -> None:
    page = new_person(DESKTOP)
    keyring = Keyring(page)
    enter(page, street, "Rachid Benali")
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    page.goto(f"{street.identity}/agents/second-facteur/cles/")
    heading(page, "Montrez que c’est bien vous")  # a visit left open adds nothing
    show_factor(page, street, "Rachid Benali")
    heading(page, "Vos clés d’accès")
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    look(page, "desk-add-passkey")
    page.get_by_label("Nom de cette clé").fill("L’ordinateur du bureau")
    page.get_by_role("button", name="Créer la clé d’accès").click()
    heading(page, "Vos clés d’accès")
    expect(page.get_by_role("term").filter(has_text="L’ordinateur du bureau")).to_be_visible()
    look(page, "desk-passkeys")
    told = street.emails(street.who("Rachid Benali")["email"], about="second facteur")[0]
    assert "clé d’accès" in told["text"]

    # Another day: the portal, then what always asks our own factor.
    page.context.clear_cookies()
    enter(page, street, "Rachid Benali")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{street.identity}/gestion/envois/liste/")
    heading(page, "Montrez que c’est bien vous")
    look(page, "desk-second-factor")
    keyring.finger(is_recognised=False)
    page.get_by_role("button", name="Continuer avec une clé d’accès").click()
    expect(page.get_by_text("Rien n’a été confirmé sur l’appareil")).to_be_visible()
    keyring.finger(is_recognised=True)
    page.get_by_role("button", name="Continuer avec une clé d’accès").click()
    expect(page).to_have_url(re.compile("/gestion/envois/liste/"))

    page.goto(f"{street.identity}/agents/second-facteur/cles/")
    page.get_by_role("button", name=re.compile("Retirer")).click()
    expect(page.get_by_text("Aucune pour l’instant")).to_be_visible()
