"""What the worker throws away: counters that are over, visits long ended."""

from datetime import datetime, timedelta

from preau.identity.signin.models import Failure, Session

# The services' tokens hang from a visit and last less; the journal keeps what happened.
KEPT = timedelta(days=30)


def forget_failures(*, at: datetime) -> int:
    """Forget the counters whose time has passed."""
    return Failure.objects.all().purge(at=at)


def forget_visits(*, at: datetime) -> int:
    """Forget the visits begun long ago."""
    return Session.objects.all().purge(at=at - KEPT)
