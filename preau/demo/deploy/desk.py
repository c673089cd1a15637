"""The head of a school at the desk, over HTTP: a family stands there with its ticket and its papers.

The head sees which fields do not agree, never what was typed; the family says what is true and shows it. Where nothing
can be corrected a letter is handed over.
"""

import re
from dataclasses import dataclass, field

import pyotp

from preau import clock
from preau.demo.deploy.browser import BrokenPage, Browser, Page
from preau.demo.deploy.families import Household, as_filed
from preau.demo.deploy.walkers import address_of
from preau.demo.rows import SchoolRow

DIFFERS = ("ne concorde pas", "inconnu de la base")
_FIRST_ADDRESS = 80_000
_BASE_32 = re.compile(r"\b[A-Z2-7]{4}(?: ?[A-Z2-7]{4}){3,}\b")


@dataclass
class Visit:
    """What came of one visit to the school: the fields corrected, whether only a letter can help."""

    corrected: list[str] = field(default_factory=list)
    needs_letter: bool = False
    note: str = ""


def colleague(school: SchoolRow) -> dict[str, object]:
    """The head, as the staff portal knows them (preau/simulators/cast.py)."""
    return {
        "sub": subject_of(school.uai), "given_name": "Dominique", "family_name": f"Chef {school.uai}",
        "who": "Chef d’établissement", "email": f"chef.{school.uai.lower()}@example.org", "rne": school.uai,
        "title": "DIR", "typensi": "G", "codaca": "099", "FrEduFonctAdm": "DIR",
        "FrEduRne": [f"{school.uai}$UAJ$PU$DIR${school.uai}$T3$CLG$340"],
        "FrEduRneResp": [f"{school.uai}$UAJ$PU$N$T3$CLG$340"], "FrEduResDel": ["X"],
    }  # fmt: skip


def subject_of(uai: str) -> str:
    """Of a school's head, at the portal."""
    return f"chef-{uai}"


