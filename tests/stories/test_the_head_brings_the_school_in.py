"""Claire gets everybody in: she sees who is not notified, invites, writes, prints, and lists.

Pascale, next door, starts from nothing: she imports her school's files first.
"""

import csv
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.stories.browser import look
from tests.stories.desk import (
    TEMPORARY,
    USERNAME,
    credentials_on,
    download,
    enter,
    look_at_paper,
    open_tab,
    papers_in,
    search,
    show_factor,
    squares_of,
    words_of,
)
from tests.stories.street import Street
from tests.stories.walks import heading


def number_in(page: Page, words: str) -> int:
    """The figure that stands before `words` on a page."""
    text = re.sub(r"[\u00a0\u202f]", "", page.get_by_role("main").inner_text())
    found = re.search(rf"(\d+)\s+{words}", text)
    assert found, text
    return int(found.group(1))


def unnotified(page: Page, tab: str) -> int:
    """Open « Non notifiés » in a list; how many they are."""
    open_tab(page, tab)
    page.get_by_role("link", name="Non notifiés").first.click()
    expect(page.get_by_role("link", name="Tout effacer").first).to_be_visible()
    if page.get_by_text("Personne ne répond à cette recherche").count():
        return 0
    return number_in(page, "responsables?" if tab == "Responsables" else "élèves?")


def choose_all(page: Page) -> None:
    """« Tous les résultats », then the button of the list."""
    page.get_by_label(re.compile("Tous les résultats")).check()
    page.get_by_role("button", name="Inviter ou notifier…").click()
    heading(page, "Inviter ou notifier")


def prepare(page: Page, wish: str) -> None:
    """Choose a way, type the number of people it reaches when the page asks for it, go."""
    page.get_by_label(wish).check()
    box = page.get_by_label("Combien de personnes")
    if box.count():
        card = page.locator("section.card").filter(has=page.get_by_role("heading", name=wish))
        box.fill(re.sub(r"\D", "", card.locator("strong").first.inner_text()))
    page.get_by_role("button", name="Préparer l’envoi").click()


def test_a_school_comes_in_by_its_files(street: Street, browser_page: Page, tmp_path: Path) -> None:
    street.preau("demo", "write-files", "--uai", "0990002P", "--pupils", "40", "--into", str(tmp_path))
    page = browser_page
    page.goto(f"{street.identity}/gestion/")
    look(page, "desk-entrance")
    enter(page, street, "Pascale Legrand")
    heading(page, "Tableau de bord")
    expect(page.get_by_role("heading", name="Importez la base de l’établissement")).to_be_visible()

    page.get_by_role("main").get_by_role("link", name="Importer").click()
    look(page, "imports-home")
    page.locator("input[type=file]").set_input_files(sorted(tmp_path.iterdir()))
    page.get_by_role("button", name="Lire les fichiers").click()
    heading(page, "Ce que cet import ferait")
    expect(page.get_by_role("main")).to_contain_text("40")
    look(page, "imports-preview")
    # Nothing is written yet.
    expect(page.get_by_role("button", name="Appliquer l’import")).to_be_visible()

    page.get_by_role("button", name="Appliquer l’import").click()
    expect(page.get_by_label("Code à six chiffres")).to_be_visible()
    look(page, "desk-second-factor")
    show_factor(page, street, "Pascale Legrand")
    page.get_by_role("button", name="Appliquer l’import").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Import appliqué", timeout=60_000)
    look(page, "imports-report")

    page.get_by_role("link", name="Aller au tableau de bord").click()
    expect(page.get_by_role("heading", name="n’ont pas encore reçu leur accès")).to_be_visible()
    # Her school and no other.
    open_tab(page, "Élèves")
    assert number_in(page, "élèves?") == 40
    assert page.request.get(f"{street.identity}/gestion/responsables/1/").status == 404


