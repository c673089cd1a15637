"""Short codes by SMS or e-mail: asked by a page, drawn by the worker at the moment of sending, typed back once.

Six digits, thirty minutes, three tries, again after a minute, five a day for one number (specs/educonnect.md §12).
A code opens one purpose of one walk in one browser and nothing else. Whether or not there is somebody behind the number
the same is counted, written and drawn; only the last gesture, handing the words over, is missing (design.md §6.10).
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext, ngettext

from preau.identity import keys
from preau.identity.accounts.channels import Way
from preau.identity.directory.matching import folded_email
from preau.identity.messaging import outbox, sms
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing
from preau.identity.signin import counters
from preau.identity.signin.device import Device
from preau.identity.signin.models import Code

DIGITS, TRIES = 6, 3
LASTS, PAUSE = timedelta(minutes=30), timedelta(seconds=60)
A_DAY = 5
# A browser asks for itself, not for a town; a school’s network, or a mobile operator’s, is many people.
DEVICE_A_DAY, NETWORK_AN_HOUR = 15, 100
MESSAGE = "signin/code"
_DIGEST, _SEAL = "signin/code", "signin/code-address"
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


class Trail(Protocol):
    """What a code is bound to: the draft of a walk."""

    ref: str


class Sending(StrEnum):
    """What becomes of an asking."""

    POSTED = "posted"  # on its way, if there is somebody
    TOO_SOON = "too_soon"  # one has just left
    DAY_OVER = "day_over"  # this number has had its five
    CROWDED = "crowded"  # too many from this browser or this network
    NOT_SERVED = "not_served"  # we send no SMS to that country


@dataclass(frozen=True)
class Asked:
    """The answer to an asking; the same whether or not there is somebody."""

    sending: Sending
    way: Way
    again_at: datetime | None = None

    @property
    def is_posted(self) -> bool:
        """A code is on its way, or one left less than a minute ago: the page to type it in makes sense."""
        return self.sending in (Sending.POSTED, Sending.TOO_SOON)


class Found(StrEnum):
    """What a try comes to."""

    RIGHT = "right"
    WRONG = "wrong"
    SPENT = "spent"  # three wrong tries: ask for another
    EXPIRED = "expired"
    USED = "used"
    NOT_SENT = "not_sent"  # nothing was drawn yet for this walk


@dataclass(frozen=True)
class Checked:
    """The outcome of a try."""

    found: Found
    tries_left: int = 0

    @property
    def is_right(self) -> bool:
        """The one answer that opens."""
        return self.found is Found.RIGHT


def ask(
    *, trail: Trail, purpose: str, way: Way, address: str, on: str, device: Device, network: str, at: datetime,
    readings: Collection[str] = (), holder: str = "",
) -> Asked:  # fmt: skip
    """Post a code for `purpose` to `address` (E.164, or an e-mail), bound to the walk `trail`.

    `on` is the key of the person it is for; "" when nobody matched: the same is done, and nothing leaves. `readings`:
    every number that what was typed may mean, counted together whichever is the right one. `holder`: name of a device
    that the account's holder is known from; it has its own five, that no stranger spends.
    """
    place = _place(way, address)
    day = _day_of(way, place, holder)
    places = sorted({place, *(_place(way, one) for one in readings)})
    days = [_day_of(way, one, holder) for one in places]
    # A code sent elsewhere must not prove this address, even when no new one leaves.
    Code.objects.of(trail=trail.ref, purpose=purpose).exclude(counter=day).delete()
    if way is Way.SMS and not any(sms.is_served(one) for one in places):
        return Asked(Sending.NOT_SERVED, way)
    minutes = [counters.key("code", "minute", way, one, *_apart(holder)) for one in places]
    if max(counters.add(dict.fromkeys(minutes, PAUSE), at=at).values()) > 1:
        return Asked(Sending.TOO_SOON, way, _latest(minutes, at=at))
    own = counters.key("code", "device", device.number or f"network {network}")
    crowd = counters.key("code", "network", network)
    windows = {own: _DAY, crowd: _HOUR}
    # While SMS do not arrive the day's five are not eaten; what really leaves is counted again when it leaves.
    is_failing = way is Way.SMS and sms.is_failing(at)
    counted = counters.add(windows if is_failing else {**windows, **dict.fromkeys(days, _DAY)}, at=at)
    if max(counted.get(one, 0) for one in days) > A_DAY:
        return Asked(Sending.DAY_OVER, way, _latest(days, at=at))
    most = NETWORK_AN_HOUR if not device.number else DEVICE_A_DAY
    if counted[own] > most or counted[crowd] > NETWORK_AN_HOUR:
        if not is_failing:
            counters.take_back(*days)
        return Asked(Sending.CROWDED, way)
    _post(trail, purpose=purpose, way=way, address=place, on=on, counter=day, at=at)
    return Asked(Sending.POSTED, way, at + PAUSE)


def _latest(names: Sequence[str], *, at: datetime) -> datetime | None:
    """When the last of these counters will be forgotten."""
    return max((one.until_at for one in counters.read(*names, at=at).values() if one.until_at), default=None)


@transaction.atomic
def _post(trail: Trail, *, purpose: str, way: Way, address: str, on: str, counter: str, at: datetime) -> None:
    code = Code.objects.create(
        trail=trail.ref,
        purpose=purpose,
        way=way,
        on=on,
        sealed=keys.encrypt(_SEAL, address.encode()),
        counter=counter,
        asked_at=at,
    )
    # Who it is for stands in the row of the code, which is forgotten the next day.
    outbox.post(MESSAGE, on="code", at=at, way=way, code=code.pk)


def _place(way: Way, address: str) -> str:
    return folded_email(address) if way is Way.EMAIL else address


def _day_of(way: Way, place: str, holder: str = "") -> str:
    """The counter of a number's day. It also says, of a code, where it went."""
    return counters.key("code", "day", way, place, *_apart(holder))


