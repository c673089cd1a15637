"""``make docs``: what the documentation derives from the code, drawn again. A house test redraws it and compares.

A page of docs/ keeps its own words around a place marked ``<!-- drawn: NAME -->`` … ``<!-- end -->``; the pages of
docs/journeys/ are drawn whole, one per journey.
"""

import importlib
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from tooling.steps import DEVELOPMENT, ROOT, show

DOCS = ROOT / "docs"
MARK = re.compile(r"(<!-- drawn: ([\w-]+) -->\n).*?(<!-- end -->)", re.S)


def states() -> str:
    """The table of moves of an account."""
    from preau.identity.accounts.states import drawing  # Django is ready by now, here and below

    return f"```mermaid\n{drawing()}```\n"


def permissions() -> str:
    """The permission table, deed by deed."""
    from preau.identity.staff.models import Role  # as above
    from preau.identity.staff.permissions import WORDS, Deed, scope

    rows = ([WORDS[deed], f"`{deed}`", *(str(scope(deed, role)) for role in Role)] for deed in Deed)
    return table(["acte", "", *(str(role.label) for role in Role)], rows)


def events() -> str:
    """The catalogue of events."""
    from preau.identity.audit.events import Events  # as above

    return table(["événement", "ce que les gens lisent"], ([f"`{event.value}`", str(event.label)] for event in Events))


def messages() -> str:
    """The catalogue of messages."""
    from preau.identity.messaging.catalogue import MESSAGES  # as above

    rows = ([f"`{message.name}`", str(message.audience), f"`{message.made_by}`"] for message in MESSAGES.values())
    return table(["message", "for", "context made by"], rows)


DRAWN: dict[str, Callable[[], str]] = {
    "states": states,
    "permissions": permissions,
    "events": events,
    "messages": messages,
}


def journeys() -> dict[Path, str]:
    """One page per journey that a site serves."""
    from preau.journeys.drawing import mermaid  # as above
    from preau.journeys.served import Journey

    importlib.import_module("preau.identity.urls")
    importlib.import_module("django.urls").get_resolver().url_patterns  # noqa: B018 - loads every room's addresses
    served = {
        value.name: value
        for name, module in sorted(sys.modules.items())
        if name.startswith("preau.identity.")
        for value in vars(module).values()
        if isinstance(value, Journey)
    }
    pages = {}
    for name, journey in sorted(served.items()):
        where = Path(inspect.getsourcefile(journey.walk) or "").resolve().relative_to(ROOT)
        words = inspect.cleandoc(journey.walk.__doc__ or "")
        drawn = (
            f"# {name}\n\n{words}\n\nWritten in [{where}](../../{where}).\n\n```mermaid\n{mermaid(journey.walk)}```\n"
        )
        pages[DOCS / "journeys" / f"{name.replace('/', '-')}.md"] = drawn
    return pages


def table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    titles = list(titles)
    lines = [titles, ["---"] * len(titles), *(list(row) for row in rows)]
    return "".join(f"| {' | '.join(cell.replace('|', '¦') for cell in line)} |\n" for line in lines)


def redrawn() -> dict[Path, str]:
    """Every page that holds something drawn, as it should be."""
    pages = journeys()
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if MARK.search(text):
            pages[path] = MARK.sub(lambda found: f"{found[1]}{DRAWN[found[2]]()}{found[3]}", text)
    return pages


def main() -> None:
    """Write them."""
    os.environ.update(DEVELOPMENT, DJANGO_SETTINGS_MODULE="preau.identity.settings")
    importlib.import_module("django").setup()
    for path, text in redrawn().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            show(f"redrawn: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
