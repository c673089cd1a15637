"""What stands around every page: name, menu, footer links. A site gives them by settings, a page may replace them.

Settings, all optional:

- `DESIGN_NAME`: the name beside the mark (default « Préau »).
- `DESIGN_HOME`: address or URL name behind the mark (default `/`).
- `DESIGN_MENU`, `DESIGN_FOOTER`: lists of `{"label": …, "url": address or URL name}`, with an optional `lang`.
- `DESIGN_NOTE`: a word at the foot of each page, such as « Site d’essai ».
- `DESIGN_STYLESHEETS`: the style sheets, in order; another theme is laid over ours by this one setting.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse

NAME = "Préau"
STYLESHEETS = ("design/tokens.css", "design/preau.css")
LITERAL_STARTS = ("/", "#", "http://", "https://", "mailto:", "tel:")


def address(target: str) -> str:
    """The address behind `target`, an address already or the name of a URL; empty when no URL bears that name."""
    if target.startswith(LITERAL_STARTS):
        return target
    try:
        return reverse(target)
    except NoReverseMatch:
        return ""


def links(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The entries whose address is known: an error page must never fail because of its footer (the check warns)."""
    found = ({**entry, "url": address(str(entry["url"]))} for entry in entries)
    return [entry for entry in found if entry["url"]]


def frame() -> dict[str, Any]:
    """What the base templates need, read from the settings at each rendering (they may change in tests)."""
    return {
        "name": getattr(settings, "DESIGN_NAME", NAME),
        "home": address(getattr(settings, "DESIGN_HOME", "/")),
        "menu": links(getattr(settings, "DESIGN_MENU", ())),
        "footer": links(getattr(settings, "DESIGN_FOOTER", ())),
        "note": getattr(settings, "DESIGN_NOTE", ""),
        "stylesheets": getattr(settings, "DESIGN_STYLESHEETS", STYLESHEETS),
    }