def _apart(holder: str) -> tuple[str, ...]:
    return ("holder", holder) if holder else ()


def check(
    *, trail: Trail, purpose: str, typed: str, at: datetime, way: Way | None = None, address: str = ""
) -> Checked:
    """Judge one try. Only the newest code that left counts; three tries each, counted before anything is compared.

    With `way` and `address`, only a code sent there counts: it proves that address.
    """
    sent = Code.objects.of(trail=trail.ref, purpose=purpose).drawn()
    if way is not None:
        sent = sent.filter(counter=_day_of(way, _place(way, address)))
    code = sent.first()
    if code is None:
        return Checked(Found.NOT_SENT)
    if code.used_at is not None:
        return Checked(Found.USED)
    if code.drawn_at is None or at >= code.drawn_at + LASTS:
        return Checked(Found.EXPIRED)
    still = Code.objects.filter(pk=code.pk, digest=code.digest, used_at=None)
    # In one statement: tries made at the same instant are all seen, by the database too (code_three_tries).
    if not still.filter(tries__lt=TRIES).update(tries=F("tries") + 1):
        return Checked(Found.SPENT)
    if keys.matches(_DIGEST, code.digest, str(code.pk), typed):
        return Checked(Found.RIGHT if still.update(used_at=at) else Found.USED)
    tries = Code.objects.values_list("tries", flat=True).get(pk=code.pk)
    return Checked(Found.WRONG, TRIES - tries) if tries < TRIES else Checked(Found.SPENT)


