"""What the service of test shows of an answer, by either protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAME_OF_THE_PERSON = _("le nom de la personne pour ce service")
PROOF = _("comment elle a prouvé qui elle est")


class NotReceived(Exception):
    """What came is no answer for this service; the sentence says why."""


@dataclass(frozen=True)
class Line:
    """One thing that was said: what it is, under which name, where or under which other name, what it holds."""

    words: str | Promise
    friendly: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Received:
    """An answer that was believed: what was checked, each thing it says, and the same as it came (title → text)."""

    checked: str
    lines: Sequence[Line]
    raw: Mapping[str, str]
