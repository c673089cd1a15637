"""The e-services families will find here, and since nothing is open yet, what is honest to say of each.

The usual periods are those of the national campaigns of 2023 to 2025; a service that opens brings its own dates.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Eservice:
    """One e-service that is not open: its name, when it usually is, and what to do meanwhile."""

    name: str | Promise
    period: str | Promise


COMING: Final = (
    Eservice(
        name=_("Demander une bourse"),
        period=_("La campagne a lieu d’habitude de début septembre à la mi-octobre."),
    ),
    Eservice(
        name=_("Choisir l’orientation"),
        period=_("Pour les élèves de troisième et de seconde : d’habitude de février à mai."),
    ),
    Eservice(
        name=_("Demander une affectation après la troisième"),
        period=_("Pour les élèves de troisième : d’habitude en mai."),
    ),
)
