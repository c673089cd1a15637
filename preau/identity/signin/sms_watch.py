"""The alarms of SMS, in the journal and in the log, once an hour each: budget spent, gateway down, codes nobody types.

A site made to send to numbers that pay a fraudster sees its codes left untyped: the share that is typed back tells it
before the invoice does.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from preau.identity.accounts.channels import Way
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.messaging import sms
from preau.identity.signin import codes, counters
from preau.identity.signin.models import Code

log = logging.getLogger(__name__)
_HOUR = timedelta(hours=1)
# Judged on at least so many codes, whose half-hour is over; usual shares are above two thirds.
ENOUGH, LEAST_SHARE = 50, 0.2


def watch(*, at: datetime) -> None:
    """Raise the alarms that are due."""
    sent = sms.sent_in_hour(at)
    if sms.is_over_budget(at) or sms.is_main_share_spent(at):
        _alarm(Events.SMS_BUDGET, at=at, sent=sent)
    elif sms.is_failing(at):
        _alarm(Events.SMS_DOWN, at=at, sent=sent)
    over = Code.objects.filter(way=Way.SMS, drawn_at__gt=at - 2 * _HOUR, drawn_at__lte=at - codes.LASTS).exclude(on="")
    counted = over.aggregate(sent=Count("pk"), typed=Count("pk", filter=Q(used_at__isnull=False)))
    if counted["sent"] >= ENOUGH and counted["typed"] < LEAST_SHARE * counted["sent"]:
        _alarm(Events.SMS_UNANSWERED, at=at, **counted)


@transaction.atomic
def _alarm(event: Events, *, at: datetime, **facts: Any) -> None:
    name = counters.key("sms-alarm", event)
    if counters.add({name: _HOUR}, at=at)[name] == 1:
        record(event, by="system:messaging", on="system:sms", at=at, **facts)
        log.error("%s %s", event.value, facts)
