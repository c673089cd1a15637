"""What a pupil asks of their guardians."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from preau.identity.accounts.models import Account


class ApprovalQuerySet(models.QuerySet["Approval"]):
    """Requests, as adjectives and places."""

    def standing(self, at: datetime) -> "ApprovalQuerySet":
        """Neither ended nor too old."""
        return self.filter(ended_at=None, until_at__gt=at)

    def on_walk(self, trail: str, subject: str) -> "ApprovalQuerySet":
        """Those asked on one walk for one username, newest first."""
        return self.filter(trail=trail, subject=subject).order_by("-pk")

    def purge(self, *, at: datetime) -> int:
        """Forget those asked before `at`; returns how many."""
        return self.filter(asked_at__lte=at).delete()[0]


class Approval(models.Model):
    """A pupil's browser asks that a guardian vouch for the pupil. Written by recovery/approvals.py.

    One stands at a time for a username. The row is the same whether or not somebody bears it. The number the guardian
    must type is kept nowhere: it is derived from the row and the walk.
    """

    ref = models.CharField(max_length=16, unique=True, help_text="Its name on the guardian's page: opens nothing")
    trail = models.CharField(max_length=16, help_text="The draft of the browser that asks")
    subject = models.CharField(max_length=64, help_text="Pseudonym of the username typed")
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="approvals")
    device = models.CharField(max_length=64, help_text="Pseudonym of the device that asks")
    device_kind = models.CharField(max_length=20, help_text="téléphone, tablette, ordinateur")
    is_familiar = models.BooleanField(default=False, help_text="The pupil signed in from that device before")
    asked_at = models.DateTimeField(db_index=True)
    until_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0, help_text="Wrong numbers typed")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=60, blank=True, help_text="Key of the guardian's account")
    ended_at = models.DateTimeField(null=True, help_text="Used, refused, replaced, or never shown to anybody")

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject"], condition=Q(ended_at=None), name="approval_one_stands"),
            models.CheckConstraint(condition=Q(tries__lte=3), name="approval_three_tries"),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by="")
                | (Q(approved_at__isnull=False) & ~Q(approved_by="")),
                name="approval_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["trail", "subject"], name="approval_of_walk")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.asked_at:%Y-%m-%d %H:%M}"
