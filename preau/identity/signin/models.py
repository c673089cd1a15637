"""Sessions of families, and the counters that slow down guessing."""

from datetime import datetime, timedelta

from django.db import models

from preau.identity.accounts.models import Account
from preau.identity.factors.models import AuthenticatorFacts, PasskeyFacts

# The journal keeps what happened.
KEPT = timedelta(days=30)


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions, as adjectives."""

    def purge(self, *, at: datetime) -> int:
        """Forget those begun long ago, that no service needs any more; returns how many."""
        return self.filter(started_at__lte=at - KEPT).exclude(needed_until_at__gt=at).delete()[0]


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
    needed_until_at = models.DateTimeField(null=True, help_text="A service may act for the holder until then")
    reminded_at = models.DateTimeField(null=True, help_text="The reminder to confirm an e-mail was passed over")

    # In clear for one response only, when the visit was renewed.
    new_key: str = ""

    objects = SessionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "-started_at"], name="session_of_account"),
            models.Index(fields=["started_at"], name="session_by_age"),
            models.Index(fields=["ended_at"], name="session_ended", condition=models.Q(ended_at__isnull=False)),
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


class CodeQuerySet(models.QuerySet["Code"]):
    """Short codes, as adjectives and places."""

    def of(self, *, trail: str, purpose: str) -> "CodeQuerySet":
        """Those asked for one thing on one walk, newest first."""
        return self.filter(trail=trail, purpose=purpose).order_by("-pk")

    def drawn(self) -> "CodeQuerySet":
        """Those that were made: the message left, or would have had there been somebody."""
        return self.exclude(drawn_at=None)

    def purge(self, *, at: datetime) -> int:
        """Forget those asked before `at`; returns how many."""
        return self.filter(asked_at__lte=at).delete()[0]


class Code(models.Model):
    """A short code asked once, on one walk of one browser, for one purpose. Written by signin/codes.py.

    Drawn by the worker at the moment of sending. The row is the same whether or not there is somebody to send it to.
    """

    trail = models.CharField(max_length=16, help_text="The draft it is bound to")
    purpose = models.CharField(max_length=40)
    way = models.CharField(max_length=8)
    on = models.CharField(max_length=60, blank=True, help_text="Key of the person it is for; empty: nobody")
    sealed = models.BinaryField(help_text="The number or the address, encrypted")
    counter = models.CharField(max_length=100, help_text="Keyed digest of the number: the day's budget it counts in")
    digest = models.CharField(max_length=80, blank=True)
    asked_at = models.DateTimeField(db_index=True)
    drawn_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True, help_text="The gateway or the mail server took it, or may have")
    used_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = CodeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["trail", "purpose", "-id"], name="code_of_trail"),
            models.Index(fields=["counter", "left_at"], name="code_of_number"),
        ]
        constraints = [
            models.CheckConstraint(name="code_three_tries", condition=models.Q(tries__lte=3)),
            models.CheckConstraint(
                name="code_drawn_or_not",
                condition=models.Q(drawn_at=None, digest="")
                | (models.Q(drawn_at__isnull=False) & ~models.Q(digest="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.asked_at:%Y-%m-%d %H:%M}"


class Passkey(PasskeyFacts):
    """A passkey of an account's holder: it opens the door by itself. A reset leaves it in place (design.md §6.6)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="passkeys")


class Authenticator(AuthenticatorFacts):
    """The authenticator of an account's holder: once confirmed, its code is asked after the password."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="authenticator")

    def __str__(self) -> str:
        return f"{self.account_id}"


class RecoveryCode(models.Model):
    """A code on paper for the day the phone is lost: a keyed digest, good once."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=80, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.account_id} {self.made_at:%Y-%m-%d}"


class Removed(models.TextChoices):
    """How an asking that lost factors be removed ended."""

    DONE = "done", "retirés"
    KEPT = "kept", "gardés : refusé, ou abandonné par l’établissement"
    USED = "used", "gardés : l’un d’eux a servi entre-temps"


class FactorRemovalQuerySet(models.QuerySet["FactorRemoval"]):
    """Askings, as adjectives."""

    def waiting(self) -> "FactorRemovalQuerySet":
        """Neither done nor refused."""
        return self.filter(outcome="")

    def due(self, at: datetime) -> "FactorRemovalQuerySet":
        """Waiting, and the day has passed."""
        return self.waiting().filter(effective_at__lte=at)


class FactorRemoval(models.Model):
    """The school asked that the lost application and passkeys of an account be removed. Written by lost_factors.py."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="factor_removals")
    asked_by = models.CharField(max_length=60)
    uai = models.CharField(max_length=8, blank=True)
    asked_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    outcome = models.CharField(max_length=5, choices=Removed.choices, blank=True)
    closed_at = models.DateTimeField(null=True)

    objects = FactorRemovalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(outcome=""), name="factor_removal_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", closed_at=None)
                | (~models.Q(outcome="") & models.Q(closed_at__isnull=False)),
                name="factor_removal_closed_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.asked_at:%Y-%m-%d %H:%M}"


class FranceConnectVisit(models.Model):
    """A visit that FranceConnect opened, with what signing out of it will need: the ID token, encrypted."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="franceconnect")
    sealed_token = models.TextField()

    def __str__(self) -> str:
        return f"{self.session_id} ← FranceConnect"


# Django looks for models here; the transition's are with the rest of it.
from preau.identity.signin.old_accounts import OldAccount as OldAccount  # noqa: E402
from preau.identity.signin.old_accounts import OldRecipe as OldRecipe  # noqa: E402
