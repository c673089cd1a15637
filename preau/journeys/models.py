"""Drafts: what was answered on the way, for as long as the way lasts."""

from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.crypto import salted_hmac


class DraftQuerySet(models.QuerySet["Draft"]):
    """Drafts, as one looks for them."""

    def of(self, journey: str) -> "DraftQuerySet":
        """Those of one journey."""
        return self.filter(journey=journey)

    def opened_by(self, key: str) -> "DraftQuerySet":
        """The one whose browser holds `key`."""
        return self.filter(key_digest=Draft.digest(key))

    def open_at(self, at: datetime) -> "DraftQuerySet":
        """Those that still last."""
        return self.filter(expires_at__gt=at)

    def purge(self, *, at: datetime) -> int:
        """Forget those whose time has passed; returns how many."""
        return self.filter(expires_at__lte=at).delete()[0]


class Draft(models.Model):
    """One walk in one browser. Never holds a secret in clear; purged when it expires."""

    key_digest = models.CharField(max_length=64, unique=True)
    ref = models.CharField(max_length=16)
    journey = models.CharField(max_length=60)
    facts = models.JSONField(default=dict)
    answers = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    outcome = models.CharField(max_length=500, blank=True)

    objects = DraftQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.journey} {self.ref}"

    @staticmethod
    def digest(key: str) -> str:
        """Keyed digest of the browser's key (256 random bits: no slow hash is needed)."""
        return salted_hmac("preau.journeys.draft", key, algorithm="sha256").hexdigest()

    def locked(self) -> "Draft":
        """The same row, freshly read and held until the transaction ends: two submits of one draft take turns."""
        return Draft.objects.select_for_update().get(pk=self.pk)

    def remember(self, answers: dict[str, Any]) -> None:
        """Keep these answers, and only these."""
        self.answers = answers
        self.save(update_fields=["answers", "facts"])

    def finish(self, outcome: str) -> None:
        """Over: forget the answers, keep where it ended so that a second click lands there too."""
        self.answers, self.facts, self.outcome = {}, {}, outcome
        self.save(update_fields=["answers", "facts", "outcome"])
