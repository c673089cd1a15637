"""A refused journey ends with a number to give to the school: the same page and the same work, whoever was found.

The number is read aloud, copied by hand, typed by a secretary. It proves nothing: the school still asks for an identity
document before it changes anything.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from preau.identity import keys
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory import names
from preau.identity.directory.matching import folded_email
from preau.identity.directory.models import Guardian
from preau.identity.signin import counters, device, network
from preau.identity.support.models import LASTS, Answer, Ticket

# Signs that neither look alike nor sound alike in French: no B D T V beside P, no G beside J, no N beside M, no O I L S
# Z beside figures. 24 of them, 7 times: 4.5 thousand million numbers, of which a few thousand live.
ALPHABET = "23456789ACEFHJKLMPQRUWXY"
LENGTH = 7
_MISTAKEN = str.maketrans("0OINVSZBG1", "QQLMU5286L")
_CODE, _FIELD = "support/ticket", "support/ticket-field"
_DAY = timedelta(days=1)
# A counter of a school serves many families from one computer; a school is one address.
FROM_DEVICE, FROM_NETWORK = 20, 300


@dataclass(frozen=True, slots=True)
class Stated:
    """What somebody typed about themselves in a journey. `mobile` in E.164 when it could be read; `title` « M. » or
    « MME »; `births` the children's dates; `child` the child's first name when the journey asks for one, or the pupil's
    own; `birth` the pupil's own date."""

    surname: str = ""
    first_name: str = ""
    mobile: str = ""
    births: frozenset[date] = frozenset()
    email: str = ""
    school: str = ""
    child: str = ""
    title: str = ""
    birth: date | None = None


@transaction.atomic
def issue(*, journey: str, stated: Stated, at: datetime) -> str:
    """Write what was typed as digests; return the number, « K7P-4MQ2 ». Reads nobody: the work is the same for all."""
    for _ in range(5):
        bare = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        try:
            with transaction.atomic():
                Ticket.objects.create(
                    digest=keys.digest(_CODE, bare), journey=journey, made_at=at, fields=_digests(bare, stated)
                )
        except IntegrityError:  # the same number lives already
            continue
        return shown(bare)
    raise RuntimeError("five numbers in a row were taken")


def hand(request: HttpRequest, facts: dict[str, Any], *, journey: str, stated: Stated, at: datetime) -> str:
    """The ticket of a walk, made once and remembered in its `facts` (`trail.facts`); call it from a step's `act`.

    Empty when this device, or this network, took too many today: the page then names the school only.
    """
    if "ticket" not in facts:
        own = device.of(request).number or f"network {network.of(request)}"
        near, far = counters.key("ticket", "device", own), counters.key("ticket", "network", network.of(request))
        counted = counters.add({near: _DAY, far: _DAY}, at=at)
        has_room = counted[near] <= FROM_DEVICE and counted[far] <= FROM_NETWORK
        facts["ticket"] = issue(journey=journey, stated=stated, at=at) if has_room else ""
        facts["ticket_until"] = (at + LASTS).isoformat()
    return str(facts["ticket"])


def words(facts: dict[str, Any]) -> dict[str, Any]:
    """The context of ``support/ticket.html``, from the facts of a walk."""
    until = facts.get("ticket_until")
    return {"ticket": facts.get("ticket", ""), "ticket_until": datetime.fromisoformat(until) if until else None}


def shown(bare: str) -> str:
    """« K7P-4MQ2 »."""
    return f"{bare[:3]}-{bare[3:]}"


def as_typed(typed: str) -> str:
    """The bare number, whatever the case, blanks and hyphens; a sign that is not ours is the one it looks like."""
    return "".join(c for c in typed.upper() if c.isalnum())[: LENGTH + 1].translate(_MISTAKEN)


def find(typed: str, *, at: datetime) -> Ticket | None:
    """The living ticket of that number."""
    bare = as_typed(typed)
    return Ticket.objects.open_at(at).filter(digest__in=keys.candidates(_CODE, bare)).first()


def says(ticket: Ticket, typed: str, field: str, value: str) -> bool:
    """Whether `value`, folded, is what was typed in `field`. `typed` is the number: without it nothing compares."""
    stored = ticket.fields.get(field) or []
    held = [stored] if isinstance(stored, str) else stored
    return any(keys.matches(_FIELD, digest, as_typed(typed), field, value) for digest in held)


# The school's side ---------------------------------------------------------------------------------------------------
@transaction.atomic
def look(ticket: Ticket, guardian: Guardian, *, by: str, at: datetime) -> None:
    """The school compares a ticket with a guardian's record: an event each time, which the quota counts."""
    locked = Ticket.objects.select_for_update().get(pk=ticket.pk)
    if not locked.answer:
        locked.guardian, locked.school_id, locked.looked_at = guardian, guardian.school_id, at
        locked.save(update_fields=["guardian", "school", "looked_at"])
    record(Events.TICKET_READ, by=by, on=guardian.key, at=at, uai=guardian.school_id, ticket=ticket.pk)


@transaction.atomic
def answer(ticket: Ticket, *, what: Answer, retry_at: datetime | None, by: str, at: datetime) -> None:
    """The school has done its part: the family may try again from `retry_at`, or is asked to come.

    A later answer replaces the one before. Only a ticket the school compared with a record is answered.
    """
    locked = Ticket.objects.select_for_update(of=("self",)).select_related("guardian").get(pk=ticket.pk)
    if locked.guardian is None:
        raise NotLookedAt
    locked.answer, locked.answered_at, locked.told_at = what, at, None
    locked.retry_at = (retry_at or at) if what == Answer.RETRY else None
    locked.save(update_fields=["answer", "answered_at", "retry_at", "told_at"])
    record(
        Events.TICKET_ANSWERED, by=by, on=locked.guardian.key, at=at, uai=locked.guardian.school_id,
        ticket=locked.pk, answer=str(what),
    )  # fmt: skip


class NotLookedAt(Exception):
    """A ticket was answered before anybody compared it with a record."""


# What is kept ---------------------------------------------------------------------------------------------------------
def folded(stated: Stated) -> dict[str, str | list[str]]:
    """What is compared of each field; an empty one is left out."""
    found: dict[str, str | list[str]] = {
        "surname": names.fold(stated.surname),
        "first_name": names.fold(stated.first_name),
        "first_given": names.first_given(stated.first_name),
        "mobile": stated.mobile,
        "births": sorted(day.isoformat() for day in stated.births),
        "email": folded_email(stated.email),
        "school": names.fold(stated.school),
        "child": names.fold(stated.child),
        "title": names.fold(stated.title),
        "birth": stated.birth.isoformat() if stated.birth else "",
    }
    return {field: value for field, value in found.items() if value}


def _digests(bare: str, stated: Stated) -> dict[str, str | list[str]]:
    def digest(field: str, value: str) -> str:
        return keys.digest(_FIELD, bare, field, value)

    return {
        field: digest(field, value) if isinstance(value, str) else sorted(digest(field, one) for one in value)
        for field, value in folded(stated).items()
    }
