"""Somebody who tries to get in: they read each page, write what they know, and stop where a person would.

A walker knows nothing of Préau but its pages. What they know of themselves, or of somebody else, is a `Knowledge`.
"""
# size: one method per question a page may ask

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from preau.demo.crowd import national
from preau.demo.deploy.browser import BrokenPage, Browser, Form, Page
from preau.demo.deploy.families import Child, Household
from preau.demo.deploy.strict import Way

PASSWORD = "quatre grands marronniers au fond"  # noqa: S105 — families invented, on this machine
MOST_PAGES = 40
BIRTH_TRIES = 3
_TICKET = re.compile(r"\b[2-9A-Z]{3}-[2-9A-Z]{4}\b")
_CODE = re.compile(r"\b\d{6}\b")
_USERNAME = re.compile(r"\b[a-z]\.[a-z]+\d*\b")


@dataclass
class Post:
    """The phones and mailboxes of the town. `inbox` gives what reached a number or an address, newest first."""

    inbox: Callable[[str], dict[str, list[dict[str, object]]]]
    mark: Callable[[], int]
    is_over: Callable[[int], bool]

    def code(self, places: list[str], seen: set[tuple[str, int]], mark: int) -> str:
        """The newest six digits at any of these places that were not read before; "" once nothing more can come.

        A person would wait some minutes; the simulation knows that the worker has nothing left to send.
        """
        until = time.monotonic() + 60
        while True:
            is_over = self.is_over(mark)
            found = self._look(places, seen, lambda words: _CODE.findall(words))
            if found or is_over or time.monotonic() > until:
                return found
            time.sleep(0.3)

    def link(self, address: str, seen: set[tuple[str, int]], mark: int, holds: str) -> str:
        """The newest link of a mailbox whose address holds `holds`; "" once nothing more can come."""
        until = time.monotonic() + 60
        while True:
            is_over = self.is_over(mark)
            found = self._look([address], seen, lambda words: [one for one in words.split() if holds in one])
            if found or is_over or time.monotonic() > until:
                return found
            time.sleep(0.3)

    def _look(self, places: list[str], seen: set[tuple[str, int]], find: Callable[[str], list[str]]) -> str:
        for place in places:
            arrived = self.inbox(place)
            for kind in ("sms", "emails"):
                for one in arrived[kind]:
                    key = (kind, int(str(one["id"])))
                    found = find(str(one["text"])) if key not in seen else []
                    if found:
                        seen.add(key)
                        return found[0].strip("<>()")
        return ""


@dataclass
class Knowledge:
    """What somebody can write, and what they can read.

    `phones` and `mailboxes`: those they really hold. `births` of the children by school. `letter` and `old_account`: a
    username and its password. `guesses`: a code nobody received is guessed.
    """

    surname: str
    first_name: str
    mobile: str
    email: str
    phones: list[str]
    mailboxes: list[str]
    children: tuple[Child, ...]
    address: str
    login: str = ""
    letter: tuple[str, str] = ("", "")
    old_account: tuple[str, str] = ("", "")
    slips: bool = False
    guesses: bool = False
    seen: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def of(cls, household: Household) -> "Knowledge":
        """A family knows itself."""
        return cls(
            surname=household.writes_surname,
            first_name=household.first_name,
            mobile=household.mobile,
            email=household.email,
            phones=[household.mobile] if household.mobile else [],
            mailboxes=[household.email] if household.email else [],
            children=household.children,
            address=address_of(household.number),
            login=login_of(household) if household.has_franceconnect else "",
            slips=household.slips,
        )


@dataclass
class Outcome:
    """Where a walk ended. `username`: the account they are in; "" when they are not."""

    way: Way
    username: str = ""
    children_seen: int = 0
    pages: int = 0
    end: str = ""
    said: str = ""
    trouble: str = ""

    @property
    def is_in(self) -> bool:
        """They see an account."""
        return bool(self.username)


