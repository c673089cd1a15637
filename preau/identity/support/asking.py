"""« Où en est ma demande ? »: what a ticket's number tells to whoever holds it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.http import HttpRequest
from django.utils.translation import gettext

from preau.identity.signin import counters, device, network
from preau.identity.support import tickets
from preau.identity.support.models import Answer, Ticket

_HOUR, _QUARTER = timedelta(hours=1), timedelta(minutes=15)
# A browser that forgets its cookie is a new one: its network counts too. A school's counter asks for many families.
AN_HOUR, NETWORK_AN_HOUR = 30, 300


class Stand(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    LOOKED_AT = "looked_at"
    RETRY_LATER = "retry_later"
    RETRY_NOW = "retry_now"
    COME = "come"


@dataclass(frozen=True)
class Found:
    """A ticket as its holder sees it, or the sentence that says why not."""

    ticket: Ticket | None = None
    stand: Stand | None = None
    sentence: str = ""

    @property
    def retry_from(self) -> datetime | None:
        """The first whole quarter of an hour when one may try again: as it is read, it is true."""
        at = self.ticket.retry_at if self.ticket else None
        return at and at + (datetime.min.replace(tzinfo=at.tzinfo) - at) % _QUARTER


def ask(request: HttpRequest, typed: str, *, at: datetime) -> Found:
    """Look a number up; so many an hour from one device, and from one network."""
    near = network.of(request)
    key = counters.key("ticket", "asked", device.of(request).number or f"network {near}")
    crowd = counters.key("ticket", "asked from", near)
    counted = counters.add({key: _HOUR, crowd: _HOUR}, at=at)
    if counted[key] > AN_HOUR or counted[crowd] > NETWORK_AN_HOUR:
        return Found(sentence=gettext("Beaucoup de numéros ont été essayés d’ici. Réessayez dans une heure."))
    ticket = tickets.find(typed, at=at)
    if ticket is None:
        return Found(
            sentence=gettext(
                "Ce numéro n’existe pas, ou il a plus de trente jours. Relisez-le, ou recommencez le parcours : il en"
                " donnera un autre."
            )
        )
    return Found(ticket, stand(ticket, at=at))


def stand(ticket: Ticket, *, at: datetime) -> Stand:
    """Where the ticket stands at `at`."""
    if ticket.answer == Answer.COME:
        return Stand.COME
    if ticket.retry_at is not None:
        return Stand.RETRY_NOW if ticket.retry_at <= at else Stand.RETRY_LATER
    return Stand.LOOKED_AT if ticket.looked_at else Stand.OPEN
