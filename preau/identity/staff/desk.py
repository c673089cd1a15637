"""What stands around every page of the desk: the school, the tabs one's role opens, who is signed in, the way out.

Rooms that draw a page of the desk extend ``design/desk.html`` and give it ``frame(request, here=Tab.…)``.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.urls import reverse

from preau.design.frame import address
from preau.identity.staff.entry import DeskRequest
from preau.identity.staff.models import Role
from preau.identity.staff.permissions import Deed, may


class Tab(StrEnum):
    """The sections of the desk, in order; the value is the name of the first page's URL."""

    COCKPIT = "console:cockpit"
    OWN_DIVISIONS = "console:own_divisions"
    GUARDIANS = "console:guardians"
    PUPILS = "console:pupils"
    BATCHES = "distribution:home"
    IMPORTS = "imports:home"
    TICKETS = "console:tickets"
    CORRECTIONS = "console:corrections"
    TEAM = "console:team"
    JOURNAL = "console:journal"
    PARTIES = "federation:parties"


@dataclass(frozen=True)
class _Line:
    label: str
    deed: Deed
    hidden_from: frozenset[Role] = frozenset()


_TUTOR = frozenset({Role.FORM_TUTOR})
_TABS: dict[Tab, _Line] = {
    Tab.COCKPIT: _Line("Tableau de bord", Deed.NOTIFY),
    Tab.OWN_DIVISIONS: _Line("Mes classes", Deed.SEE_PUPILS, frozenset(Role) - _TUTOR),
    Tab.GUARDIANS: _Line("Responsables", Deed.SEE_GUARDIANS),
    Tab.PUPILS: _Line("Élèves", Deed.SEE_PUPILS, _TUTOR),
    Tab.BATCHES: _Line("Envois", Deed.NOTIFY),
    Tab.IMPORTS: _Line("Imports", Deed.IMPORT),
    Tab.TICKETS: _Line("Tickets", Deed.SEE_TICKET),
    Tab.CORRECTIONS: _Line("Corrections", Deed.CORRECT),
    Tab.TEAM: _Line("Équipe", Deed.CONFIRM_STAFF),
    Tab.JOURNAL: _Line("Journal", Deed.SEE_JOURNAL),
    Tab.PARTIES: _Line("Services", Deed.CONNECT_PARTIES),
}


def label(tab: Tab) -> str:
    """What a tab is called."""
    return _TABS[tab].label


def frame(request: DeskRequest, *, here: Tab | None = None) -> dict[str, Any]:
    """The context of ``design/desk.html`` for this member, with the tab `here` marked."""
    grant = request.grant
    school = grant.school
    tabs = [
        {"label": line.label, "url": url, "is_current": tab is here}
        for tab, line in _TABS.items()
        if may(grant, line.deed) and grant.role not in line.hidden_from and (url := address(tab.value))
    ]
    other = {"label": "Changer d’accès", "url": reverse("staff:choisir")}
    return {
        "school_name": grant.place,
        "school_line": school.uai if school else grant.get_role_display(),
        "person": request.member.name,
        "account_links": [other],
        "sign_out_url": reverse("staff:deconnexion"),
        # One tab alone leads nowhere else: none is drawn.
        "desk_tabs": tabs if len(tabs) > 1 else [],
        "grant": grant,
        "at": request.at,
    }
