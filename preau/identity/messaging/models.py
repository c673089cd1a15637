"""What waits to leave. A row never holds a secret nor an address: both are made and read at the moment of sending."""

from datetime import datetime

from django.db import models
from django.db.models import Q


class OutgoingQuerySet(models.QuerySet["Outgoing"]):
    """Messages, as adjectives."""

    def due(self, at: datetime) -> "OutgoingQuerySet":
        """To be tried at `at`, oldest first."""
        return self.filter(sent_at=None, given_up_at=None, due_at__lte=at).order_by("due_at", "id")


class Outgoing(models.Model):
    """One message to one person, until it is sent or given up."""

    message = models.CharField(max_length=60)
    on = models.CharField(max_length=60, help_text="Key of the person it is for")
    facts = models.JSONField(default=dict)
    # Same key, same message: a double submit posts once.
    once = models.CharField(max_length=120, unique=True, null=True)
    posted_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    begun_at = models.DateTimeField(null=True, help_text="A try began and its end is not written yet")
    # design.md §7: a message whose fate is unknown is sent again, counted and shown.
    is_doubtful = models.BooleanField(default=False, help_text="An earlier try may have reached its holder")
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=200, blank=True)

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="outgoing_waiting", condition=Q(sent_at=None, given_up_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.message} → {self.on}"
