"""Claire protects Gabin’s file: his guardians no longer read where he is, and nobody comes in beside him alone."""

from playwright.sync_api import Page, expect

from tests.stories.browser import DESKTOP, PHONE, look
from tests.stories.conftest import NewPerson
from tests.stories.desk import enter, open_account, show_factor
from tests.stories.street import Street
from tests.stories.walks import come_with_mobile, go_on, heading, sign_in

HEAD, SCHOOL = "Claire Vasseur", "Élise-Deroche"


def mother_comes_in(page: Page, street: Street) -> None:
    """Armelle, to her children."""
    armelle = street.who("Armelle Delcourt")
    sign_in(page, street, "Responsable", username=armelle["username"], password=armelle["password"])
    heading(page, "Bonjour Armelle")
    page.goto(f"{street.identity}/compte/enfants/")


def protect(head: Page, street: Street) -> None:
    """From the pupil's page at the desk."""
    open_account(head, "Élèves", "DELCOURT Gabin")
    head.get_by_role("link", name="Protéger le dossier").click()
    show_factor(head, street, HEAD)
    heading(head, "Protéger le dossier")
    look(head, "desk-protect")
    go_on(head, "Protéger ce dossier")
    expect(head.get_by_text("Dossier protégé", exact=True)).to_be_visible()
    expect(head.get_by_text("Dossier de l’élève protégé")).to_be_visible()
    look(head, "desk-protected")


def test_nobody_reads_where_he_is_until_it_is_lifted(street: Street, new_person: NewPerson) -> None:
    # size: one file and four people, told at once
    mother, father, boy, head = new_person(PHONE), new_person(PHONE), new_person(DESKTOP), new_person(DESKTOP)
    mother_comes_in(mother, street)
    expect(mother.get_by_role("article").get_by_text(SCHOOL)).to_be_visible()
    enter(head, street, HEAD)
    protect(head, street)

    # His mother knows that he is there, and reads no more where: in her account, nor in a service.
    mother.reload()
    expect(mother.get_by_role("heading", name="Gabin")).to_be_visible()
    expect(mother.get_by_role("main")).not_to_contain_text(SCHOOL)
    look(mother, "children-protected")
    mother.goto(f"{street.identity}/compte/")
    expect(mother.get_by_role("main")).not_to_contain_text(SCHOOL)
    mother.goto(street.eservices)
    mother.get_by_role("link", name="Se connecter avec Préau").click()
    heading(mother, "Bonjour Armelle")
    expect(mother.get_by_role("heading", name="Gabin")).to_be_visible()
    expect(mother.get_by_role("main")).not_to_contain_text(SCHOOL)

    # His father would come in alone: the mobile that the school knows no longer suffices.
    come_with_mobile(father, street, street.cast.regis)
    heading(father, "Encore un peu de patience")
    expect(father.get_by_text("demandez une lettre au secrétariat")).to_be_visible()
    expect(father.get_by_role("main")).not_to_contain_text(SCHOOL)
    look(father, "mobile-held")

    # He reads his own school still.
    gabin = street.who("Gabin Delcourt")
    sign_in(boy, street, "École, collège", username=gabin["username"], password=gabin["password"])
    heading(boy, "Bonjour Gabin")
    expect(boy.get_by_role("main")).to_contain_text(SCHOOL)

    head.get_by_role("link", name="Lever la protection du dossier").click()
    show_factor(head, street, HEAD)
    heading(head, "Lever la protection")
    look(head, "desk-unprotect")
    go_on(head, "Lever la protection")
    expect(head.get_by_text("Dossier protégé", exact=True)).to_have_count(0)
    expect(head.get_by_text("Protection du dossier de l’élève levée")).to_be_visible()
    mother.goto(f"{street.identity}/compte/enfants/")
    expect(mother.get_by_role("article").get_by_text(SCHOOL)).to_be_visible()
