"""Fatoumata kept her ATEN account, Gaël his ENT account: it opens the activation pages, once, and nothing else."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.desk import USERNAME
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, go_on, heading, link_of, sign_in, type_credentials, type_date


@pytest.mark.parametrize(
    ("name", "child", "kept"), [("Fatoumata Diarra", "Issa", "aten"), ("Gaël Le Bihan", "Enora", "ent")]
)
def test_the_old_account_opens_the_activation_pages_to_the_end_and_never_again(
    street: Street, new_person: NewPerson, name: str, child: str, kept: str
) -> None:
    old, page = street.who(name), new_person(PHONE)
    page.goto(f"{street.identity}/connexion/responsable/")
    see(page, kept, "signin-guardian-old-accounts")
    type_credentials(page, username=old["username"], password=old["password"])

    # All that is asked after the school's letter is asked here too.
    heading(page, "Votre adresse électronique")
    see(page, kept, "activation-old-account-email")
    page.get_by_label("Adresse électronique").fill(old["email"])
    go_on(page)
    heading(page, "dates de naissance de vos enfants")
    see(page, kept, "activation-old-account-birth-dates")
    type_date(page, "Date de naissance d’un", old["birth_dates"][0])
    go_on(page)
    heading(page, "Choisissez votre mot de passe")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    see(page, kept, "activation-old-account-password")
    go_on(page)
    heading(page, "Consultez votre messagerie")
    see(page, kept, "activation-old-account-read-your-mail")

    # The message says the username of from now on.
    message, computer = street.emails(old["email"], about="Confirmez votre adresse")[0], new_person(DESKTOP)
    computer.goto(link_of(message))
    heading(computer, "Confirmer cette adresse")
    go_on(computer, "Confirmer mon adresse")
    heading(computer, "Votre compte est activé")
    see(computer, kept, "activation-old-account-done")
    found = re.search(USERNAME, message["text"])
    assert found, message["text"]
    username = found.group()

    # The old account is burnt; the new one opens.
    again = new_person(PHONE)
    sign_in(again, street, "Responsable d’élève", username=old["username"], password=old["password"])
    expect(again.get_by_role("alert")).to_be_visible()
    see(again, kept, "signin-old-account-burnt")
    sign_in(again, street, "Responsable d’élève", username=username, password=PASSWORD)
    heading(again, f"Bonjour {name}")
    expect(again.get_by_text(child).first).to_be_visible()


def see(page: Page, kept: str, name: str) -> None:
    """The pages are the same whichever directory kept the account: looked at once."""
    if kept == "aten":
        look(page, name)
