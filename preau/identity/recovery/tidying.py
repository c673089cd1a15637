"""What the worker throws away."""

from datetime import datetime, timedelta

from preau.identity.recovery.models import Approval

# The journal keeps what happened; a pupil's silent cap is a counter of its own.
KEPT = timedelta(days=2)


def forget_approvals(*, at: datetime) -> int:
    """Forget the requests of the days before."""
    return Approval.objects.all().purge(at=at - KEPT)
