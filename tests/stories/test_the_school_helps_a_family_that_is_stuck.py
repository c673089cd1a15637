"""The base has no birth date for Olena’s younger child: a ticket, a correction, and a day later she is in."""

import csv
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.clock import Clock
from tests.stories.conftest import NewPerson
from tests.stories.desk import download, enter, forget_the_future, letter_for, open_tab, show_factor
from tests.stories.street import Street
from tests.stories.walks import PASSWORD, bring_the_letter, go_on, heading, type_date

ADDRESS, BORN = "olena@example.org", "04/04/{year}"


def say_who(page: Page, street: Street, *, after: str = "") -> str:
    """Name, first name, number, then the code received, which is given back."""
    olena = street.cast.olena
    page.goto(f"{street.identity}/activation/mobile/")
    go_on(page, "Commencer")
    page.get_by_label("Nom", exact=True).fill("Kovalenko")
    page.get_by_label("Prénom").fill("Olena")
    page.get_by_label("Téléphone portable").fill("06 39 98 00 60")
    go_on(page, "Recevoir un code")
    code = street.code(olena.mobile, after=after)
    page.get_by_label("Code reçu").fill(code)
    go_on(page)
    return code


def where_it_stands(page: Page, street: Street, number: str) -> None:
    """« Où en est ma demande ? », from the page of help."""
    page.goto(f"{street.identity}/assistance/")
    heading(page, "Besoin d’aide")
    page.get_by_role("link", name="Où en est mon ticket").click()
    heading(page, "Où en est ma demande")
    page.get_by_label("Numéro du ticket").fill(number)
    go_on(page, "Voir")


def test_a_ticket_a_correction_and_she_is_in(
    street: Street, clock: Clock, new_person: NewPerson, tmp_path: Path
) -> None:
    # size: one walk of two people, told at once
    page, head = new_person(PHONE), new_person(DESKTOP)
    enter(head, street, "Claire Vasseur")

    # Neither the letter nor the telephone can prove her: each says who can help.
    username, temporary = letter_for(head, "KOVALENKO Olena", tmp_path)
    bring_the_letter(page, street, username, temporary)
    heading(page, "Voyez avec l’établissement")
    look(page, "activation-ask-the-school")
    code = say_who(page, street)
    heading(page, "Voyez avec l’établissement")
    look(page, "blocked-counter")
    go_on(page, "Pourquoi ça bloque ?")
    expect(page.get_by_text("Votre numéro de ticket")).to_be_visible()
    look(page, "blocked-counter-ticket")
    number = page.locator(".ticket .code").inner_text()

    page.goto(f"{street.identity}/assistance/")
    look(page, "support-home")
    where_it_stands(page, street, "222-2222")
    expect(page.get_by_role("alert").first).to_be_visible()
    look(page, "support-ticket-unknown")
    where_it_stands(page, street, number)
    expect(page.get_by_text("L’établissement ne l’a pas encore lu")).to_be_visible()
    look(page, "support-ticket-open")

    head.goto(f"{street.identity}/gestion/tickets/")
    heading(head, "Pourquoi cette famille est bloquée")
    look(head, "desk-tickets")
    head.get_by_label("Numéro du ticket").fill(number)
    head.get_by_label("Nom du responsable").fill("Kovalenko")
    go_on(head, "Chercher")
    expect(head.get_by_role("heading", name="Qui vous parle")).to_be_visible()
    look(head, "desk-ticket-who")
    head.get_by_role("button", name=re.compile("Comparer")).first.click()
    expect(head.get_by_role("heading", name=re.compile("et la fiche de"))).to_be_visible()
    look(head, "desk-ticket-compared")
    where_it_stands(page, street, number)
    expect(page.get_by_text("L’établissement l’a lu")).to_be_visible()

    head.get_by_role("link", name="Corriger la date de naissance : Oleksiy").click()
    show_factor(head, street, "Claire Vasseur")
    heading(head, "Corriger la date de naissance")
    born = BORN.format(year=street.cast.year - 11)
    type_date(head, "Date de naissance exacte", born)
    look(head, "desk-correct-birth-date")
    head.get_by_label("Pièce d’identité vue").check()
    go_on(head, "Enregistrer la correction")
    expect(head.get_by_text("Correction enregistrée")).to_be_visible()
    expect(head.get_by_role("rowheader", name=re.compile("Oleksiy"))).to_be_visible()
    look(head, "desk-corrections")
    where_it_stands(page, street, number)
    expect(page.get_by_text("C’est corrigé")).to_be_visible()
    look(page, "support-ticket-corrected")

    # A day later both dates are the right ones.
    clock.later(24.2)
    clock.a_pass()
    where_it_stands(page, street, number)
    expect(page.get_by_text("Vous pouvez réessayer")).to_be_visible()
    say_who(page, street, after=code)
    heading(page, "dates de naissance de vos enfants")
    type_date(page, "Date de naissance d’un", f"{street.cast.kateryna.birth_on:%d/%m/%Y}")
    type_date(page, "Date de naissance d’un", born, rank=1)
    go_on(page)
    page.get_by_role("textbox", name="Adresse électronique").fill(ADDRESS)
    go_on(page)
    page.get_by_label("Code reçu").fill(street.mailed_code(ADDRESS))
    go_on(page)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    go_on(page, "Activer mon compte")
    heading(page, "Bienvenue sous le préau")
    for child in ("Kateryna", "Oleksiy"):
        expect(page.get_by_text(child).first).to_be_visible()

    # What Préau corrected goes back to the base, by a list.
    enter(head, street, "Claire Vasseur")
    open_tab(head, "Corrections")
    look(head, "desk-corrections-to-report")
    go_on(head, "Télécharger la liste (CSV)")
    show_factor(head, street, "Claire Vasseur")
    given = download(head, "Télécharger la liste (CSV)", tmp_path).read_text("utf-8-sig")
    (line,) = [one for one in csv.DictReader(given.splitlines(), delimiter=";") if one["Prénom"] == "Oleksiy"]
    assert (line["Nom"], line["Nouvelle valeur"]) == ("KOVALENKO", born)
    assert line["Identifiant dans la base"] == str(street.cast.oleksiy.key)
    assert (line["Vérifié par"], line["Preuve"]) == ("Claire Vasseur", "pièce d’identité vue")
    head.reload()
    expect(head.get_by_text("Données au secrétariat, pas encore dans la base")).to_be_visible()
    forget_the_future(street, street.cast.claire)