def envelope(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Draw the code and say where it goes; None when it has no object any more, or nobody to go to."""
    made = _draw(outgoing.facts["code"], at=at)
    if made is None or not made[1].on:
        return None
    drawn, row = made
    if row.left_at is None and Code.objects.filter(counter=row.counter, left_at__gt=at - _DAY).count() >= A_DAY:
        return None
    context = {
        "code": drawn,
        "minutes": LASTS // timedelta(minutes=1),
        "host": urlsplit(settings.PUBLIC_URL).hostname,
        "is_only_latest": outgoing.is_doubtful,
    }
    return Envelope(
        to=keys.decrypt(_SEAL, bytes(row.sealed)).decode(),
        context=context,
        when_sent=lambda at: Code.objects.filter(pk=row.pk).update(left_at=at),
    )


@transaction.atomic
def _draw(pk: int, *, at: datetime) -> tuple[str, Code] | None:
    """A new code, its digest written; a try again after a failure kills the one before. None without object."""
    row = Code.objects.select_for_update().filter(pk=pk).first()
    if row is None or row.used_at is not None or at >= row.asked_at + LASTS:
        return None
    if Code.objects.of(trail=row.trail, purpose=row.purpose).filter(pk__gt=row.pk).exists():
        return None
    drawn = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row.digest, row.drawn_at, row.tries = keys.digest(_DIGEST, str(row.pk), drawn), at, 0
    row.save(update_fields=["digest", "drawn_at", "tries"])
    return drawn, row


def words(outcome: Asked | Checked, *, is_pupil: bool = False) -> str:
    """The one sentence for each outcome, so that every walk says the same. Empty when there is nothing to say."""
    if is_pupil:
        return _words_for_pupil(outcome)
    if isinstance(outcome, Asked):
        return _words_of_sending(outcome)
    if outcome.found is Found.WRONG:
        return gettext("Ce n’est pas le code que nous avons envoyé.") + ngettext(
            " Il vous reste %(count)s essai.", " Il vous reste %(count)s essais.", outcome.tries_left
        ) % {"count": outcome.tries_left}
    return {
        Found.RIGHT: "",
        Found.SPENT: gettext("Trois essais ont échoué : ce code ne sert plus. Demandez-en un autre."),
        Found.EXPIRED: gettext("Ce code a plus de 30 minutes : il ne sert plus. Demandez-en un autre."),
        Found.USED: gettext("Ce code a déjà servi. Demandez-en un autre."),
        Found.NOT_SENT: gettext("Le code n’est pas encore parti. Attendez de le recevoir, puis tapez-le ici."),
    }[outcome.found]


def _words_for_pupil(outcome: Asked | Checked) -> str:
    if isinstance(outcome, Asked):
        return {
            Sending.POSTED: "",
            Sending.TOO_SOON: gettext("Un code vient de partir. Attends une minute avant d’en demander un autre."),
            Sending.DAY_OVER: gettext(
                "Cinq codes sont déjà partis depuis hier. Attends demain, ou choisis un autre moyen."
            ),
            Sending.CROWDED: gettext(
                "Trop de codes ont été demandés d’ici. Réessaie dans une heure, ou passe au secrétariat."
            ),
            Sending.NOT_SERVED: gettext("Nous n’envoyons pas de SMS vers ce pays. Choisis un autre moyen."),
        }[outcome.sending]
    if outcome.found is Found.WRONG:
        return gettext("Ce n’est pas le code que nous avons envoyé.") + ngettext(
            " Il te reste %(count)s essai.", " Il te reste %(count)s essais.", outcome.tries_left
        ) % {"count": outcome.tries_left}
    return {
        Found.RIGHT: "",
        Found.SPENT: gettext("Trois essais ont échoué : ce code ne sert plus. Demandes-en un autre."),
        Found.EXPIRED: gettext("Ce code a plus de 30 minutes : il ne sert plus. Demandes-en un autre."),
        Found.USED: gettext("Ce code a déjà servi. Demandes-en un autre."),
        Found.NOT_SENT: gettext("Le code n’est pas encore parti. Attends de le recevoir, puis tape-le ici."),
    }[outcome.found]


def _words_of_sending(asked: Asked) -> str:
    is_sms = asked.way is Way.SMS
    return {
        Sending.POSTED: "",
        Sending.TOO_SOON: gettext("Un code vient de partir. Attendez une minute avant d’en demander un autre."),
        Sending.DAY_OVER: gettext(
            "Ce numéro a déjà reçu cinq codes depuis hier. Attendez demain, ou choisissez un autre moyen."
        )
        if is_sms
        else gettext(
            "Cette adresse a déjà reçu cinq codes depuis hier. Attendez demain, ou choisissez un autre moyen."
        ),
        Sending.CROWDED: gettext(
            "Trop de codes ont été demandés d’ici. Réessayez dans une heure, ou choisissez un autre moyen."
        ),
        Sending.NOT_SERVED: gettext(
            "Nous n’envoyons pas de SMS vers ce pays. Choisissez un autre moyen, ou demandez une lettre à l’école."
        ),
    }[asked.sending]
