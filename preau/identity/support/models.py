"""Tickets: what a refused journey leaves, and what the school answered."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from preau.identity.directory.models import Guardian, School

LASTS = timedelta(days=30)


class Answer(models.TextChoices):
    """What the school said of a ticket."""

    RETRY = "retry", "réessayer"
    COME = "come", "venir à l’établissement"


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Tickets, as adjectives."""

    def open_at(self, at: datetime) -> "TicketQuerySet":
        """Not expired."""
        return self.filter(made_at__gt=at - LASTS)

    def purge(self, *, at: datetime) -> int:
        """Forget those whose time has passed; returns how many."""
        return self.filter(made_at__lte=at - LASTS).delete()[0]


class Ticket(models.Model):
    """What somebody typed in a journey that was refused, as digests that only the ticket's own number can compare.

    It proves nothing and opens nothing. `fields` maps the name of a field to the keyed digest of what was typed,
    folded, salted by the number and the field (`births` to a list); the number itself is kept as a digest.
    """

    digest = models.CharField(max_length=80, unique=True)
    journey = models.CharField(max_length=60)
    made_at = models.DateTimeField(db_index=True)
    fields = models.JSONField(default=dict)
    # The school's side.
    looked_at = models.DateTimeField(null=True)
    guardian = models.ForeignKey(Guardian, null=True, on_delete=models.SET_NULL, related_name="tickets")
    school = models.ForeignKey(School, null=True, on_delete=models.SET_NULL, related_name="tickets")
    answer = models.CharField(max_length=5, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True, help_text="When the family may try again")
    told_at = models.DateTimeField(null=True, help_text="The message « vous pouvez réessayer » was posted")

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="ticket_answered_or_not",
            ),
            models.CheckConstraint(
                condition=Q(answer=Answer.RETRY, retry_at__isnull=False)
                | (~Q(answer=Answer.RETRY) & Q(retry_at__isnull=True)),
                name="ticket_retry_has_its_day",
            ),
        ]
        indexes = [
            models.Index(fields=["retry_at"], name="ticket_to_tell", condition=Q(told_at=None, retry_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.journey} {self.made_at:%Y-%m-%d %H:%M}"

    @property
    def key(self) -> str:
        """How the journal names it."""
        return f"ticket:{self.pk}"

    @property
    def expires_at(self) -> datetime:
        """Until when it may be given to the school."""
        return self.made_at + LASTS

    def is_open_at(self, at: datetime) -> bool:
        """The rule of `TicketQuerySet.open_at`, for one."""
        return at < self.expires_at
