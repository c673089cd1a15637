"""Whoever reads leaves a trace: who looked at which page of a list, at whose record (design.md §6.6, specs A28)."""

from django.db import transaction

from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.staff.entry import DeskRequest


@transaction.atomic
def page(request: DeskRequest, *, of: str, lines: int) -> None:
    """A page of a list was read; nothing to note when it showed nobody."""
    if lines:
        where = request.grant.school.key if request.grant.school else f"academy:{request.grant.academy_id}"
        uai = request.grant.school_id or ""
        record(Events.PAGE_READ, by=request.member.key, on=where, at=request.at, uai=uai, of=of, lines=lines)


@transaction.atomic
def account(request: DeskRequest, account: Account) -> None:
    """The record of one person was read."""
    uai = request.grant.school_id or ""
    record(Events.RECORD_READ, by=request.member.key, on=account.key, at=request.at, uai=uai)
