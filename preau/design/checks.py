"""System checks: a menu or a footer that names a URL nobody serves is said at start, not found by a family."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from preau.design.frame import address


@register()
def every_link_of_the_frame_leads_somewhere(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """One warning for each entry of the menu or the footer whose URL name is unknown."""
    entries = [*getattr(settings, "DESIGN_MENU", ()), *getattr(settings, "DESIGN_FOOTER", ())]
    return [
        Warning(f"The link « {entry['label']} » names an unknown URL: {entry['url']}", id="design.W001")
        for entry in entries
        if not address(str(entry["url"]))
    ]
