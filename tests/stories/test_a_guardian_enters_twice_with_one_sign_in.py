"""Irène signs in once and opens two services, by two protocols; she leaves one and is out of both."""

import re
import time

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.street import Street
from tests.stories.walks import go_on, heading, type_credentials

GREETED = "Bonjour Irène Marchal"


def into_scolarite(page: Page, street: Street) -> None:
    """The first service: it does not know her yet."""
    page.goto(street.eservices)
    page.get_by_role("link", name="Se connecter avec Préau").click()


def into_the_ent(page: Page, street: Street) -> None:
    """The second, by its own button."""
    page.goto(f"{street.simulators}/ent/")
    page.get_by_role("link", name="Se connecter avec Préau").click()


def read_what_it_learns(page: Page, picture: str, words: str, why: str) -> None:
    """The ENT is not the school's own: what it learns comes first, the first time."""
    heading(page, "Avant d’entrer")
    expect(page.get_by_role("main")).to_contain_text(words)
    expect(page.get_by_role("main")).to_contain_text(f"Pour {why} retrouver dans l’annuaire de l’ENT")
    look(page, picture)
    go_on(page)


def is_greeted(page: Page) -> None:
    """Irène is in; in whichever of her stories came first, she read what the ENT learns."""
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(f"^{GREETED}$|^Avant d’entrer$"))
    if page.get_by_role("heading", name="Avant d’entrer").count():
        read_what_it_learns(page, "saml-notice-tell", "De quels élèves vous êtes responsable", "vous")
    heading(page, f"^{GREETED}$")


def is_out(page: Page, address: str) -> None:
    """Within seconds: the worker tells the service, which forgets the visit."""
    until = time.monotonic() + 30
    while page.goto(address) and page.get_by_role("link", name="Se connecter avec Préau").count() == 0:
        assert time.monotonic() < until, f"{address} still knows who this is"
        time.sleep(0.5)


def test_irene_types_her_password_once_and_reads_her_name_in_both(street: Street, new_person: NewPerson) -> None:
    irene, page = street.who("Irène Marchal"), new_person(DESKTOP)
    page.goto(street.simulators)
    expect(page.get_by_role("heading", name="Les services, d’une seule connexion")).to_be_visible()
    into_scolarite(page, street)
    page.get_by_role("link", name="Responsable").click()
    type_credentials(page, username=irene["username"], password=irene["password"])
    heading(page, f"^{GREETED}$")
    page.get_by_role("link", name="Ce que ce site a reçu de Préau").click()
    expect(page.get_by_role("definition").filter(has_text="MARCHAL").first).to_be_visible()
    look(page, "eservices-received")

    into_the_ent(page, street)
    is_greeted(page)
    expect(page.get_by_text("Préau vous dit responsable, second degré")).to_be_visible()
    learnt = page.get_by_role("definition").filter(has_text=re.compile(r"2\|MARCHAL\|Irène\|\d+\|0991234D"))
    expect(learnt).to_be_visible()
    expect(page.get_by_role("term").filter(has_text="FrEduUrlRetour")).to_be_visible()
    look(page, "ent-home")

    # She leaves the ENT: Préau and the other service know it.
    page.get_by_role("button", name="Se déconnecter").click()
    heading(page, "Vous êtes déconnecté")
    expect(page.get_by_text("De l’ENT Les Rives et de Préau")).to_be_visible()
    look(page, "ent-signed-out")
    is_out(page, street.eservices)
    page.goto(f"{street.identity}/compte/")
    expect(
        page.get_by_label("Mot de passe", exact=True).or_(page.get_by_role("link", name="Responsable"))
    ).to_be_visible()


def test_on_a_phone_she_leaves_scolarite_and_the_ent_has_forgotten_her(street: Street, new_person: NewPerson) -> None:
    irene, page = street.who("Irène Marchal"), new_person(PHONE)
    into_the_ent(page, street)
    page.get_by_role("link", name="Responsable").click()
    type_credentials(page, username=irene["username"], password=irene["password"])
    is_greeted(page)
    into_scolarite(page, street)
    heading(page, f"^{GREETED}$")

    page.get_by_role("button", name="Se déconnecter").click()
    heading(page, "Vous êtes déconnecté")
    is_out(page, f"{street.simulators}/ent/")


def test_timothee_is_a_pupil_there_and_nobodys_guardian(street: Street, new_person: NewPerson) -> None:
    timothee, page = street.who("Timothée Marchal"), new_person(PHONE)
    into_the_ent(page, street)
    page.get_by_role("link", name=re.compile("^Élève")).click()
    type_credentials(page, username=timothee["username"], password=timothee["password"])
    read_what_it_learns(page, "saml-notice-tell-pupil", "ton numéro dans la base de ton établissement", "te")
    heading(page, "Bonjour Timothée")
    expect(page.get_by_text("Préau vous dit élève, second degré")).to_be_visible()
    expect(page.get_by_text(re.compile(r"4\|MARCHAL\|Timothée\|\d+\|0991234D"))).to_be_visible()
