"""Karim wants no more passwords: his phone opens his account. Then he is careful, and asks for a code as well."""

import re
from time import sleep

import pyotp
from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.passkeys import Keyring
from tests.stories.street import Street
from tests.stories.walks import heading, sign_in, sign_out, type_credentials

WITH_A_KEY = "Se connecter avec une clé d’accès"


def go_to_factors(page: Page, street: Street) -> None:
    """« Clés d’accès et codes »."""
    page.goto(f"{street.identity}/compte/cles-et-codes/")
    heading(page, "Clés d’accès et codes")


def go_to_the_door(page: Page, street: Street) -> None:
    """The door of guardians."""
    page.goto(f"{street.identity}/connexion/responsable/")
    heading(page, "Connexion responsable")


def add_the_phone(page: Page, keyring: Keyring) -> None:
    """A finger the phone does not know, then Karim’s; and once is enough."""
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    heading(page, "Ajouter une clé d’accès")
    look(page, "factors-add-passkey")
    expect(page.get_by_text("Ce navigateur ne sait pas")).to_be_hidden()
    # A finger the phone does not know: nothing is made, and the page says so.
    keyring.finger(is_recognised=False)
    page.get_by_label("Nom de cette clé").fill("Mon téléphone")
    page.get_by_role("button", name="Créer la clé d’accès").click()
    expect(page.get_by_text("La clé n’a pas été créée")).to_be_visible()
    keyring.finger(is_recognised=True)
    page.get_by_role("button", name="Créer la clé d’accès").click()
    expect(page.get_by_text("La clé d’accès est ajoutée")).to_be_visible()
    expect(page.get_by_role("term").filter(has_text="Mon téléphone")).to_be_visible()
    look(page, "factors")
    (kept,) = keyring.passkeys()
    assert kept["isResidentCredential"] and kept["rpId"] == "localhost"
    # The same phone is not registered twice.
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    page.get_by_label("Nom de cette clé").fill("Encore lui")
    page.get_by_role("button", name="Créer la clé d’accès").click()
    expect(page.get_by_text("Cet appareil a déjà une clé d’accès")).to_be_visible()


def test_karim_adds_a_passkey_signs_out_and_comes_back_with_it(street: Street, new_person: NewPerson) -> None:
    karim, page = street.who("Karim Belkacem"), new_person(PHONE)
    keyring = Keyring(page)
    sign_in(page, street, "Parent", username=karim["username"], password=karim["password"])
    heading(page, "Bonjour Karim")

    go_to_factors(page, street)
    add_the_phone(page, keyring)
    told = street.emails(karim["email"], about="clé d’accès")[0]
    assert "ajoutée" in told["text"]

    sign_out(page)
    go_to_the_door(page, street)
    look(page, "signin-guardian")
    page.get_by_role("button", name=WITH_A_KEY).click()
    heading(page, "Bonjour Karim")
    sign_out(page)
    # From the door of pupils it is the same key, and the same account.
    page.goto(f"{street.identity}/connexion/eleve/")
    page.get_by_role("button", name=WITH_A_KEY).click()
    heading(page, "Bonjour Karim")

    # Somebody kept a copy of the key: its counter goes back, it opens nothing.
    sign_out(page)
    keyring.turn_back(1)
    go_to_the_door(page, street)
    page.get_by_role("button", name=WITH_A_KEY).click()
    expect(page.get_by_text("elle pourrait avoir été copiée")).to_be_visible()
    look(page, "signin-passkey-refused")

    type_credentials(page, username=karim["username"], password=karim["password"])
    heading(page, "Bonjour Karim")
    go_to_factors(page, street)
    page.get_by_role("link", name=re.compile("Retirer")).click()
    look(page, "factors-remove-passkey")
    page.get_by_role("button", name="Retirer cette clé").click()
    expect(page.get_by_text("La clé d’accès est retirée")).to_be_visible()
    # The phone still offers it: it is nobody's any more.
    sign_out(page)
    go_to_the_door(page, street)
    page.get_by_role("button", name=WITH_A_KEY).click()
    expect(page.get_by_text("n’est enregistrée sur aucun compte d’ici")).to_be_visible()


def test_karim_asks_for_a_code_after_his_password(street: Street, new_person: NewPerson) -> None:
    karim, page = street.who("Karim Belkacem"), new_person(DESKTOP)
    sign_in(page, street, "Parent", username=karim["username"], password=karim["password"])
    heading(page, "Bonjour Karim")
    go_to_factors(page, street)
    page.get_by_role("link", name="Demander un code à la connexion").click()
    heading(page, "Demander un code à la connexion")
    look(page, "factors-authenticator")
    phone = pyotp.TOTP(
        "".join(letters for half in page.locator("ol bdi.code").all_inner_texts() for letters in half.split())
    )
    first = phone.now()
    page.get_by_label("Code à six chiffres").fill(first)
    page.get_by_role("button", name="Vérifier ce code").click()
    heading(page, "Les codes de secours")
    look(page, "factors-recovery-codes")
    on_paper = [re.sub(r"\s", "", one) for one in page.locator("ol bdi.code").all_inner_texts()]
    assert len(on_paper) == 8
    page.get_by_role("link", name="C’est fait").click()
    heading(page, "Clés d’accès et codes")
    look(page, "factors-asked")

    sign_out(page)
    sign_in(page, street, "Parent", username=karim["username"], password=karim["password"])
    heading(page, "Le code de l’application")
    look(page, "signin-code")
    page.get_by_label("Code à six chiffres").fill(first)
    page.get_by_role("button", name="Continuer", exact=True).click()
    expect(page.get_by_text("il a déjà servi").first).to_be_visible()
    while (code := phone.now()) == first:
        sleep(1)
    page.get_by_label("Code à six chiffres").fill(code)
    page.get_by_role("button", name="Continuer", exact=True).click()
    heading(page, "Bonjour Karim")

    # The phone is lost: the paper opens, once, and codes are given up.
    sign_out(page)
    sign_in(page, street, "Parent", username=karim["username"], password=karim["password"])
    page.get_by_text("Téléphone perdu ou changé").click()
    page.get_by_label("Code de secours").fill(on_paper[0].lower())
    page.get_by_role("button", name="Continuer avec un code de secours").click()
    heading(page, "Bonjour Karim")
    go_to_factors(page, street)
    page.get_by_role("link", name="Ne plus demander de code").click()
    look(page, "factors-remove-authenticator")
    page.get_by_role("button", name="Ne plus demander de code").click()
    expect(page.get_by_text("Le code n’est plus demandé")).to_be_visible()
    assert len(street.emails(karim["email"], about="demandé à la connexion", count=2)) == 2


def test_without_script_nobody_is_offered_a_passkey_and_the_rest_works(street: Street, new_person: NewPerson) -> None:
    karim, page = street.who("Karim Belkacem"), new_person(DESKTOP, without_script=True)
    go_to_the_door(page, street)
    expect(page.get_by_role("button", name=WITH_A_KEY)).to_be_hidden()
    type_credentials(page, username=karim["username"], password=karim["password"])
    heading(page, "Bonjour Karim")
    page.goto(f"{street.identity}/compte/cles-et-codes/cle/")
    expect(page.get_by_text("ou ses scripts sont éteints")).to_be_visible()
    expect(page.get_by_role("button", name="Créer la clé d’accès")).to_be_hidden()
