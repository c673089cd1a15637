"""How often one may ask, and what is said when it is too often.

What is said depends on what was typed and on the device, never on what is behind: the counters of the channels
themselves (signin/codes.py) know whether two people share one, so their refusals are kept silent here.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from django.http import HttpRequest
from django.utils.translation import gettext

from preau.identity.accounts.models import Kind
from preau.identity.signin import captcha, counters
from preau.identity.signin import device as devices
from preau.identity.signin import network as networks
from preau.identity.signin.captcha import Effort
from preau.identity.signin.device import Device

# specs/educonnect.md §5: again after 60 s, five a day.
PAUSE, A_DAY = timedelta(seconds=60), 5
# A computer of a school serves a class, a school is one address (design.md §6.11).
DEVICE_A_DAY, NETWORK_AN_HOUR = 12, 100
_DOOR = "recovery"
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


class Pace(StrEnum):
    """What becomes of an asking."""

    FREE = "free"
    TOO_SOON = "too_soon"  # one has just left
    DAY_OVER = "day_over"  # enough today for what was typed
    CROWDED = "crowded"  # enough from this device, or this network


def paced(what: str, *subject: str, device: Device, network: str, at: datetime, has_pause: bool = True) -> Pace:
    """Count one asking of `what` about `subject` (what was typed), and judge it."""
    if has_pause:
        minute = counters.key("recovery", what, "minute", *subject)
        if counters.add({minute: PAUSE}, at=at)[minute] > 1:
            return Pace.TOO_SOON
    captcha.count(_DOOR, device=device, network=network, at=at)
    day = counters.key("recovery", what, "day", *subject)
    own = counters.key("recovery", "device", device.number or f"network {network}")
    crowd = counters.key("recovery", "network", network)
    counted = counters.add({day: _DAY, own: _DAY, crowd: _HOUR}, at=at)
    if counted[crowd] > NETWORK_AN_HOUR or (device.number and counted[own] > DEVICE_A_DAY):
        counters.take_back(day)  # nothing left: the day of what was typed is not eaten
        return Pace.CROWDED
    return Pace.DAY_OVER if counted[day] > A_DAY else Pace.FREE


def effort(request: HttpRequest, at: datetime) -> Effort | None:
    """What is asked of a browser that asks a lot: it depends on the browser and its network only."""
    return captcha.effort(_DOOR, device=devices.of(request), network=networks.of(request), at=at)


def words(pace: Pace, kind: Kind) -> str:
    """The sentence of a refusal, to a guardian or to a pupil."""
    is_pupil = kind == Kind.PUPIL
    return {
        Pace.FREE: "",
        Pace.TOO_SOON: gettext("Un message vient de partir. Attends une minute avant d’en demander un autre.")
        if is_pupil
        else gettext("Un message vient de partir. Attendez une minute avant d’en demander un autre."),
        Pace.DAY_OVER: gettext(
            "Cinq demandes ont déjà été faites depuis hier. Attends demain, ou choisis un autre moyen."
        )
        if is_pupil
        else gettext(
            "Cinq demandes ont déjà été faites depuis hier. Attendez demain, ou adressez-vous à l’établissement."
        ),
        Pace.CROWDED: gettext("Trop de demandes viennent d’ici. Réessaie plus tard, ou passe au secrétariat.")
        if is_pupil
        else gettext("Trop de demandes viennent d’ici. Réessayez plus tard, ou adressez-vous à l’établissement."),
    }[pace]