def test_everybody_is_invited_written_to_or_printed_for(street: Street, browser_page: Page, tmp_path: Path) -> None:
    page = browser_page
    enter(page, street, "Claire Vasseur")
    heading(page, "Tableau de bord")
    look(page, "desk-cockpit")

    # Who is not in yet, and why.
    waiting = unnotified(page, "Responsables")
    assert waiting > 20
    look(page, "desk-unnotified")

    # First the invitation: nothing secret travels, nobody becomes « Notifié ».
    choose_all(page)
    look(page, "distribution-choose")
    prepare(page, "Inviter à entrer seul")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inviter à entrer seul")
    invitation = street.emails("sophie.martin@example.org")[0]
    assert not re.search(TEMPORARY, invitation["text"])
    assert unnotified(page, "Responsables") == waiting

    # Then credentials: an e-mail to who has an address of their own, a letter for the others.
    choose_all(page)
    prepare(page, "Envoyer un identifiant et un mot de passe provisoire")
    heading(page, "Envoyer un identifiant")
    message = street.emails("sophie.martin@example.org", count=2)[0]
    username, temporary = credentials_on(message["text"])
    assert username.startswith("s.martin")
    page.reload()
    look(page, "distribution-batch")

    letters = download(page, "Télécharger pour imprimer", tmp_path)
    printed = "\n".join(words_of(one) for one in papers_in(letters))
    look_at_paper(papers_in(letters)[0], "paper-letter")
    assert "LE GOFF" in printed.upper() and len(re.findall(TEMPORARY, printed)) > 2
    # Two people share one address: what is secret is on paper only.
    assert not any(re.search(TEMPORARY, one["text"]) for one in street.emails("famille.garnier@example.org"))
    assert "GARNIER" in printed.upper()
    # Who was written to has no letter, and the other way round.
    assert temporary not in printed
    page.reload()
    expect(page.get_by_text("Déjà imprimé")).to_be_visible()
    look(page, "distribution-printed")
    assert unnotified(page, "Responsables") < waiting


def test_the_pupils_have_their_sheets_and_the_school_its_lists(
    street: Street, browser_page: Page, tmp_path: Path
) -> None:
    page = browser_page
    enter(page, street, "Rachid Benali")
    pupils = unnotified(page, "Élèves")
    look(page, "desk-pupils")
    choose_all(page)
    prepare(page, "Imprimer des fiches")
    heading(page, "Imprimer des fiches")
    four = download(page, "Télécharger pour imprimer", tmp_path)
    assert four.suffix in {".pdf", ".zip"}, four
    sheets = papers_in(four)
    words = "\n".join(words_of(one) for one in sheets)
    assert len(set(re.findall(TEMPORARY, words))) == pupils
    assert {street.identity} <= {square.rstrip("/") for square in squares_of(sheets[0], tmp_path)}

    # One per page: the same people, other secrets, and the page says how many die.
    search(page, "Élèves", "kovalenko")
    choose_all(page)
    expect(page.get_by_text("cesser").first).to_be_visible()
    page.get_by_label("une par page").check()
    prepare(page, "Imprimer des fiches")
    (one, *_) = papers_in(download(page, "Télécharger pour imprimer", tmp_path / "again"))
    again = words_of(one)
    assert re.search(USERNAME, again) and not set(re.findall(TEMPORARY, again)) & set(re.findall(TEMPORARY, words))
    assert {square.rstrip("/") for square in squares_of(one, tmp_path)} == {street.identity}

    # A list bears no secret; it asks the phone's code.
    open_tab(page, "Élèves")
    page.get_by_label(re.compile("Tous les résultats")).check()
    page.get_by_role("button", name="Exporter la liste…").click()
    show_factor(page, street, "Rachid Benali")
    heading(page, "Élèves")
    page.get_by_label(re.compile("Tous les résultats")).check()
    page.get_by_role("button", name="Exporter la liste…").click()
    heading(page, "Exporter une liste")
    look(page, "distribution-roster")
    as_pdf = words_of(download(page, "Pour imprimer (PDF)", tmp_path))
    assert "COULIBALY" in as_pdf and not re.search(TEMPORARY, as_pdf)
    as_csv = download(page, "Pour un tableur (CSV)", tmp_path).read_text("utf-8-sig")
    lines = list(csv.DictReader(as_csv.splitlines(), delimiter=";"))
    assert any("COULIBALY" in str(line) for line in lines) and not re.search(TEMPORARY, as_csv)
