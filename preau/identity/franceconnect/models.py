"""Departures for FranceConnect that have not come back yet."""

from datetime import datetime

from django.db import models


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Attempts, as adjectives."""

    def open_at(self, at: datetime) -> "AttemptQuerySet":
        """Those that may still come back, once."""
        return self.filter(used_at=None, expires_at__gt=at)

    def purge(self, *, at: datetime) -> int:
        """Forget those whose time has passed; returns how many."""
        return self.filter(expires_at__lte=at).delete()[0]


class Attempt(models.Model):
    """One departure from one browser. It opens nothing: it says what was asked, and serves once.

    `state`, `nonce` and the browser's key are kept as keyed digests: neither a leaked table nor what FranceConnect
    sees in its logs is worth anything here.
    """

    state = models.CharField(max_length=80, unique=True)
    nonce = models.CharField(max_length=80)
    browser = models.CharField(max_length=80)
    purpose = models.CharField(max_length=20)
    going_to = models.TextField(blank=True)
    about = models.CharField(max_length=80, blank=True, help_text="What the room above wants back: a visit's name…")
    is_fresh = models.BooleanField(default=False, help_text="They were asked to prove who they are anew")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    objects = AttemptQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.purpose} {self.made_at:%Y-%m-%d %H:%M}"
