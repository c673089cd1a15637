"""Who has lost, or found again, the last reason to sign in: at each import, and on the day an exit takes effect."""

from datetime import date, datetime, timedelta

from django.db import transaction

from preau import clock
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.accounts.states import State
from preau.identity.directory.models import Enrolment

# A worker that slept over a long week-end still settles what it missed.
_LOOKS_BACK = timedelta(days=15)
BY = "system:clock"


@transaction.atomic
def settle(uai: str, *, day: date, by: str, at: datetime) -> dict[str, int]:
    """Disable the accounts of a school whose holder has no right left, enable those whose holder has one again."""
    of_school = Account.objects.of_school(uai)
    with_rights = Account.objects.with_rights_on(day).values("pk")
    idle = of_school.filter(state__in=[State.UNNOTIFIED, State.NOTIFIED, State.ACTIVE]).exclude(pk__in=with_rights)
    back = of_school.filter(state=State.DISABLED).filter(pk__in=with_rights)
    return {
        "disabled": lifecycle.disable(list(idle), by=by, at=at, uai=uai),
        "enabled": lifecycle.enable(list(back), by=by, at=at, uai=uai),
    }


def settle_due(*, at: datetime) -> int:
    """Settle the schools where an exit date has come. Returns how many accounts changed (jobs/catalogue.py)."""
    today = clock.today(at)
    due = Enrolment.objects.filter(left_on__gt=today - _LOOKS_BACK, left_on__lte=today)
    schools = due.order_by("school").values_list("school_id", flat=True).distinct()
    return sum(sum(settle(uai, day=today, by=BY, at=at).values()) for uai in schools)
