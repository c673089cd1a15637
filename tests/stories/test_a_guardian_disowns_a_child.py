"""« Je ne suis pas le représentant légal de cet élève »: a guardian ticks it, without script, and the desk sees it."""

import re
from pathlib import Path

from playwright.sync_api import expect

from preau.demo.bases import base
from preau.demo.rows import LEGAL, GuardianRow, PupilRow
from preau.demo.town import SEED
from tests.stories.browser import DESKTOP, look
from tests.stories.conftest import NewPerson
from tests.stories.desk import enter, letter_for, open_account, open_tab, show_factor
from tests.stories.street import PUPILS, Street
from tests.stories.walks import (
    PASSWORD,
    bring_the_letter_and_an_address,
    go_on,
    heading,
    link_of,
    type_credentials,
    type_date,
)


def somebody_with_two_children(street: Street) -> tuple[GuardianRow, PupilRow, PupilRow]:
    """In the crowd: a guardian with an address, and two children here who have each their surname and birth date."""
    day, year = street.cast.on, street.cast.year
    cast = {row.key for row in street.cast.guardians}
    for family in base(pupils=PUPILS, seed=SEED, on=day, year=year).families:
        for guardian in family.guardians:
            children = [
                pupil
                for pupil in family.pupils
                if pupil.is_active_on(day)
                and any(link.guardian_key == guardian.key and link.level == LEGAL for link in pupil.links)
            ]
            if guardian.key not in cast and len(children) == 2 and children[0].birth_on != children[1].birth_on:
                return guardian, *children
    raise AssertionError("Nobody in the crowd has two children here: the cast grew, raise PUPILS (street.py).")


def test_she_says_so_and_the_desk_sees_it(street: Street, new_person: NewPerson, tmp_path: Path) -> None:
    guardian, mine, other = somebody_with_two_children(street)
    name = f"{guardian.used_name or guardian.birth_name} {guardian.first_name}"
    head = new_person(DESKTOP)
    enter(head, street, "Claire Vasseur")
    username, temporary = letter_for(head, name, tmp_path)

    page = new_person(DESKTOP, without_script=True)
    bring_the_letter_and_an_address(page, street, username, temporary, "sans.script@example.org")
    heading(page, "dates de naissance")
    type_date(page, "Date de naissance d’un", f"{mine.birth_on:%d/%m/%Y}")
    page.get_by_text("Un de ces enfants n’est pas le mien").click()
    page.get_by_label("Je ne suis pas le représentant légal").check()
    go_on(page)
    heading(page, "Quel enfant n’est pas le vôtre")
    page.get_by_label(other.first_name).check()
    go_on(page)
    heading(page, "Choisissez votre mot de passe")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    go_on(page)
    heading(page, "Consultez votre messagerie")
    page.goto(link_of(street.emails("sans.script@example.org", about="Confirmez votre adresse")[0]))
    page.get_by_role("button", name="Confirmer mon adresse").click()
    heading(page, "Votre compte est activé")

    # She comes in, still without script, and finds one child only.
    page.goto(street.eservices)
    page.get_by_role("link", name="Se connecter avec Préau").click()
    page.get_by_role("link", name="Responsable d’élève").click()
    type_credentials(page, username=username, password=PASSWORD)
    heading(page, "Bonjour")
    expect(page.get_by_role("heading", name=mine.first_name)).to_be_visible()
    expect(page.get_by_role("heading", name=other.first_name)).to_have_count(0)

    # The desk sees who disputes what, on both pages and in the journal.
    open_account(head, "Responsables", name)
    expect(head.get_by_text("contesté par le responsable").first).to_be_visible()
    look(head, "desk-account-disputed")
    head.get_by_role("navigation").get_by_role("link", name="Journal", exact=True).click()
    heading(head, "Journal")
    expect(head.get_by_role("main")).to_contain_text("contest")

    # The paper file says otherwise: the link is right, she is told and sees the child again.
    open_tab(head, "Corrections")
    head.get_by_role("link", name=re.compile(f"Régler.*{re.escape(name)}")).click()
    show_factor(head, street, "Claire Vasseur")
    heading(head, "Régler un lien contesté")
    look(head, "desk-settle-link")
    head.get_by_label("Juste").check()
    go_on(head, "Enregistrer")
    expect(head.get_by_text("Le lien est rétabli")).to_be_visible()
    page.goto(f"{street.identity}/compte/enfants/")
    expect(page.get_by_role("heading", name=other.first_name)).to_be_visible()
