"""Lists of people: rows, CSV for the school's spreadsheet, an event. A list alone shows no secret."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from preau.design import text
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory.models import School
from preau.identity.distribution.papers import state_in_words
from preau.identity.distribution.recipients import Recipient

# OWASP, CSV injection: a cell that begins so is a formula for a spreadsheet (CVE-2022-3026 and many more). Their
# full-width twins too: some spreadsheets fold them.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\ufeff"  # without it Excel reads UTF-8 as Windows-1252


def rows(recipients: Sequence[Recipient], *, secrets: Mapping[int, str] | None = None) -> list[list[str]]:
    """The heading, then one row a person. `secrets` by account: only the batch that makes them has them."""
    last = _("Mot de passe provisoire") if secrets is not None else _("État")
    heading = [_("Classe"), _("Nom"), _("Prénom"), _("Identifiant"), last]
    return [heading, *(_row(one, secrets) for one in recipients)]


def _row(one: Recipient, secrets: Mapping[int, str] | None) -> list[str]:
    last = state_in_words(one.account.state) if secrets is None else secrets.get(one.account.pk, "")
    names = [text.displayable(value) for value in (one.division, one.surname.upper(), one.first_name)]
    return [*names, one.account.username, last]


def as_csv(table: Sequence[Sequence[str]]) -> bytes:
    """UTF-8 with its mark, semicolons, no cell that a spreadsheet would run."""
    page = io.StringIO(newline="")
    csv.writer(page, delimiter=";", lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in table)
    return (BOM + page.getvalue()).encode()


def harmless(cell: str) -> str:
    """`cell` as text for any spreadsheet: an apostrophe before what it would run."""
    return f"'{cell}" if cell.lstrip(" \u00a0\u202f").startswith(FORMULA) or cell.startswith(FORMULA) else cell


@transaction.atomic
def note_export(count: int, *, school: School, form: str, by: str, at: datetime) -> None:
    """Every export is an event (design.md §6.6)."""
    record(Events.ROSTER_EXPORTED, by=by, on=school.key, at=at, uai=school.uai, count=count, form=form)
