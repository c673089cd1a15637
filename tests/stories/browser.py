"""A real browser for stories: Debian's Chromium, French, in Paris, that never leaves this machine.

What a page does behind our back fails the story: an error in the console, a content policy broken, a call outside.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, Route, sync_playwright

DESKTOP, PHONE = 1280, 360
HEIGHTS = {DESKTOP: 900, PHONE: 740}
TALLEST = 2400
ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "screenshots"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--force-color-profile=srgb",
]  # fmt: skip
# What a refusal rightly says: a form that comes back with its errors, a page that is not there.
EXPECTED = ("status of 422", "status of 409", "status of 404", "status of 403", "status of 400")


@dataclass
class Witness:
    """Remembers what should not have happened in the pages of one person; `forgives`: a status that was provoked."""

    complaints: list[str] = field(default_factory=list)
    forgives: int = 0

    def watch(self, page: Page) -> None:
        """Listen to a page."""
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("response", self.on_response)

    def on_console(self, message: ConsoleMessage) -> None:
        """An error in the console: a policy broken, a file missing."""
        forgiven = (*EXPECTED, f"status of {self.forgives}")
        if message.type == "error" and not any(word in message.text for word in forgiven):
            self.complaints.append(f"console: {message.text}")

    def on_response(self, response: Response) -> None:
        """A page that broke."""
        if response.status >= 500 and response.status != self.forgives:
            self.complaints.append(f"{response.status}: {response.url}")

    def stay_here(self, route: Route) -> None:
        """Let through what is on this machine."""
        if urlsplit(route.request.url).hostname in {"localhost", "127.0.0.1", None}:
            route.continue_()
        else:
            self.complaints.append(f"a call outside: {route.request.url}")
            route.abort()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The distribution's browser."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "No Chromium here. Type: apt-get install --no-install-recommends chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def person(
    browser: Browser, width: int = DESKTOP, *, without_script: bool = False, forgives: int = 0
) -> Iterator[Page]:
    """Somebody's browser: their own cookies, their own window."""
    witness = Witness(forgives=forgives)
    context = browser.new_context(
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": width, "height": HEIGHTS[width]},
        java_script_enabled=not without_script,
    )
    context.set_default_timeout(30_000)
    context.route("**/*", witness.stay_here)
    context.on("page", witness.watch)
    try:
        yield context.new_page()
    finally:
        context.close()
    assert not witness.complaints, "\n".join(witness.complaints)


def assert_accessible(page: Page) -> None:
    """No rule of axe broken, at the width the page has."""
    result = Axe().run(page)
    assert result.violations_count == 0, f"{page.url}\n{result.generate_report()}"


def assert_fits(page: Page) -> None:
    """Nothing sticks out sideways: one reads by scrolling down only."""
    excess = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert excess <= 0, f"{page.url} sticks out by {excess} px at {page.evaluate('innerWidth')} px"


def look(page: Page, name: str) -> None:
    """Look at a page as a desktop and as a phone: accessible, fitting, and kept as `name` when pictures are wanted."""
    before = page.viewport_size
    for width in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        assert_accessible(page)
        assert_fits(page)
        if kept := where_kept(f"{name}-{width}.png"):
            keep_picture(page, kept)
    if before:
        page.set_viewport_size(before)


def where_kept(file: str) -> Path | None:
    """Where a picture goes. PREAU_SCREENSHOTS=1: with the docs that show it, else nowhere; all: in var."""
    wanted = os.environ.get("PREAU_SCREENSHOTS", "")
    if wanted == "all":
        return ROOT / "var" / "screenshots" / file
    return PICTURES / file if wanted == "1" and file in shown_in_docs() else None


@cache
def shown_in_docs() -> frozenset[str]:
    """The pictures that a page of the docs, or the README, shows."""
    pages = [ROOT / "README.md", *PICTURES.parent.glob("*.md")]
    return frozenset(re.findall(r"screenshots/([\w-]+\.png)", " ".join(page.read_text("utf-8") for page in pages)))


def keep_picture(page: Page, path: Path) -> None:
    """The whole page, or what a window shows of a long one."""
    is_long = page.evaluate("document.documentElement.scrollHeight") > TALLEST
    page.evaluate("document.activeElement?.blur?.(); scrollTo(0, 0)")
    keep_light(Image.open(BytesIO(page.screenshot(full_page=not is_long))), path)


def keep_light(taken: Image.Image, path: Path) -> None:
    """In few colours, to weigh little."""
    path.parent.mkdir(parents=True, exist_ok=True)
    taken.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)
