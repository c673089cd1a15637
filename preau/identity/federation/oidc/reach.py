"""Who a party is for: asked when people arrive, and again each time it renews what it holds."""

from datetime import datetime

from preau import clock
from preau.identity.federation.facts import Facts
from preau.identity.federation.models import RelyingParty
from preau.identity.federation.troubles import Cause
from preau.identity.signin.models import Session


def why_not(party: RelyingParty, session: Session, *, at: datetime) -> Cause | None:
    """Why the holder of this visit is nobody for the party; None when they may go there."""
    if not party.is_for(session.account):
        return Cause.WRONG_KIND
    if not party.schools and not party.academies:
        return None
    day = clock.today(at)
    facts = Facts(session.account, party, day=day, authenticated_at=session.authenticated_at, amr=session.amr)
    return None if facts.is_known_here else Cause.NOT_SERVED
