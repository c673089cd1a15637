"""Corentin forgot his password and reads no mail: one SMS at the mobile he proved, and he chooses another."""

from playwright.sync_api import expect

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
    type_credentials,
)

NUMBER = "+33639980094"


def test_one_sms_and_he_is_back_while_whoever_was_in_is_out(
    street: Street, clock: Clock, new_person: NewPerson
) -> None:
    corentin = street.who("Corentin Lavigne")
    username = corentin["username"]
    page, elsewhere = new_person(PHONE), new_person(DESKTOP)
    sign_in(elsewhere, street, "Responsable", username=username, password=corentin["password"])
    heading(elsewhere, "Bonjour Corentin")

    forget_the_password(page, street, username)
    look(page, "recovery-way-sms")
    have_a_code_sent(page, "Par SMS")
    look(page, "recovery-code-by-sms")
    code = street.code(NUMBER)
    page.get_by_label("Code reçu").fill(f"{(int(code) + 1) % 1_000_000:06d}")
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("essais")
    # Asked once more: another code comes, and the first is dead.
    clock.later(0.05)
    page.get_by_text("Rien reçu").click()
    go_on(page, "Envoyer un autre code")
    newer = street.code(NUMBER, after=code)
    page.get_by_label("Code reçu").fill(code)
    go_on(page)
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Code reçu").fill(newer)
    go_on(page)
    choose_another_password(page)
    look(page, "recovery-done-by-sms")
    assert street.emails(corentin["email"], about="mot de passe oublié est remplacé")

    # The old password opens nothing, nor does the visit it had opened; the new one does.
    elsewhere.goto(f"{street.identity}/compte/")
    heading(elsewhere, "Qui êtes-vous")
    elsewhere.goto(f"{street.identity}/connexion/responsable/")
    type_credentials(elsewhere, username=username, password=corentin["password"])
    expect(elsewhere.get_by_role("alert")).to_be_visible()
    sign_in(page, street, "Responsable", username=username, password=PASSWORD)
    heading(page, "Bonjour Corentin")
