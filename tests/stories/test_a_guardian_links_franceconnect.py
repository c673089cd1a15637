"""Célia has an account and a password: FranceConnect opens it too, for as long as she likes; nobody else's does."""

from playwright.sync_api import expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.franceconnect import be, come_by_franceconnect, sign_out_of_both
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, activate_with_mobile, go_on, go_to, heading, sign_in

ADDRESS = "celia@example.org"


def test_she_links_it_comes_in_with_it_and_unlinks_it(street: Street, new_person: NewPerson) -> None:
    page = new_person(DESKTOP)
    username = activate_with_mobile(page, street, street.cast.celia, street.cast.lison, ADDRESS)

    # Somebody else's identity, on the family's computer: it is not linked.
    go_to(page, street, "FranceConnect")
    look(page, "account-franceconnect")
    page.get_by_role("link", name="Relier FranceConnect").click()
    be(page, "Isaline Verneuil")
    heading(page, "Ce n’est pas le même nom")
    look(page, "account-franceconnect-other-name")
    page.get_by_role("link", name="Revenir", exact=True).click()

    page.get_by_role("link", name="Relier FranceConnect").click()
    be(page, "Célia Ferreira")
    heading(page, "Relier cette identité")
    expect(page.get_by_text(username)).to_be_visible()
    look(page, "account-franceconnect-confirm")
    go_on(page, "Relier FranceConnect")
    expect(page.get_by_text("FranceConnect ouvre maintenant votre compte")).to_be_visible()
    look(page, "account-franceconnect-linked")
    assert street.emails(ADDRESS, about="FranceConnect ouvre")

    phone = new_person(PHONE)
    come_by_franceconnect(phone, street, "Célia Ferreira")
    heading(phone, "Bonjour Célia")

    go_on(page, "Ne plus relier FranceConnect")
    expect(page.get_by_text("FranceConnect n’ouvre plus ce compte")).to_be_visible()
    assert street.emails(ADDRESS, about="n’ouvre plus")

    # FranceConnect says who she is, but opens nothing any more; her password does.
    sign_out_of_both(phone)
    come_by_franceconnect(phone, street, "Célia Ferreira")
    heading(phone, "Bonjour Célia")
    expect(phone.get_by_text("Cette première fois")).to_be_visible()
    sign_in(phone, street, "Responsable", username=username, password=PASSWORD)
    heading(phone, "Bonjour Célia")
    expect(phone.get_by_role("heading", name="Lison")).to_be_visible()
