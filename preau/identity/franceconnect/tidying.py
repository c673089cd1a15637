"""What the worker throws away: departures that never came back, or did."""

from datetime import datetime

from preau.identity.franceconnect.models import Attempt


def forget_attempts(*, at: datetime) -> int:
    """Forget the attempts whose time has passed."""
    return Attempt.objects.all().purge(at=at)
