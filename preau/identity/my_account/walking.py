"""Whose walk this is, when a guardian walks inside their own account."""

from django.http import HttpRequest

from preau.identity.accounts.models import Account, Kind
from preau.identity.signin import sessions
from preau.journeys.drafts import Trail
from preau.journeys.served import JourneyOver


def guardian_walking(request: HttpRequest, trail: Trail) -> Account:
    """The guardian who began the walk, still signed in here. Raises `JourneyOver` for somebody else, or nobody."""
    session = sessions.current(request)
    if session is None or session.account_id != trail.facts.get("account") or session.account.kind != Kind.GUARDIAN:
        raise JourneyOver
    return session.account
