"""What a sign-on by SAML reads and writes, compiled once: the hot path (docs/decisions/0009)."""

import hashlib
from datetime import datetime

from django.db import IntegrityError

from preau.identity.audit.events import Events
from preau.identity.audit.record import line
from preau.identity.compiled import Given, Insertion, Reading, together
from preau.identity.federation.models import Assertion, SamlProfile

_PROFILE = Reading(
    lambda: SamlProfile.objects.select_related("party").filter(entity_id=Given("entity_id"), party__disabled_at=None)
)
_NEW = Insertion(Assertion)


class AnsweredBefore(Exception):
    """This request had its answer: it came again."""


def profile_of(entity_id: str) -> SamlProfile | None:
    """A registered service that is not disabled."""
    return _PROFILE.first(entity_id=entity_id)


def digest_of(request_id: str) -> str:
    """How a request is remembered; empty for a sign-on that nobody asked."""
    return hashlib.sha256(request_id.encode()).hexdigest() if request_id else ""


def keep(assertion: Assertion, *, learnt: list[str], at: datetime) -> None:
    """Remember what the service was told, once per request. Raises `AnsweredBefore`."""
    holder, party = assertion.session.account.key, assertion.profile.party
    visited = line(Events.PARTY_VISITED, by=holder, on=holder, at=at, party=party.client_id, learnt=learnt)
    try:
        together(_NEW.write(assertion), visited)
    except IntegrityError as error:
        raise AnsweredBefore from error
