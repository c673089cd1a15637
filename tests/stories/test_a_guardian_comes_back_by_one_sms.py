"""Corentin forgot his password and reads no mail: one SMS at the mobile he proved, and he chooses another.

Then he tells his school that the address of his account is not his: a day later it is forgotten. He gives his own,
which waits two days.
"""

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.clock import Clock
from tests.stories.conftest import NewPerson
from tests.stories.desk import enter, forget_the_future, open_account, show_factor
from tests.stories.street import Street
from tests.stories.walks import (
    PASSWORD,
    choose_another_password,
    forget_the_password,
    go_on,
    have_a_code_sent,
    heading,
    link_of,
    sign_in,
    type_credentials,
)

NUMBER, OWN = "+33639980094", "corentin@example.org"
HEAD = "Claire Vasseur"


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
    only_the_newest_code_serves(page, street, clock)
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

    head = new_person(DESKTOP)
    ask_that_his_address_be_forgotten(head, street)
    told = link_of(street.emails(corentin["email"], about="va être retirée")[0], "/compte/garder/")
    elsewhere.goto(told)
    heading(elsewhere, "Garder l’adresse du compte")
    look(elsewhere, "account-keep-channel")
    clock.later(24.2)
    clock.a_pass()
    elsewhere.goto(told)
    heading(elsewhere, "Il est trop tard")
    look(elsewhere, "account-channel-forgotten")

    sign_in(page, street, "Responsable", username=username, password=PASSWORD)
    give_an_address_that_waits(page, elsewhere, street)
    clock.later(48.2)
    clock.a_pass()
    assert street.emails(OWN, about="compte maintenant")
    sign_in(page, street, "Responsable", username=username, password=PASSWORD)
    heading(page, "Bonjour Corentin")
    expect(page.get_by_text("En attente")).to_be_hidden()
    expect(page.get_by_text(OWN)).to_be_visible()


def only_the_newest_code_serves(page: Page, street: Street, clock: Clock) -> None:
    """A wrong one is refused; asked once more, another comes and the first is dead."""
    code = street.code(NUMBER)
    page.get_by_label("Code reçu").fill(f"{(int(code) + 1) % 1_000_000:06d}")
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("essais")
    clock.later(0.05)
    page.get_by_text("Rien reçu").click()
    go_on(page, "Envoyer un autre code")
    newer = street.code(NUMBER, after=code)
    page.get_by_label("Code reçu").fill(code)
    go_on(page)
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Code reçu").fill(newer)
    go_on(page)


def ask_that_his_address_be_forgotten(head: Page, street: Street) -> None:
    """At the counter, his card in hand."""
    enter(head, street, HEAD)
    open_account(head, "Responsables", "LAVIGNE Corentin")
    look(head, "desk-account-with-channels")
    head.get_by_role("link", name="Une adresse ou un mobile qui n’est pas").click()
    show_factor(head, street, HEAD)
    forget_the_future(street, street.cast.claire)
    heading(head, "Retirer une adresse ou un mobile")
    look(head, "desk-forget-channel")
    head.get_by_label("L’adresse électronique, confirmée").check()
    head.get_by_label("Pièce d’identité vue").check()
    go_on(head, "Demander le retrait")
    expect(head.get_by_text("C’est demandé")).to_be_visible()
    head.get_by_role("link", name="Une adresse ou un mobile qui n’est pas").click()
    expect(head.get_by_role("button", name="Abandonner ce retrait")).to_be_visible()
    look(head, "desk-forget-channel-waits")


def give_an_address_that_waits(page: Page, mailbox: Page, street: Street) -> None:
    """Beside the mobile, which is told: he reads until when."""
    heading(page, "Donnez votre adresse électronique")
    page.get_by_label("Adresse électronique").fill(OWN)
    go_on(page, "Envoyer le message")
    heading(page, "Bonjour Corentin")
    mailbox.goto(link_of(street.emails(OWN)[0]))
    heading(mailbox, "Confirmer cette adresse")
    look(mailbox, "account-first-address")
    go_on(mailbox, "Confirmer mon adresse")
    heading(mailbox, "L’adresse est confirmée")
    look(mailbox, "account-first-address-waits")
    mailbox.goto(street.link_sent_to(NUMBER, holding="/compte/changement/"))
    heading(mailbox, "Est-ce bien vous")
    look(mailbox, "account-first-address-told")
    page.reload()
    expect(page.get_by_text("En attente")).to_be_visible()
    look(page, "account-home-waits")
    page.goto(f"{street.identity}/compte/courriel/")
    expect(page.get_by_role("button", name="Retirer cette adresse")).to_be_visible()
    look(page, "account-email-waits")
