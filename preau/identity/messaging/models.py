"""What waits to leave. A row never holds a secret nor an address: both are made and read at the moment of sending."""

from datetime import datetime

from django.db import models
from django.db.models import Q


class OutgoingQuerySet(models.QuerySet["Outgoing"]):
    """Messages, as adjectives."""

    def due(self, at: datetime) -> "OutgoingQuerySet":
        """To be tried at `at`, oldest first."""
        return self.filter(sent_at=None, given_up_at=None, due_at__lte=at).order_by("due_at", "id")

    def by(self, way: str) -> "OutgoingQuerySet":
        """Those that leave that way."""
        return self.filter(way=way)

    def about(self, key: str) -> "OutgoingQuerySet":
        """For one person, newest first."""
        return self.filter(on=key).order_by("-id")


class Outgoing(models.Model):
    """One message to one person, until it is sent or given up."""

    message = models.CharField(max_length=60)
    way = models.CharField(max_length=8, default="email", help_text="email or sms")
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
    # What the SMS gateway says afterwards.
    reference = models.CharField(max_length=80, blank=True, db_index=True, help_text="The gateway's name for it")
    delivered_at = models.DateTimeField(null=True)
    undelivered_at = models.DateTimeField(null=True)

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="outgoing_waiting", condition=Q(sent_at=None, given_up_at=None)),
            models.Index(fields=["on", "-id"], name="outgoing_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.message} → {self.on}"


class Line(models.Model):
    """What is known of a way out that every process must know: whether the SMS gateway answers."""

    way = models.CharField(max_length=8, primary_key=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, since it last answered")
    failed_at = models.DateTimeField(null=True)
    opens_at = models.DateTimeField(null=True, help_text="Nobody knocks before")

    def __str__(self) -> str:
        return f"{self.way} × {self.failures}"


class SmsHour(models.Model):
    """How many SMS left in one hour towards one dial code: the budget, and what the operator watches."""

    hour_at = models.DateTimeField()
    dial_code = models.CharField(max_length=4)
    sent = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hour_at", "dial_code"], name="sms_hour_once")]

    def __str__(self) -> str:
        return f"{self.hour_at:%Y-%m-%d %H} h +{self.dial_code} × {self.sent}"
