"""A browser without screen nor script: it keeps cookies, follows redirects, reads pages and fills the forms it sees.

Each has the network address of its own family, which the site believes as from one trusted proxy. A page counts when a
person would see it: a redirect is none.
"""

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests
from lxml import html

TIMEOUT = 60.0
_BUTTONS = {"submit", "image"}


class BrokenPage(Exception):
    """A page answered by a fault of the site (500), or had no form where one was expected."""


@dataclass(frozen=True)
class Form:
    """A form of a page: where it goes, the fields it carries with their values, those one sees, its buttons."""

    action: str
    method: str
    values: dict[str, str]
    visible: frozenset[str]
    buttons: tuple[tuple[str, str, str], ...]
    options: dict[str, list[str]]

    def button(self, words: str) -> dict[str, str]:
        """What pressing the button that says `words` adds."""
        return next(({name: value} for said, name, value in self.buttons if words in said and name), {})

    def says(self, words: str) -> bool:
        """Whether it has such a button."""
        return any(words in said for said, _, _ in self.buttons)


@dataclass(frozen=True)
class Page:
    """A page, read."""

    url: str
    status: int
    tree: html.HtmlElement

    @property
    def path(self) -> str:
        """Its address on the site."""
        return urlsplit(self.url).path

    @property
    def words(self) -> str:
        """Its main text, single spaces."""
        main = self.tree.find(".//main")
        return _words_of(main if main is not None else self.tree)

    @property
    def heading(self) -> str:
        """What it says in large."""
        found = self.tree.find(".//h1")
        return " ".join(found.text_content().split()) if found is not None else ""

    @property
    def alert(self) -> str:
        """What it refuses, and why; "" when it refuses nothing."""
        found = self.tree.xpath("//*[@role='alert'] | //*[contains(@class, 'error')]")
        return " ".join(_words_of(one) for one in found)[:300]

    @property
    def forms(self) -> list[Form]:
        """The forms of its main part, in order."""
        main = self.tree.find(".//main")
        return [self.form(one) for one in (main if main is not None else self.tree).iter("form")]

    @property
    def rows(self) -> list[tuple[str, list[Form]]]:
        """The rows of its tables: the words of each, and its forms."""
        return [(_words_of(row), [self.form(one) for one in row.iter("form")]) for row in self.tree.iter("tr")]

    def asking(self, *names: str) -> Form:
        """The form that shows these fields. Raises `BrokenPage` when the page has none."""
        for form in self.forms:
            if set(names) <= form.visible:
                return form
        raise BrokenPage(f"{self.status} {self.path} « {self.heading} » asks no {', '.join(names)}")

    def link(self, words: str) -> str:
        """Where the link that says `words` leads; "" when there is none."""
        for one in self.tree.iter("a"):
            if " ".join(words.split()) in " ".join(one.text_content().split()):
                return urljoin(self.url, one.get("href", ""))
        return ""

    def form(self, element: html.HtmlElement) -> Form:
        """One form, read."""
        values: dict[str, str] = {}
        visible: set[str] = set()
        options: dict[str, list[str]] = {}
        buttons = []
        for field in element.iter("input", "textarea", "select", "button"):
            name, kind = field.get("name", ""), field.get("type", "text")
            if field.tag == "button" or kind in _BUTTONS:
                buttons.append((" ".join(field.text_content().split()), name, field.get("value", "")))
                continue
            if not name:
                continue
            if kind != "hidden" and field.get("hidden") is None:
                visible.add(name)
            if kind in ("radio", "checkbox"):
                options.setdefault(name, []).append(field.get("value", "on"))
                if field.get("checked") is not None:
                    values[name] = field.get("value", "on")
            elif field.tag == "select":
                chosen = [one for one in field.iter("option") if one.get("selected") is not None] or list(
                    field.iter("option")
                )
                values[name] = chosen[0].get("value", "") if chosen else ""
            else:
                values[name] = field.get("value") or (field.text if field.tag == "textarea" else "") or ""
        action = urljoin(self.url, element.get("action") or self.url)
        return Form(action, element.get("method", "get").lower(), values, frozenset(visible), tuple(buttons), options)


def _words_of(element: html.HtmlElement) -> str:
    """What one reads there; two blocks side by side are two words."""
    return " ".join(" ".join(element.itertext()).split())


class Browser:
    """One person's browser. `pages` counts what they saw."""

    def __init__(self, address: str) -> None:
        self.session = requests.Session()
        self.session.headers.update({"X-Forwarded-For": address, "Accept-Language": "fr", "User-Agent": "deploy"})
        self.pages = 0

    def open(self, url: str) -> Page:
        """Follow a link. Raises `BrokenPage`."""
        return self._seen(self.session.get(url, timeout=TIMEOUT))

    def send(self, page: Page, form: Form, values: dict[str, str] | None = None) -> Page:
        """Press a button. Raises `BrokenPage`."""
        filled = {**form.values, **(values or {})}
        if form.method != "post":
            return self._seen(self.session.get(form.action, params=filled, timeout=TIMEOUT))
        headers = {"Referer": page.url, "Origin": "{0.scheme}://{0.netloc}".format(urlsplit(page.url))}
        return self._seen(self.session.post(form.action, data=filled, headers=headers, timeout=TIMEOUT))

    def close(self) -> None:
        """Forget everything."""
        self.session.close()

    def _seen(self, answer: requests.Response) -> Page:
        self.pages += 1
        if answer.status_code >= 500 and answer.status_code != 503:  # 503 is a page of ours, with what to do next
            raise BrokenPage(f"{answer.status_code} at {answer.url}")
        return Page(answer.url, answer.status_code, html.fromstring(answer.content or b"<html></html>"))
