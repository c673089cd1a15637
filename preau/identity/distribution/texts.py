"""What every message and paper of this room says of a school and of a date."""

from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from preau.clock import PARIS
from preau.design import text
from preau.design.paper.documents import School as PaperSchool
from preau.identity.directory.models import School
from preau.identity.distribution.recipients import Child

# How a guardian gets in alone (specs: EduConnect 3.1, 3.2); what an invitation names, and a letter reminds.
WAYS_ALONE = ("franceconnect", "mobile")


def paper_school(school: School) -> PaperSchool:
    """The head of a letter."""
    town = f"{school.postcode} {school.town}".strip()
    lines = [*school.address.splitlines(), town]
    return {
        "name": school.name,
        "address": [line for line in lines if line.strip()],
        "phone": text.phone_in_pairs(school.phone),
    }


def site() -> str:
    """The address of the site as one types it."""
    return urlsplit(settings.PUBLIC_URL).netloc


def day(on: date) -> str:
    """« 23 février 2027 »."""
    return text.date_in_words(on)


def moment(at: datetime) -> str:
    """« 26 novembre 2026, 18 h 42 »."""
    local = at.astimezone(PARIS)
    return f"{text.date_in_words(local.date())}, {text.hour_in_words(local)}"


def children(found: Sequence[Child]) -> str:
    """« Inès Belkacem (5E B) et Hugo Belkacem (6E A) »."""
    *first, last = [f"{one.name} ({one.division})" if one.division else one.name for one in found] or [
        _("votre enfant")
    ]
    return f"{', '.join(first)}{_(' et ')}{last}" if first else last