class Head:
    """A head of school at work. The seed of their authenticator is the one the desk's page gave them."""

    def __init__(self, uai: str, rank: int, *, identity: str) -> None:
        self.uai, self.identity, self.address = uai, identity, address_of(_FIRST_ADDRESS + rank)
        self.seed = ""

    def enter(self) -> None:
        """Through the staff portal, with the second factor proved there. Raises `BrokenPage`."""
        self.browser = Browser(self.address)
        page = self.browser.open(f"{self.identity}/gestion/")
        portal = page.link("Continuer avec le portail des personnels")
        if portal:
            choice = self.browser.open(portal)
            page = self.browser.send(choice, choice.forms[0], {"who": subject_of(self.uai), "proof": "otp"})
        if not page.path.startswith("/gestion/"):
            raise BrokenPage(f"the desk stays shut: {page.path} « {page.heading} »")

    def receive(self, household: Household, ticket: str) -> Visit:
        """One visit. Raises `BrokenPage`."""
        visit = Visit()
        if not ticket:
            return Visit(needs_letter=True, note="no ticket")
        page = self._compared(household, ticket)
        if page is None:
            return Visit(note="not a legal guardian of the base")
        differing = {
            next((one for one in _LABELS if row.startswith(one)), "")
            for row, _ in page.rows
            if any(words in row for words in DIFFERS)
        }
        for words, value in self._wanted(household, differing):
            self._correct(page, words, value, visit)
        if "Dates de naissance" in differing:
            self._correct_births(page, household, visit)
        if not visit.corrected:
            self._without_difference(page, household, visit)
        return visit

    def close(self) -> None:
        """Go home."""
        self.browser.close()

    def _open(self, address: str) -> Page:
        """A page of the desk, the own factor shown when it is asked."""
        page = self.browser.open(address)
        if "/agents/second-facteur/" not in page.path:
            return page
        if not self.seed:
            # The key stands in two halves, each in groups of four: what a person copies.
            found = "".join(_BASE_32.findall(page.words)).replace(" ", "")
            self.seed = found
        for later in (0, 1):
            code = pyotp.TOTP(self.seed).at(clock.now(), counter_offset=later)
            page = self.browser.send(page, page.asking("code"), {"code": code})
            if "/agents/second-facteur/" not in page.path:
                return page
        raise BrokenPage(f"the desk does not take the code: « {page.heading} »")

    def _compared(self, household: Household, ticket: str) -> Page | None:
        """The ticket beside the record of who stands there; None when no list shows them."""
        page = self._open(f"{self.identity}/gestion/tickets/")
        surnames = (household.writes_surname, household.birth_name, as_filed(household.writes_surname))
        for asked in dict.fromkeys((*surnames, household.children[0].first_name)):
            form = page.asking("number")
            page = self.browser.send(page, form, {"number": ticket, "q": asked})
            rows = [(words, forms[0]) for words, forms in page.rows if forms and "guardian" in forms[0].values]
            own = next((form for words, form in rows if _is_of(household, words)), None)
            if own is not None:
                return self.browser.send(page, own)
        return None

    @staticmethod
    def _wanted(household: Household, differing: set[str]) -> list[tuple[str, str]]:
        """What the papers say of the fields that do not agree."""
        wanted = []
        if "Mobile" in differing and household.mobile.startswith("+33"):
            wanted.append(("mobile", household.mobile))
        if "Nom" in differing:
            wanted.append(("birth_name", household.birth_name))
            if household.used_name:
                wanted.append(("used_name", household.used_name))
        if "Prénom" in differing:
            wanted.append(("first_name", household.first_name))
        if "Courriel" in differing and household.email:
            wanted.append(("email", household.email))
        return wanted

    def _without_difference(self, page: Page, household: Household, visit: Visit) -> None:
        """All agrees: the family record book is opened; then an address of their own may help; otherwise a letter.

        An address helps who has FranceConnect, where a code by e-mail may replace the mobile, and who shares a number.
        """
        self._correct_births(page, household, visit)
        is_shared = any(one.is_mobile_shared for one in household.records)
        is_unknown = all(one.email != household.email for one in household.records)
        if not visit.corrected and household.email and is_unknown and (household.has_franceconnect or is_shared):
            self._correct(page, "email", household.email, visit)
        visit.needs_letter = not visit.corrected

    def _correct(self, page: Page, what: str, value: str, visit: Visit) -> None:
        form_page = self._open(page.link("Corriger la fiche du responsable"))
        form = form_page.asking("value")
        proof = form.options["proof"][0]
        done = self.browser.send(form_page, form, {"field": what, "value": value, "proof": proof})
        if "fait=corrigee" in done.url:
            visit.corrected.append(what)

    def _correct_births(self, page: Page, household: Household, visit: Visit) -> None:
        """The dates of the family record book, child by child; what the base has already is refused, and passed."""
        for child in household.children:
            address = page.link(f"Corriger la date de naissance\u00a0: {child.first_name}")
            if not address:
                continue
            form_page = self._open(address)
            form = form_page.asking("born_day")
            born = {"born_day": child.born_on.day, "born_month": child.born_on.month, "born_year": child.born_on.year}
            typed = {name: str(part) for name, part in born.items()}
            done = self.browser.send(form_page, form, {**typed, "proof": form.options["proof"][0]})
            if "fait=corrigee" in done.url:
                visit.corrected.append("birth_on")


_LABELS = ("Civilité", "Nom", "Prénom de l’enfant", "Prénom", "Mobile", "Courriel", "Dates de naissance")


def _is_of(household: Household, words: str) -> bool:
    """Whether a row of the list is theirs: their first name, and one of their children, however the file wrote them."""
    bare = words.casefold()
    first = {household.first_name, household.first_name.split()[0], as_filed(household.first_name)}
    children = {name for child in household.children for name in (child.first_name, as_filed(child.first_name))}
    return all(any(name.casefold() in bare for name in names) for names in (first, children))
