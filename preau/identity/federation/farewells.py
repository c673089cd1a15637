"""Telling services that a visit is over, from the worker: who was reached, who can be told, what became of it.

Nothing below tells us (design.md §3): visits that were ended, or whose account changed, are found by the clock.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from preau.identity.federation.fetching import CannotFetch
from preau.identity.federation.models import (
    Assertion,
    AuthorizationCode,
    Farewell,
    Fate,
    Protocol,
    RelyingParty,
)
from preau.identity.federation.oidc import backchannel
from preau.identity.federation.saml import farewell_requests
from preau.identity.federation.troubles import Cause, note
from preau.identity.signin.models import Session

# A worker that was down for a day still tells what ended meanwhile.
LOOKS_BACK = timedelta(days=1)
# Before the second try, the third… Then the service is given up, and the operator told.
DELAYS = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
_LONGEST_RUN = 15.0  # seconds: the worker has other things to do
_AT_MOST = 50


def notice_endings(*, at: datetime) -> bool:
    """The worker's chore: a row for each service that reached a visit now over, and can be told. True when it found."""
    made = [row for over in (_ended(at), _killed(at)) for row in _rows(over, at=at)]
    Farewell.objects.bulk_create(made, ignore_conflicts=True)
    return bool(made)


def tell_due(*, at: datetime) -> int:
    """The worker's chore: tell the services that wait. One that does not answer is left alone for this time."""
    begun, told, silent = time.monotonic(), 0, set[int]()
    while told < _AT_MOST and time.monotonic() - begun < _LONGEST_RUN:
        instant = at + timedelta(seconds=time.monotonic() - begun)
        row = _taken(at=instant, but=silent)
        if row is None:
            break
        told += 1
        if not _tell(row, at=instant):
            silent.add(row.party_id)
    return told


def reached(session: Session) -> QuerySet[RelyingParty]:
    """The services that were told who somebody is, during a visit."""
    told = Assertion.objects.filter(session=session).values("profile__party")
    by_either = Q(pk__in=_codes([session]).values("party")) | Q(pk__in=told)
    return RelyingParty.objects.in_use().filter(by_either).select_related("saml").order_by("name")


def untold(session: Session, *, but: RelyingParty | None = None) -> list[RelyingParty]:
    """Those of them that know nothing yet, and that no machine of ours can tell: people are told of them."""
    told = set(Farewell.objects.filter(session=session, fate=Fate.TOLD).values_list("party", flat=True))
    return [one for one in reached(session) if not can_be_told(one) and one != but and one.pk not in told]


def homes(session: Session) -> list[str]:
    """Addresses where the services of a visit live, as they are registered."""
    found: list[str] = []
    for party in reached(session):
        found += [*party.redirect_uris, *party.post_logout_redirect_uris]
        if party.protocol == Protocol.SAML:
            found += [str(one["location"]) for one in party.saml.consumers]
    return found


def can_be_told(party: RelyingParty) -> bool:
    """Whether the service gave an address where machines say that a visit is over."""
    if party.protocol == Protocol.OIDC:
        return bool(party.backchannel_logout_uri)
    return bool(farewell_requests.place(party.saml))


def _ended(at: datetime) -> QuerySet[Session]:
    """Ended by the person, a service or a reset. Silence is not a sign-out: those only idle are not here."""
    return Session.objects.filter(ended_at__gt=at - LOOKS_BACK, ended_at__lte=at)


def _killed(at: datetime) -> QuerySet[Session]:
    """Whose account was blocked, reset, merged or closed since they proved themselves: nobody ended them."""
    changed = {"account__credentials_changed_at__gt": at - LOOKS_BACK, "account__credentials_changed_at__lte": at}
    return Session.objects.filter(ended_at=None, authenticated_at__lt=F("account__credentials_changed_at"), **changed)


def _rows(over: QuerySet[Session], *, at: datetime) -> Iterable[Farewell]:
    """Unwritten yet. Each visit and service once."""
    written = Farewell.objects.filter(session=OuterRef("session"))
    codes = _codes(over).exclude(party__backchannel_logout_uri="").filter(party__disabled_at=None)
    codes = codes.exclude(Exists(written.filter(party=OuterRef("party"))))
    pairs = set(codes.values_list("session", "party"))
    assertions = Assertion.objects.filter(session__in=over, profile__party__disabled_at=None)
    assertions = assertions.exclude(Exists(written.filter(party=OuterRef("profile__party"))))
    for one in assertions.select_related("profile").only("session", "profile__party", "profile__logouts"):
        if farewell_requests.place(one.profile):
            pairs.add((one.session_id, one.profile.party_id))
    return [Farewell(session_id=session, party_id=party, asked_at=at) for session, party in sorted(pairs)]


def _codes(over: QuerySet[Session] | list[Session]) -> QuerySet[AuthorizationCode]:
    # A code that nobody exchanged told the service nothing.
    return AuthorizationCode.objects.filter(session__in=over).exclude(used_at=None)


def _taken(*, at: datetime, but: set[int]) -> Farewell | None:
    """The oldest that is due, marked before it is tried: a worker that dies has used up one try, not lost the row."""
    due = Q(tries=0)
    for tries, delay in enumerate(DELAYS, start=1):
        due |= Q(tries=tries, tried_at__lte=at - delay)
    waiting = Farewell.objects.filter(due, fate=Fate.WAITING).exclude(party__in=but).order_by("asked_at", "pk")
    for row in waiting.select_related("party", "session__account")[:5]:
        mine = Farewell.objects.filter(pk=row.pk, tries=row.tries, fate=Fate.WAITING)
        if mine.update(tries=row.tries + 1, tried_at=at):
            row.tries += 1
            return row
    return None


def _tell(row: Farewell, *, at: datetime) -> bool:
    # At the last turn nothing is sent any more: what a worker left when it died on the last try is given up here.
    if row.tries > len(DELAYS) or row.party.disabled_at is not None:
        Farewell.objects.filter(pk=row.pk).update(fate=Fate.FAILED)
        return False
    try:
        speak = backchannel.tell if row.party.protocol == Protocol.OIDC else farewell_requests.tell
        speak(row.session, row.party, at=at)
    except CannotFetch as trouble:
        note(Cause.UNREACHABLE, party=row.party, detail=str(trouble), at=at)
        return False
    Farewell.objects.filter(pk=row.pk).update(fate=Fate.TOLD)
    return True
