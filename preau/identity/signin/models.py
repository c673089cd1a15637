"""Sessions of families, and the counters that slow down guessing."""

from datetime import datetime

from django.db import models

from preau.identity.accounts.models import Account


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions, as adjectives."""

    def purge(self, *, at: datetime) -> int:
        """Forget those too old to open anything; returns how many."""
        return self.filter(started_at__lte=at).delete()[0]


class Session(models.Model):
    """A visit of an account's holder. The browser holds a random key, this row its keyed digest.

    It is judged at each use against the account's state and `credentials_changed_at`: nothing has to end it from below.
    """

    digest = models.CharField(max_length=80, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sessions")
    # Public name of the session in ID tokens (`sid`): opens nothing.
    sid = models.CharField(max_length=40, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    authenticated_at = models.DateTimeField(help_text="`auth_time`: when the holder last proved who they are")
    amr = models.CharField(max_length=40, default="pwd", help_text="Methods used, space separated (RFC 8176)")
    device = models.CharField(max_length=120, blank=True, help_text="What the browser says it is, shortened")
    # Where the person was going when they were asked to sign in: one of our own paths, or nothing.
    going_to = models.TextField(blank=True)
    reminded_at = models.DateTimeField(null=True, help_text="The reminder to confirm an e-mail was passed over")

    # In clear for one response only, when the visit was renewed.
    new_key: str = ""

    objects = SessionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "-started_at"], name="session_of_account"),
            models.Index(fields=["started_at"], name="session_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.started_at:%Y-%m-%d %H:%M}"


class FailureQuerySet(models.QuerySet["Failure"]):
    """Counters, as adjectives."""

    def purge(self, *, at: datetime) -> int:
        """Forget those whose time has passed; returns how many."""
        return self.filter(until_at__lte=at).delete()[0]


class Failure(models.Model):
    """How many times one key (a device, a network, a record) failed, until the instant it is forgotten.

    The key is a keyed digest: the table tells neither who nor from where. Written by signin/counters.py.
    """

    key = models.CharField(max_length=100, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    until_at = models.DateTimeField(db_index=True)

    objects = FailureQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.key[:12]} × {self.count}"
