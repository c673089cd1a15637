"""Yann connects an ENT by its metadata, looks at what it would learn, and reads why a request was refused."""

import re
from pathlib import Path

import requests
from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.desk import enter, show_factor
from tests.stories.street import Street
from tests.stories.walks import heading

YANN = "Yann Morvan"
OTHER = "https://ent.les-tilleuls.example/metadata"


def list_of_parties(page: Page, street: Street) -> None:
    """The operator's list of services, the second factor shown when it is asked."""
    page.goto(f"{street.identity}/gestion/services/")
    show_factor(page, street, YANN)
    heading(page, "Services")


def test_yann_connects_an_ent_by_its_metadata_and_sees_what_it_would_learn(
    street: Street, new_person: NewPerson, tmp_path: Path
) -> None:
    # The metadata of another ENT of the same kind, at an address of its own.
    given = requests.get(f"{street.simulators}/ent/metadata", timeout=5).text
    file = tmp_path / "les-tilleuls.xml"
    file.write_text(
        given.replace(f"{street.simulators}/ent/metadata", OTHER)
        .replace(f"{street.simulators}/ent/", "https://ent.les-tilleuls.example/")
        .replace("ENT Les Rives", "ENT Les Tilleuls"),
        encoding="utf-8",
    )
    page = new_person(DESKTOP)
    enter(page, street, YANN)
    list_of_parties(page, street)
    look(page, "parties")
    page.get_by_role("link", name="Raccorder un service").click()
    show_factor(page, street, YANN)
    page.get_by_role("link", name=re.compile("SAML 2.0")).click()

    # Its address, of a service that is there already: told under which name, and nothing is written.
    page.get_by_label("Ou leur adresse").fill(f"{street.simulators}/ent/metadata")
    page.get_by_role("button", name="Lire les métadonnées").click()
    heading(page, "Est-ce bien ce service")
    page.get_by_label("Nom court").fill("rives-bis")
    page.get_by_role("checkbox", name=re.compile("Responsable")).check()
    page.get_by_role("button", name="Raccorder ce service").click()
    expect(page.get_by_text("Ce service est déjà raccordé, sous le nom « ent »").first).to_be_visible()

    # A file, of one that is new.
    page.goto(f"{street.identity}/gestion/services/ajouter/saml/")
    look(page, "party-add-saml")
    page.get_by_label("Fichier de métadonnées").set_input_files(file)
    page.get_by_role("button", name="Lire les métadonnées").click()
    heading(page, "Est-ce bien ce service")
    expect(page.get_by_text(OTHER)).to_be_visible()
    page.get_by_label("Nom court").fill("tilleuls")
    page.get_by_label("Nom que les familles liront").fill("ENT Les Tilleuls")
    page.get_by_role("checkbox", name=re.compile("Responsable")).check()
    page.get_by_role("checkbox", name=re.compile("^ent")).check()
    look(page, "party-confirm-saml")
    page.get_by_role("button", name="Raccorder ce service").click()
    heading(page, "ENT Les Tilleuls")
    look(page, "party")
    page.get_by_role("link", name="Changer ses droits").click()
    heading(page, "^Droits")
    look(page, "party-release")
    page.get_by_role("link", name="ENT Les Tilleuls").first.click()

    # What it would learn of Irène; of her son nothing, for it is not for pupils.
    page.get_by_role("link", name="Aperçu pour une personne").click()
    page.get_by_label("Identifiant de la personne").fill(street.who("Irène Marchal")["username"])
    page.get_by_role("button", name="Voir l’aperçu").click()
    expect(page.get_by_text("Rien ne l’empêche d’entrer")).to_be_visible()
    vector = page.get_by_role("definition").filter(has_text=re.compile(r"2\|MARCHAL\|Irène\|\d+\|0991234D"))
    expect(vector).to_be_visible()
    look(page, "party-preview")
    page.get_by_label("Identifiant de la personne").fill(street.who("Timothée Marchal")["username"])
    page.get_by_role("button", name="Voir l’aperçu").click()
    expect(page.get_by_text("Cette personne n’entrerait pas")).to_be_visible()


BROKEN = {
    "Une adresse de retour qui n’est pas": "Relisez les métadonnées du service, ou faites corriger son adresse",
    "Une demande changée": "son certificat a peut-être changé",
    "Une horloge en retard": "Faites mettre à l’heure le serveur du service",
    "Une demande destinée à un autre": "Faites vérifier au service l’adresse de connexion",
}


def test_yann_reads_in_plain_words_why_the_ent_was_refused(street: Street, new_person: NewPerson) -> None:
    somebody, page = new_person(PHONE), new_person(DESKTOP)
    somebody.goto(f"{street.simulators}/ent/")
    look(somebody, "ent-door")
    for broken in (*BROKEN, "Un entityID que personne"):
        somebody.goto(f"{street.simulators}/ent/")
        somebody.get_by_role("link", name=broken).click()
        heading(somebody, "Cette demande de connexion (ne passe pas|a trop attendu)")
    look(somebody, "saml-refused")

    enter(page, street, YANN)
    list_of_parties(page, street)
    page.get_by_role("link", name="ENT Les Rives").click()
    page.get_by_role("link", name="Toutes les erreurs").click()
    heading(page, "Dernières erreurs")
    for advice in BROKEN.values():
        expect(page.get_by_role("cell").filter(has_text=advice).first).to_be_visible()
    look(page, "party-troubles")
    list_of_parties(page, street)
    page.get_by_role("link", name=re.compile("qui n(’est|e sont) pas raccordé")).click()
    expect(page.get_by_text(f"{street.simulators}/ent/metadata-inconnu").first).to_be_visible()
