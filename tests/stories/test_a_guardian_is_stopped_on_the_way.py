"""Céline gets the dates wrong three times; Ludivine is asked for a child who is not hers. Each is told what to do."""

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.clock import Clock
from tests.stories.conftest import NewPerson
from tests.stories.desk import enter
from tests.stories.franceconnect import come_by_franceconnect
from tests.stories.street import Street
from tests.stories.walks import come_with_mobile, go_on, heading, type_date

HERS, NOT_HERS = "Margot", "Titouan"


def disown(page: Page) -> None:
    """« Un de ces enfants n’est pas le mien », under the dates."""
    page.get_by_text("Un de ces enfants n’est pas le mien").click()
    page.get_by_label("Je ne suis pas le représentant légal").check()
    go_on(page)


def test_three_wrong_sets_of_dates_pause_and_leave_a_ticket_that_the_school_reads(
    street: Street, clock: Clock, new_person: NewPerson
) -> None:
    celine, page, head = street.cast.celine, new_person(PHONE), new_person(DESKTOP)
    code = come_with_mobile(page, street, celine)
    heading(page, "dates de naissance de vos enfants")
    for day in ("01", "02"):
        type_date(page, "Date de naissance d’un", f"{day}/01/2014")
        go_on(page)
        expect(page.get_by_role("alert").first).to_contain_text("Il vous reste")
    type_date(page, "Date de naissance d’un", "03/01/2014")
    go_on(page)
    heading(page, "Faisons une pause")
    look(page, "mobile-dates-refused")
    expect(page.get_by_text("Votre numéro de ticket")).to_be_visible()
    number = page.locator(".ticket .code").inner_text()

    # Another browser does not help: that telephone waits a day, and another set of dates is not even asked.
    other = new_person(PHONE)
    clock.later(0.05)
    code = come_with_mobile(other, street, celine, after=code)
    heading(other, "Faisons une pause")
    look(other, "mobile-paused")

    # The school sees that the dates are what differs, and which they are it does not see.
    enter(head, street, "Claire Vasseur")
    head.goto(f"{street.identity}/gestion/tickets/")
    head.get_by_label("Numéro du ticket").fill(number)
    head.get_by_label("Nom du responsable").fill("Garnier")
    go_on(head, "Chercher")
    head.get_by_role("button", name="Comparer").first.click()
    look(head, "desk-ticket-dates")
    expect(head.get_by_role("main")).not_to_contain_text("03/01/2014")

    # A day later she has her daughter's birth date, and goes on.
    clock.later(24.1)
    come_with_mobile(other, street, celine, after=code)
    heading(other, "dates de naissance de vos enfants")
    type_date(other, "Date de naissance d’un", f"{street.cast.zoe.birth_on:%d/%m/%Y}")
    go_on(other)
    heading(other, "Votre adresse électronique")


def test_with_one_proof_the_school_first_with_two_that_child_is_left_out(
    street: Street, clock: Clock, new_person: NewPerson
) -> None:
    ludivine, page = street.cast.ludivine, new_person(PHONE)
    served = come_with_mobile(page, street, ludivine)
    heading(page, "dates de naissance de vos enfants")
    disown(page)
    heading(page, "L’établissement doit corriger d’abord")
    look(page, "mobile-not-mine")
    go_on(page, "Pourquoi ça bloque ?")
    expect(page.get_by_text("Votre numéro de ticket")).to_be_visible()
    look(page, "mobile-not-mine-ticket")

    # FranceConnect beside the same mobile: two proofs, so her own child's date is enough.
    clock.later(0.05)
    come_by_franceconnect(page, street, "Ludivine Carlier")
    page.get_by_label("Téléphone portable").fill(ludivine.mobile)
    go_on(page, "Recevoir un code")
    page.get_by_label("Code reçu").fill(street.code(ludivine.mobile, after=served))
    go_on(page)
    heading(page, "dates de naissance de vos enfants")
    type_date(page, "Date de naissance d’un", f"{street.cast.margot.birth_on:%d/%m/%Y}")
    disown(page)
    heading(page, "Quel enfant n’est pas le vôtre")
    look(page, "franceconnect-not-mine")
    page.get_by_label(NOT_HERS).check()
    go_on(page)
    heading(page, "Tout concorde")
    expect(page.get_by_role("main")).not_to_contain_text(NOT_HERS)
    look(page, "franceconnect-finish-one-disowned")
    go_on(page, "Activer mon compte")
    heading(page, "Bienvenue sous le préau")
    expect(page.get_by_text(HERS).first).to_be_visible()
    page.goto(f"{street.identity}/compte/enfants/")
    expect(page.get_by_role("heading", name=HERS)).to_be_visible()
    expect(page.get_by_role("heading", name=NOT_HERS)).to_have_count(0)
