"""« Services que j’ai utilisés »: where an account went, what each service learnt, what lets it go on. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Q

from preau.identity.accounts.models import Account, Kind
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.federation import learnt
from preau.identity.federation.models import Consent, RefreshToken, RelyingParty


@dataclass(frozen=True)
class Used:
    """A service, and where one stands with it."""

    party: RelyingParty
    visited_at: datetime | None
    lines: list[learnt.Line]
    consent: Consent | None
    acts_alone: bool

    @property
    def is_agreed(self) -> bool:
        """An agreement stands: it can be taken back."""
        return self.consent is not None and self.consent.is_agreement and self.consent.withdrawn_at is None

    @property
    def is_withdrawn(self) -> bool:
        """It was taken back, and not given again."""
        return self.consent is not None and self.consent.withdrawn_at is not None

    @property
    def agreed_at(self) -> datetime | None:
        """When an agreement was given, even if it was taken back."""
        return self.consent.given_at if self.consent is not None and self.consent.is_agreement else None

    @property
    def read_at(self) -> datetime | None:
        """When what it learns was read, with nothing to agree to."""
        return self.consent.given_at if self.consent is not None and not self.consent.is_agreement else None

    @property
    def can_withdraw(self) -> bool:
        """There is something to take back: an agreement, or what lets it act without the person."""
        return self.is_agreed or self.acts_alone


def by(account: Account, *, at: datetime) -> list[Used]:
    """The services this account went to, the last first; what the journal keeps of it."""
    visits, told = _visits(account)
    consents = {one.party_id: one for one in Consent.objects.filter(account=account)}
    alone = RefreshToken.objects.filter(session__account=account, used_at=None, revoked_at=None, expires_at__gt=at)
    acting = {one.party_id for one in alone.select_related("session__account") if one.is_alive(at=at)}
    known = RelyingParty.objects.filter(Q(client_id__in=visits) | Q(pk__in=consents)).order_by("name")
    found = [
        Used(
            party=party,
            visited_at=visits.get(party.client_id),
            lines=learnt.lines(told.get(party.client_id, ()), party, is_pupil=account.kind == Kind.PUPIL),
            consent=consents.get(party.pk),
            acts_alone=party.pk in acting,
        )
        for party in known
    ]
    return sorted(found, key=lambda one: -one.visited_at.timestamp() if one.visited_at else 0.0)


def _visits(account: Account) -> tuple[dict[str, datetime], dict[str, set[str]]]:
    """By short name: the last visit; everything learnt at any of them."""
    events = Event.objects.filter(on=account.key, name=Events.PARTY_VISITED).order_by()
    rows: Any = events.values_list("facts__party", "facts__learnt").annotate(last=Max("at"))
    visits: dict[str, datetime] = {}
    told: dict[str, set[str]] = {}
    for client_id, names, last in rows:
        visits[client_id] = max(last, visits.get(client_id, last))
        told.setdefault(client_id, set()).update(names or ())
    return visits, told
