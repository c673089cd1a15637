"""What is kept of a factor, whoever holds it; and the questions that wait for an answer."""

from datetime import datetime

from django.db import models


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    """Questions, as adjectives."""

    def purge(self, *, at: datetime) -> int:
        """Forget those nobody answered in time; returns how many."""
        return self.filter(expires_at__lte=at).delete()[0]


class Challenge(models.Model):
    """A question put to a passkey, answered once. The row is one keyed digest of the question, the browser, the
    person and the purpose: it tells nothing, and an answer meant for another of these finds no row."""

    digest = models.CharField(max_length=80, unique=True)
    expires_at = models.DateTimeField(db_index=True)

    objects = ChallengeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.digest[:12]} {self.expires_at:%Y-%m-%d %H:%M}"


class PasskeyFacts(models.Model):
    """A passkey as the site knows it: its public half. Nothing here opens anything."""

    credential_id = models.CharField(max_length=1400, unique=True, help_text="base64url, 1023 bytes at most")
    public_key = models.BinaryField(help_text="COSE (RFC 9052)")
    sign_count = models.BigIntegerField(default=0)
    is_synced = models.BooleanField(default=False, help_text="Kept by an account (iCloud, Google…), not by one device")
    name = models.CharField(max_length=40)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name} ({self.credential_id[:8]}…)"


class AuthenticatorFacts(models.Model):
    """An authenticator (RFC 6238). Its seed is encrypted under the master secret; it counts once a code confirms it."""

    sealed_seed = models.BinaryField()
    enrolled_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0, help_text="A code is good once")

    class Meta:
        abstract = True