class Walker:
    """One person in their own browser, one way after another. `ticket` is what a refused journey gave them."""

    def __init__(self, knows: Knowledge, post: Post, *, identity: str) -> None:
        self.knows, self.post, self.identity = knows, post, identity
        self.browser = Browser(knows.address)
        self.ticket = ""
        self.pages = 0
        # Where they wait for a minute to pass, before they ask for another code.
        self.waits_at: Page | None = None

    def try_way(self, way: Way) -> Outcome:
        """One way in, from the guardians' door, or from where they wait, to where it ends."""
        outcome = Outcome(way)
        try:
            if self.waits_at is None:
                self.way, self.births_tried, self.codes_guessed, self.username_typed = way, 0, 0, ""
                self.done: set[str] = set()
                page = self._begin(way)
            else:
                page, self.waits_at = self._ask_again(self.waits_at), None
            for _ in range(MOST_PAGES):
                outcome.end, outcome.said = page.path, page.alert
                if page.path.endswith("/activation/bienvenue/"):
                    self._arrived(page, outcome)
                    break
                following = self._answer(page)
                if following is None:
                    break
                page = following
                if self._is_confirmed(page):
                    outcome.end = page.path
                    outcome.username, outcome.children_seen = self.username_typed, len(self.knows.children)
                    break
        except BrokenPage as trouble:
            outcome.trouble = str(trouble)
        outcome.pages, self.browser.pages = self.browser.pages, 0
        self.pages += outcome.pages
        return outcome

    def ask_for_ticket(self) -> str:
        """« Pourquoi ça bloque ? », for the walk this browser was on last."""
        page = self.browser.open(f"{self.identity}/activation/blocage/")
        form = next((one for one in page.forms if one.says("ticket")), None)
        if not self.ticket and form is not None:
            self._read_ticket(self.browser.send(page, form))
        self.pages += self.browser.pages
        self.browser.pages = 0
        return self.ticket

    def undo(self, places: list[str]) -> bool:
        """« Ce n’est pas moi »: whoever reads at one of these that an access was opened in their name undoes it."""
        for place in places:
            link = self.post.link(place, self.knows.seen, self.post.mark(), "/activation/annuler/")
            shown = self.browser.open(link) if link else None
            form = self._question(shown) if shown is not None else None
            if shown is not None and form is not None:
                return "est annulé" in self.browser.send(shown, form).words
        return False

    def close(self) -> None:
        """Close the browser."""
        self.browser.close()

    # The door -------------------------------------------------------------------------------------------------------
    def _begin(self, way: Way) -> Page:
        door = self.browser.open(f"{self.identity}/connexion/responsable/")
        if way is Way.FRANCECONNECT:
            return self._at_franceconnect(door)
        if way is Way.MOBILE:
            return self.browser.send(door, next(one for one in door.forms if one.says("Activer avec mon téléphone")))
        username, password = self.knows.letter if way is Way.LETTER else self.knows.old_account
        self.username_typed = username
        form = door.asking("username", "password")
        return self.browser.send(door, form, {"username": username, "password": password})

    def _at_franceconnect(self, door: Page) -> Page:
        address = door.link("FranceConnect")
        if not address:
            raise BrokenPage("no way to FranceConnect")
        choice = self.browser.open(address)
        return self.browser.send(choice, choice.forms[0], {"who": self.knows.login})

    # A page ---------------------------------------------------------------------------------------------------------
    def _answer(self, page: Page) -> Page | None:
        """Read it, fill it, send it; None where a person would stop."""
        self._read_ticket(page)
        again = page.link("Recommencer avec FranceConnect")
        if page.status == 503 and again and "again" not in self.done:
            self.done.add("again")
            choice = self.browser.open(again)
            return self.browser.send(choice, choice.forms[0], {"who": self.knows.login})
        form = self._question(page)
        if form is None or ("username" in form.visible and page.path.startswith("/connexion/")):
            return None  # back at the door: refused there
        asked = form.visible
        if "code" in asked:
            return self._code(page, form)
        if "date_1_day" in asked:
            return self._births(page, form)
        if {"surname", "mobile"} <= asked:
            return self._who(page, form)
        if "mobile" in asked:
            return self._mobile(page, form)
        if "proof" in asked:
            return self._other_proof(page, form)
        if {"school", "child"} <= asked:
            return self._child(page, form)
        if {"username", "password"} <= asked:
            return self._once("letter", page, form, self._letter_typed())
        if "email" in asked:
            return self._email(page, form)
        if "password" in asked:
            return self._once("password", page, form, {"password": PASSWORD})
        if asked:
            return None  # a question they cannot answer
        return self._press(page, form)

    @staticmethod
    def _question(page: Page) -> Form | None:
        """The form the page is about: the first that is posted."""
        return next((one for one in page.forms if one.method == "post"), None)

    def _once(self, what: str, page: Page, form: Form, values: dict[str, str] | None) -> Page | None:
        """Answer this question once; asked again, they were refused."""
        if values is None or what in self.done:
            return None
        self.done.add(what)
        return self.browser.send(page, form, values)

    def _press(self, page: Page, form: Form) -> Page | None:
        """A page with a button and no question."""
        if form.says("Pourquoi ça bloque"):
            if not self.ticket:
                self._read_ticket(self.browser.send(page, form))
            return None
        return self._once(page.path, page, form, {})

    def _who(self, page: Page, form: Form) -> Page | None:
        if not self.knows.mobile:
            return None
        written = {"surname": self.knows.surname, "first_name": self.knows.first_name}
        return self._once("who", page, form, {**written, "mobile": national(self.knows.mobile)})

    def _mobile(self, page: Page, form: Form) -> Page | None:
        """After FranceConnect: the number, or « je n’ai plus ce numéro » when no code came."""
        if self.knows.mobile and "mobile" not in self.done:
            return self._once("mobile", page, form, {"mobile": national(self.knows.mobile)})
        return self._once("no mobile", page, form, {"mobile": "", **form.button("Je n’ai plus ce numéro")})

    def _other_proof(self, page: Page, form: Form) -> Page | None:
        """What they can show instead, each once."""
        own = [("email", self.knows.email), ("letter", self.knows.letter[0]), ("neither", "neither")]
        for proof, is_held in own:
            if is_held and f"proof {proof}" not in self.done:
                return self._once(f"proof {proof}", page, form, {"proof": proof})
        return None

    def _child(self, page: Page, form: Form) -> Page | None:
        """With FranceConnect alone: a school, by its code, and a child of theirs there."""
        if not self.knows.children:
            return None
        child = self.knows.children[0]
        return self._once("child", page, form, {"school": child.school, "child": child.first_name})

    def _letter_typed(self) -> dict[str, str] | None:
        username, password = self.knows.letter
        return {"username": username, "password": password} if username else None

    def _email(self, page: Page, form: Form) -> Page | None:
        if "messagerie" in page.path:
            return self._follow_link(page)
        if "none" in form.visible and not self.knows.mailboxes:
            return self._once("address", page, form, {"none": "on", "email": ""})
        if not self.knows.email:
            return None
        return self._once(f"address {page.path}", page, form, {"email": self.knows.email})

    # Codes and links ------------------------------------------------------------------------------------------------
    def _code(self, page: Page, form: Form) -> Page | None:
        places = self.knows.phones if "SMS" in page.words else self.knows.mailboxes
        code = self.post.code(places, self.knows.seen, self.post.mark()) if self.codes_guessed == 0 else ""
        if not code and self.knows.guesses and self.codes_guessed < 3:
            self.codes_guessed += 1
            code = f"{self.codes_guessed}{self.codes_guessed}3456"
        if code:
            return self.browser.send(page, form, {"code": code})
        if page.path.endswith("/code-courriel/") and self.knows.mailboxes and "again" not in self.done:
            # Their own address, just typed: they let a minute pass and ask again, as the page says.
            self.done.add("again")
            self.waits_at = page
            return None
        return self._nothing_came(page)

    def _ask_again(self, page: Page) -> Page:
        """« Renvoyer le code »."""
        for form in page.forms:
            if form.says("Renvoyer le code"):
                return self.browser.send(page, form, form.button("Renvoyer le code"))
        raise BrokenPage(f"no other code at {page.path}")

    def _nothing_came(self, page: Page) -> Page | None:
        """With FranceConnect, back to say that one has no such number any more; otherwise this way is over."""
        back = page.link("Corriger le numéro") or page.link("Corriger l’adresse")
        if self.way is not Way.FRANCECONNECT or not back:
            return None
        if "proof email" in self.done:
            here = urlsplit(page.url)
            back = f"{here.scheme}://{here.netloc}{page.path.rsplit('/', 2)[0]}/autre-preuve/"
        return self.browser.open(back)

    def _follow_link(self, page: Page) -> Page | None:
        """The message that activates: its link, then its button."""
        link = self.post.link(self.knows.email, self.knows.seen, self.post.mark(), "/activation/courriel/")
        if not link:
            return None
        shown = self.browser.open(link)
        form = self._question(shown)
        return self.browser.send(shown, form) if form is not None else None

    def _is_confirmed(self, page: Page) -> bool:
        """The address is confirmed, and the account with it."""
        return "/activation/courriel/" in page.path and "activé" in page.words

    # Birth dates ----------------------------------------------------------------------------------------------------
    def _births(self, page: Page, form: Form) -> Page | None:
        """All the children first; then without the slip, or those of the school the page names; then each alone."""
        tries = self._sets(page.words)
        if self.births_tried >= min(len(tries), BIRTH_TRIES):
            return None
        typed = tries[self.births_tried]
        self.births_tried += 1
        values = {name: "" for name in form.values if name.startswith("date_")}
        form = self._with_boxes(page, form, len(typed)) or form
        for number, born in enumerate(sorted(typed), 1):
            parts = {"day": born.day, "month": born.month, "year": born.year}
            values |= {f"date_{number}_{box}": str(part) for box, part in parts.items()}
        return self.browser.send(page, form, values)

    def _with_boxes(self, page: Page, form: Form, wanted: int) -> Form | None:
        """« Ajouter un enfant » until there are boxes enough."""
        while f"date_{wanted}_day" not in form.visible:
            more = self._question(self.browser.send(page, form, form.button("Ajouter un enfant")))
            if more is None:
                return None
            form = more
        return form

    def _sets(self, words: str) -> list[frozenset[date]]:
        everybody = frozenset(child.born_on for child in self.knows.children)
        here = [child for child in self.knows.children if child.school_name in words]
        tries = [everybody, frozenset(child.born_on for child in here)]
        tries += [frozenset({child.born_on}) for child in self.knows.children]
        if self.knows.slips:
            first = min(everybody)
            wrong = first.replace(year=first.year - 1, day=min(first.day, 28))
            tries.insert(0, everybody - {first} | {wrong})
        return [one for one in dict.fromkeys(tries) if one]

    # The end --------------------------------------------------------------------------------------------------------
    def _arrived(self, page: Page, outcome: Outcome) -> None:
        found = _USERNAME.search(page.words.partition("Votre identifiant")[2])
        outcome.username = found.group() if found else "?"
        outcome.children_seen = sum(
            child.first_name.casefold() in page.words.casefold() for child in self.knows.children
        )

    def _read_ticket(self, page: Page) -> None:
        found = _TICKET.search(page.words) if "ticket" in page.words else None
        if found:
            self.ticket = found.group()


def address_of(number: int) -> str:
    """A network of one's own, of those kept for measuring (RFC 2544, 198.18.0.0/15)."""
    return f"198.{18 + number // 65536}.{number // 256 % 256}.{number % 256}"


def login_of(household: Household) -> str:
    """At FranceConnect."""
    return f"deploy-{household.number}"


def citizen_of(household: Household) -> dict[str, str]:
    """What the national register says of them (its shape: preau/simulators/franceconnect/citizens.py)."""
    return {
        "login": login_of(household),
        "who": "une famille",
        "given_names": ",".join(household.given_names),
        "family_name": household.birth_name.upper(),
        "used_name": household.used_name if household.is_used_name_registered else "",
        "birthdate": date(
            1975 + household.number % 20, 1 + household.number % 12, 1 + household.number % 28
        ).isoformat(),
        "gender": {"M.": "male", "MME": "female"}.get(household.title, "female"),
        "birthplace": "99300",
        "email": household.email,
    }
