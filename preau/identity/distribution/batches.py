"""Sending: prepared once, whatever the number of clicks; stopped; burnt. The secrets themselves are made later.

By e-mail they are made when the message leaves (mailing.py); on paper when the paper is printed (printing.py).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, TemporaryPassword
from preau.identity.audit.events import Events
from preau.identity.audit.record import record, record_many
from preau.identity.directory.models import School
from preau.identity.distribution.models import Batch, Notice, Way, Withheld
from preau.identity.distribution.plan import Plan
from preau.identity.distribution.wishes import Layout
from preau.identity.messaging import outbox
from preau.identity.messaging.models import Outgoing

MESSAGES = {Way.INVITATION: "distribution/invitation", Way.EMAIL: "distribution/credentials"}


class NobodyToServe(Exception):
    """Nobody of the selection receives anything: there is nothing to prepare."""


@transaction.atomic
def prepare(
    plan: Plan, *, school: School, once: str, by: str, at: datetime, layout: str = Layout.FOUR, has_list: bool = False
) -> Batch:
    """Write down what will leave, post its messages. The same `once` again returns the same batch.

    Raises `NobodyToServe`.
    """
    if not plan.served:
        raise NobodyToServe
    batch, is_new = Batch.objects.get_or_create(
        once=once,
        school=school,
        defaults={"wish": plan.wish, "layout": layout, "has_list": has_list, "made_by": by, "made_at": at},
    )
    if not is_new:
        return batch
    outgoing = _post(plan, at=at)
    Notice.objects.bulk_create(
        [
            Notice(
                batch=batch,
                account=line.recipient.account,
                way=line.way,
                outgoing=outgoing.get(line.recipient.account.pk),
            )
            for line in plan.served
            if line.way
        ],
        batch_size=500,
    )
    counts = {str(way): number for way, number in plan.by_way()}
    record(Events.BATCH_MADE, by=by, on=school.key, at=at, uai=school.uai, batch=batch.pk, wish=plan.wish, **counts)
    invited = [line.recipient.account.key for line in plan.served if line.way == Way.INVITATION]
    record_many(Events.INVITED, by=by, on=invited, at=at, uai=school.uai, batch=batch.pk)
    return batch


def _post(plan: Plan, *, at: datetime) -> dict[int, Outgoing]:
    """One message per person, never two addresses in one."""
    posted = {}
    for way, message in MESSAGES.items():
        accounts = [line.recipient.account for line in plan.served if line.way == way]
        rows = outbox.post_many(message, on=[account.key for account in accounts], at=at)
        posted.update({account.pk: row for account, row in zip(accounts, rows, strict=True)})
    return posted


def dying(accounts: Iterable[int], *, at: datetime) -> int:
    """How many secrets that could still be used die if these accounts get new ones."""
    return TemporaryPassword.objects.filter(account__in=list(accounts), expires_at__gt=at).count()


@transaction.atomic
def stop(batch: Batch, *, by: str, at: datetime) -> None:
    """What has not left yet will not."""
    Batch.objects.filter(pk=batch.pk, stopped_at=None).update(stopped_at=at)
    record(Events.BATCH_STOPPED, by=by, on=batch.school.key, at=at, uai=batch.school_id, batch=batch.pk)


@transaction.atomic
def burn(accounts: Sequence[Account], *, uais: Sequence[str], by: str, at: datetime, uai: str = "") -> int:
    """Destroy every secret of these accounts that was not used, and stop the sendings of their schools.

    Returns how many secrets were destroyed. (design.md §6.7)
    """
    Batch.objects.filter(school__in=uais, stopped_at=None).update(stopped_at=at)
    Notice.objects.waiting().filter(account__in=[one.pk for one in accounts]).update(withheld=Withheld.STOPPED)
    return lifecycle.burn(accounts, by=by, at=at, uai=uai)
