"""What several people do in the same way: type a date, take the link of a message, sign in."""

import re

import pyotp
from playwright.sync_api import Page, expect

from preau.demo.rows import GuardianRow, PupilRow
from tests.stories.clock import Clock
from tests.stories.street import Street

PASSWORD = "quatre grands marronniers au fond"


def heading(page: Page, words: str) -> None:
    """The page that says `words` in large is there."""
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(words))


def sign_in(page: Page, street: Street, profile: str, *, username: str, password: str) -> None:
    """Through the door, as « Responsable » or « Élève »."""
    page.goto(street.identity)
    page.get_by_role("link", name=profile).click()
    type_credentials(page, username=username, password=password)


def type_credentials(page: Page, *, username: str, password: str) -> None:
    """The two boxes of the door, then its button."""
    page.get_by_label("Identifiant", exact=True).fill(username)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Se connecter", exact=True).click()


def type_date(page: Page, question: str, written: str, *, rank: int = 0) -> None:
    """A date in its three boxes; `written` as on the start page, 14/03/2014."""
    group = page.get_by_role("group", name=re.compile(question)).nth(rank)
    for box, number in zip(("Jour", "Mois", "Année"), written.split("/"), strict=True):
        group.get_by_label(box).fill(number)


def go_on(page: Page, words: str = "Continuer") -> None:
    """The green button."""
    page.get_by_role("button", name=words, exact=True).click()


def bring_the_letter(page: Page, street: Street, username: str, temporary: str) -> None:
    """At the door of guardians, with what a letter bears."""
    page.goto(f"{street.identity}/connexion/responsable/")
    type_credentials(page, username=username, password=temporary)


def bring_the_letter_and_an_address(page: Page, street: Street, username: str, temporary: str, address: str) -> None:
    """The letter, then the e-mail address the account will have."""
    bring_the_letter(page, street, username, temporary)
    heading(page, "Votre adresse électronique")
    page.get_by_label("Adresse électronique").fill(address)
    go_on(page)


def say_it_is_forgotten(page: Page, street: Street, what: str) -> None:
    """Under the form of guardians: « J’ai oublié mon identifiant », or « mot de passe »."""
    page.goto(f"{street.identity}/connexion/responsable/")
    page.get_by_text("Identifiant ou mot de passe perdu").click()
    page.get_by_role("link", name=f"J’ai oublié mon {what}").click()


def forget_the_password(page: Page, street: Street, username: str) -> None:
    """Up to the page that asks where to send a code."""
    say_it_is_forgotten(page, street, "mot de passe")
    page.get_by_label("Votre identifiant").fill(username)
    go_on(page)
    heading(page, "Recevoir un code")


def have_a_code_sent(page: Page, way: str) -> None:
    """« Par SMS » or « Par courriel »."""
    page.get_by_label(way).check()
    go_on(page, "Envoyer le code")
    heading(page, "Le code que vous avez reçu")


def choose_another_password(page: Page, password: str = PASSWORD) -> None:
    """The last page of a recovery, up to « Votre mot de passe est changé »."""
    heading(page, "Choisissez un nouveau mot de passe")
    page.get_by_label("Mot de passe", exact=True).fill(password)
    go_on(page, "Changer le mot de passe")
    heading(page, "Votre mot de passe est changé")


def link_of(message: dict[str, object], words: str = "/activation/courriel/") -> str:
    """The link of a message that leads to a page whose address holds `words`."""
    links = message["links"]
    assert isinstance(links, list)
    (link,) = {str(link) for link in links if words in str(link)}
    return link


def come_with_mobile(page: Page, street: Street, who: GuardianRow, *, after: str = "") -> str:
    """Name, first name, number and the code received there (another than `after`), which is given back."""
    page.goto(f"{street.identity}/activation/mobile/")
    go_on(page, "Commencer")
    page.get_by_label("Nom", exact=True).fill(who.birth_name.title())
    page.get_by_label("Prénom").fill(who.first_name)
    page.get_by_label("Téléphone portable").fill(who.mobile)
    go_on(page, "Recevoir un code")
    code = street.code(who.mobile, after=after)
    page.get_by_label("Code reçu").fill(code)
    go_on(page)
    return code


def activate_with_mobile(page: Page, street: Street, who: GuardianRow, child: PupilRow, address: str) -> str:
    """Somebody whose mobile nobody else has comes in with it, and gives `address`. Returns their username."""
    come_with_mobile(page, street, who)
    type_date(page, "Date de naissance d’un", f"{child.birth_on:%d/%m/%Y}")
    go_on(page)
    page.get_by_role("textbox", name="Adresse électronique").fill(address)
    go_on(page)
    page.get_by_label("Code reçu").fill(street.mailed_code(address))
    go_on(page)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    go_on(page, "Activer mon compte")
    heading(page, "Bienvenue sous le préau")
    return page.locator("bdi.code-large").inner_text()


def sign_out(page: Page) -> None:
    """By the button at the top, then that of the page when it asks."""
    page.get_by_role("button", name="Se déconnecter").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if page.get_by_role("main").get_by_role("button", name="Se déconnecter").count():
        page.get_by_role("main").get_by_role("button", name="Se déconnecter").click()


def go_to(page: Page, street: Street, section: str) -> None:
    """A section of the account, by its menu."""
    page.goto(f"{street.identity}/compte/")
    page.get_by_role("navigation", name="Mon compte").get_by_role("link", name=section).click()


def ask_for_codes(page: Page, street: Street, clock: Clock) -> tuple[pyotp.TOTP, str]:
    """An application gives codes from now on; the one that served comes with it."""
    page.goto(f"{street.identity}/compte/cles-et-codes/application/")
    heading(page, "Demander un code à la connexion")
    halves = page.locator("ol bdi.code").all_inner_texts()
    phone = pyotp.TOTP("".join("".join(half.split()) for half in halves))
    first = clock.code(phone)
    page.get_by_label("Code à six chiffres").fill(first)
    go_on(page, "Vérifier ce code")
    heading(page, "Les codes de secours")
    return phone, first
