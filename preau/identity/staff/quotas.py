"""How much one person may do at the desk in an hour and in a day. Counted from the journal, so that nothing escapes.

design.md §6.6: per-role quotas, volume alarms, automatic suspension. The figures leave room for the busiest honest day
(a form tutor resets a whole division; a secretary reads every page of a school of 2,000) and stop a harvest.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.staff import members
from preau.identity.staff.models import Grant, Role
from preau.identity.staff.permissions import Deed


@dataclass(frozen=True)
class Quota:
    """At most so many in an hour, and in a day."""

    hour: int
    day: int


_OFFICE = {Role.HEAD: 1, Role.DEPUTY: 1, Role.DELEGATE: 1}
TABLE: dict[Events, dict[Role, Quota]] = {
    Events.PAGE_READ: {**dict.fromkeys(_OFFICE, Quota(200, 600)), Role.ACADEMY_SUPPORT: Quota(100, 400)},
    Events.RECORD_READ: {
        **dict.fromkeys(_OFFICE, Quota(200, 800)),
        Role.ACADEMY_SUPPORT: Quota(120, 500),
        Role.FORM_TUTOR: Quota(80, 200),
    },
    Events.PASSWORD_RESET: {
        **dict.fromkeys(_OFFICE, Quota(400, 2500)),
        Role.FORM_TUTOR: Quota(45, 90),
        Role.ACADEMY_SUPPORT: Quota(30, 100),
    },
    # A ticket compares what a family typed with a record: many in an hour would be somebody looking for a match.
    Events.TICKET_READ: {**dict.fromkeys(_OFFICE, Quota(60, 200)), Role.ACADEMY_SUPPORT: Quota(60, 200)},
    Events.CORRECTION_PROPOSED: dict.fromkeys(_OFFICE, Quota(40, 120)),
    Events.FACTORS_LEAVING: dict.fromkeys(_OFFICE, Quota(10, 30)),
    Events.CHANNEL_LEAVING: dict.fromkeys(_OFFICE, Quota(10, 30)),
    Events.CORRECTIONS_LISTED: dict.fromkeys(_OFFICE, Quota(10, 30)),
    Events.ROSTER_EXPORTED: dict.fromkeys(_OFFICE, Quota(10, 30)),
    Events.BATCH_DOWNLOADED: dict.fromkeys(_OFFICE, Quota(60, 150)),
    # The one way by which the operator sees somebody, one at a time.
    Events.RELEASE_PREVIEWED: {Role.OPERATOR: Quota(30, 100)},
    Events.ACCOUNT_BLOCKED: {**dict.fromkeys(_OFFICE, Quota(60, 150)), Role.ACADEMY_SUPPORT: Quota(60, 150)},
}
# What each deed leaves in the journal, and is counted by.
COUNTED: dict[Deed, tuple[Events, ...]] = {
    Deed.SEE_GUARDIANS: (Events.PAGE_READ, Events.RECORD_READ),
    Deed.SEE_PUPILS: (Events.PAGE_READ, Events.RECORD_READ),
    Deed.SEE_TICKET: (Events.TICKET_READ, Events.PAGE_READ),
    Deed.CORRECT: (Events.CORRECTION_PROPOSED, Events.CORRECTIONS_LISTED),
    Deed.REMOVE_FACTORS: (Events.FACTORS_LEAVING,),
    Deed.FORGET_CHANNEL: (Events.CHANNEL_LEAVING,),
    Deed.RESET_PUPIL: (Events.PASSWORD_RESET,),
    Deed.EXPORT: (Events.ROSTER_EXPORTED,),
    Deed.NOTIFY: (Events.BATCH_DOWNLOADED,),
    Deed.BLOCK: (Events.ACCOUNT_BLOCKED,),
    Deed.PREVIEW_RELEASE: (Events.RELEASE_PREVIEWED,),
}


def reached(grant: Grant, deed: Deed, *, at: datetime) -> Events | None:
    """The event the holder of `grant` has done too often before `at` to do `deed` again; None while there is room."""
    quotas = {event: TABLE[event][Role(grant.role)] for event in COUNTED.get(deed, ()) if grant.role in TABLE[event]}
    if not quotas:
        return None
    # A member reinstated after a suspension starts from nothing.
    since = max(filter(None, (at - timedelta(days=1), grant.member.reinstated_at)))
    last_hour = Q(at__gt=at - timedelta(hours=1))
    done = Event.objects.filter(by=grant.member.key, name__in=quotas, at__gt=since, at__lte=at)
    counted = done.order_by().values("name").annotate(day=Count("id"), hour=Count("id", filter=last_hour))
    for name, day, hour in counted.values_list("name", "day", "hour"):
        quota = quotas[Events(name)]
        if day >= quota.day or hour >= quota.hour:
            return Events(name)
    return None


@transaction.atomic
def stop(grant: Grant, event: Events, *, at: datetime) -> None:
    """Suspend the holder of `grant`, who reached the quota of `event`, and raise the alarm."""
    members.suspend(
        grant.member, reason=f"limite d’actes atteinte : {event.label}", event=Events.QUOTA_REACHED,
        by="system:quota", at=at, uai=grant.school_id or "", counted=event.value,
    )  # fmt: skip
