"""What people of the school do in the same way: enter by the portal, show the code of their phone, read the paper."""

import re
import subprocess
import zipfile
from pathlib import Path
from time import sleep

from PIL import Image
from playwright.sync_api import Page, expect

from preau.demo.cast import StaffMember
from preau.demo.keepsakes import Keepsakes
from tests.stories.browser import keep_light, where_kept
from tests.stories.street import Street
from tests.stories.walks import heading

WITH_A_FACTOR, WITHOUT = "Avec un second facteur, à l’instant", "Sans second facteur"
# On our papers: « f.bertrand2 » and « 42V7 ZJ7E XPC6 » (design.md §5).
USERNAME, TEMPORARY = r"\b[a-z]\.[a-z]+\d*\b", r"\b[2-9A-Z]{4} [2-9A-Z]{4} [2-9A-Z]{4}\b"


def enter(page: Page, street: Street, name: str, *, proof: str = WITH_A_FACTOR) -> None:
    """At the desk, through the staff portal where the password is typed already."""
    page.goto(f"{street.identity}/gestion/")
    page.get_by_role("link", name="Continuer avec le portail des personnels").click()
    choose_at_portal(page, name, proof=proof)


def choose_at_portal(page: Page, name: str, *, proof: str = WITH_A_FACTOR) -> None:
    """« Un clic vous connecte »."""
    page.get_by_label(proof).check()
    page.get_by_role("button", name=name).click()


def show_factor(page: Page, street: Street, name: str) -> None:
    """Type the code that the phone shows, when the desk asks for it; a code serves once, so maybe the next one."""
    for _ in range(40):
        if page.get_by_label("Code à six chiffres").count() == 0:
            return
        for code in codes(page, street, name):
            page.get_by_label("Code à six chiffres").fill(code)
            page.get_by_role("button", name="Continuer").click()
            if page.get_by_label("Code à six chiffres").count() == 0:
                return
        sleep(3)
    raise AssertionError(f"No code of {name} is taken.")


def forget_the_future(street: Street, member: StaffMember) -> None:
    """After a story in which a code of this person served tomorrow: it would shut them out of every story until then.

    The same phone is enrolled anew, by the operator's command.
    """
    seed = Keepsakes(street.var / "demo" / "keepsakes.json").totp_seed(member.subject)
    street.preau("identity", "staff", "totp", "--subject", member.subject, "--seed", seed)


def codes(page: Page, street: Street, name: str) -> list[str]:
    """What the phone shows, in another tab: the code of this half minute and the next."""
    with page.context.new_page() as phone:
        phone.goto(f"{street.simulators}/codes/")
        shown = phone.locator("dl.list > div").filter(has_text=name).inner_text()
    return [code.replace(" ", "") for code in re.findall(r"\b\d{3} ?\d{3}\b", shown)]


def open_tab(page: Page, tab: str) -> None:
    """A section of the desk."""
    page.get_by_role("navigation", name="Rubriques").get_by_role("link", name=tab, exact=True).click()
    heading(page, f"^{tab}$")


def search(page: Page, tab: str, name: str) -> None:
    """Look for somebody in a list of the desk."""
    open_tab(page, tab)
    page.get_by_label(re.compile("^Nom")).first.fill(name)
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_role("link", name="Tout effacer")).to_be_visible()


def download(page: Page, button: str, into: Path) -> Path:
    """Press a button that gives a file, and keep it."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    kept = into / waiting.value.suggested_filename
    waiting.value.save_as(kept)
    return kept


def papers_in(file: Path) -> list[Path]:
    """The PDFs of a download: itself, or those of a zip, one per division."""
    if file.suffix == ".pdf":
        return [file]
    into = file.with_suffix("")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(into)
    return sorted(into.rglob("*.pdf"))


def words_of(pdf: Path, *options: str) -> str:
    """The text of a PDF, laid out as on the page."""
    read = subprocess.run(["pdftotext", "-layout", *options, pdf, "-"], capture_output=True, text=True, check=True)
    return read.stdout


def look_at_paper(pdf: Path, name: str) -> None:
    """The first page of a paper, kept as `name` when pictures are wanted."""
    if kept := where_kept(f"{name}.png"):
        picture = pdf.with_suffix("")
        subprocess.run(["pdftoppm", "-r", "96", "-singlefile", "-png", pdf, picture], check=True)
        keep_light(Image.open(picture.with_suffix(".png")), kept)


def squares_of(pdf: Path, into: Path) -> set[str]:
    """What a phone reads in the squares of a PDF's first page, printed at 150 dots per inch."""
    picture = into / pdf.stem
    subprocess.run(["pdftoppm", "-r", "150", "-l", "1", "-png", pdf, picture], check=True)
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", *into.glob(f"{pdf.stem}-*.png")], capture_output=True, text=True, check=True
    )
    return set(read.stdout.split())


def credentials_on(paper: str) -> tuple[str, str]:
    """The username and the temporary password that a letter or a sheet bears."""
    username, temporary = re.search(USERNAME, paper), re.search(TEMPORARY, paper)
    assert username and temporary, paper
    return username.group(), temporary.group()


def open_account(page: Page, tab: str, name: str) -> None:
    """The page of somebody's account; `name` as at the desk, « NGUYEN Lan Anh »."""
    search(page, tab, name.split()[0])
    page.get_by_role("rowheader", name=name).get_by_role("link").click()
    expect(page.get_by_role("heading", name="Ce que vous pouvez faire")).to_be_visible()


def letter_for(page: Page, name: str, into: Path) -> tuple[str, str]:
    """The head, already in, prints a new letter for one guardian; gives what it bears."""
    open_account(page, "Responsables", name)
    page.get_by_role("button", name="Inviter ou notifier…").click()
    heading(page, "Inviter ou notifier")
    page.get_by_label("Imprimer des lettres pour tous").check()
    page.get_by_role("button", name="Préparer l’envoi").click()
    (letter,) = papers_in(download(page, "Télécharger pour imprimer", into))
    return credentials_on(words_of(letter))
