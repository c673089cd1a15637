"""What the screens of sending show: what each wish would do, how far a batch is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from preau.identity.accounts.models import Kind
from preau.identity.distribution import batches
from preau.identity.distribution.models import Batch, Notice, Withheld
from preau.identity.distribution.plan import Line, Plan, plan
from preau.identity.distribution.recipients import Recipient
from preau.identity.distribution.wishes import Wish

PER_PAGE = 30
REFRESH = 2  # seconds
SHOWN = 200


@dataclass(frozen=True)
class Prospect:
    """What one wish would do."""

    plan: Plan
    dying: int

    @property
    def label(self) -> str:
        """The wish in words."""
        return str(self.plan.wish.label)

    @property
    def ways(self) -> list[tuple[str, int]]:
        """How many by each way."""
        return [(str(way.label), number) for way, number in self.plan.by_way()]

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """How many receive nothing, and why."""
        return [(str(reason.label), number) for reason, number in self.plan.by_reason()]


@dataclass(frozen=True)
class Outlook:
    """Everything to know before sending."""

    people: Sequence[Recipient]
    prospects: Sequence[Prospect]

    @property
    def accounts(self) -> str:
        """The selection, for the form to carry."""
        return ",".join(str(one.account.pk) for one in self.people)

    @property
    def is_many(self) -> bool:
        """A human types the number."""
        return any(prospect.plan.is_many() for prospect in self.prospects)

    @property
    def can_serve(self) -> bool:
        """Somebody would receive something."""
        return any(prospect.plan.served for prospect in self.prospects)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Person by person, what each wish does; the first ones of a long selection."""
        columns = [(prospect.label, prospect.plan.lines) for prospect in self.prospects]
        return [
            {"recipient": one, "cells": [(label, _cell(lines[place])) for label, lines in columns]}
            for place, one in enumerate(self.people[:SHOWN])
        ]

    @property
    def columns(self) -> list[str]:
        """The heads of those lines."""
        return [_("Personne"), _("Classe"), *(prospect.label for prospect in self.prospects)]

    @property
    def unseen(self) -> int:
        """How many are not shown line by line."""
        return max(0, len(self.people) - SHOWN)


def _cell(line: Line) -> str:
    """The way, or why nothing."""
    if line.way:
        return str(line.way.label)
    return _("Rien : %(reason)s") % {"reason": line.reason.label if line.reason else ""}


def kinds_of(people: Sequence[Recipient]) -> dict[str, bool]:
    """Whether guardians, pupils are among these people."""
    kinds = {one.account.kind for one in people}
    return {"has_guardians": Kind.GUARDIAN in kinds, "has_pupils": Kind.PUPIL in kinds}


def of(people: Sequence[Recipient], question: Any, *, at: datetime) -> Outlook:
    """What each wish of the question would do for these people."""
    plans = [plan(people, Wish(value)) for value, _words in question.choices]
    return Outlook(people, [Prospect(one, batches.dying(one.secret_accounts(), at=at)) for one in plans])


def columns_of_batches() -> list[str]:
    """The heads of the list of batches."""
    return [_("Envoi"), _("Le"), _("Courriels"), _("Papier")]


def batches_of(uai: str, *, page: str | None) -> Page[Any]:
    """The batches of a school, counted."""
    return Paginator(Batch.objects.of_school(uai).counted(), PER_PAGE).get_page(page)


@dataclass(frozen=True)
class BatchState:
    """How far a batch is."""

    mails: int
    sent: int
    waiting: int
    given_up: int
    doubled: int
    withheld: Sequence[tuple[str, int]]
    papers: int
    printed: int
    dying: int
    trouble: str

    @property
    def refresh(self) -> int | None:
        """Seconds before the page comes back, while messages leave."""
        return REFRESH if self.waiting else None


def state_of(batch: Batch, *, at: datetime) -> BatchState:
    """Counted from the notices and their messages."""
    mails, papers = batch.notices.by_mail(), batch.notices.on_paper()
    withheld = [(str(why.label), mails.filter(withheld=why).count()) for why in Withheld]
    waiting = Notice.objects.waiting().filter(batch=batch, withheld="")
    troubled = waiting.exclude(outgoing__trouble="").first()
    return BatchState(
        mails=mails.count(),
        sent=mails.filter(outgoing__sent_at__isnull=False, withheld="").count(),
        waiting=0 if batch.stopped_at else waiting.count(),
        given_up=mails.filter(outgoing__given_up_at__isnull=False).count(),
        doubled=mails.doubled().count(),
        withheld=[(label, number) for label, number in withheld if number],
        papers=papers.count(),
        printed=papers.filter(made_at__isnull=False).count(),
        dying=batches.dying(papers.values_list("account", flat=True), at=at),
        trouble=troubled.outgoing.trouble if troubled and troubled.outgoing else "",
    )
