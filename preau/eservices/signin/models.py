"""Who is signed in here, since when, and what Préau said of them while it lasts."""

from datetime import datetime, timedelta
from typing import ClassVar, Final, Self

from django.db import models
from django.db.models import F, Q

LIVES: Final = timedelta(hours=8)
SLEEPS_AFTER: Final = timedelta(minutes=30)
"""A school day at most, half an hour without a click: these pages are also read on shared computers."""


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions, by whether they still open anything."""

    def alive(self, at: datetime) -> Self:
        """Neither past their day nor asleep at the instant `at`."""
        return self.filter(opened_at__gt=at - LIVES, seen_at__gt=at - SLEEPS_AFTER)

    def ended(self, at: datetime) -> Self:
        """Everything `alive` leaves out."""
        return self.filter(Q(opened_at__lte=at - LIVES) | Q(seen_at__lte=at - SLEEPS_AFTER))


class Session(models.Model):
    """One signed-in browser. The cookie is known by its digest alone: the table opens no session.

    `claims` is the userinfo answer as received. It is never edited, and goes with the session.
    """

    digest = models.CharField(max_length=64, unique=True)
    subject = models.CharField(max_length=255, db_index=True)
    sid = models.CharField(max_length=255, blank=True, db_index=True)
    id_token = models.TextField()
    claims = models.JSONField()
    opened_at = models.DateTimeField(db_index=True)
    seen_at = models.DateTimeField(db_index=True)

    objects: ClassVar[models.Manager["Session"]] = models.Manager.from_queryset(SessionQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(seen_at__gte=F("opened_at")), name="session_seen_after_it_opened"),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"
