"""What arrived: e-mails as they came over the wire, short messages as the gateway received them."""

from typing import ClassVar

from django.db import models


class EmailQuerySet(models.QuerySet["Email"]):
    """E-mails, by whom they are for."""

    def to(self, address: str) -> "EmailQuerySet":
        """Those one of whose envelope's recipients is `address`, in any case; all of them when it is empty."""
        return self.filter(recipients__contains=f" {address.strip().lower()} ") if address.strip() else self


class Email(models.Model):
    """One e-mail, byte for byte. `recipients` are the envelope's, lower case, each between two spaces."""

    received_at = models.DateTimeField()
    sender = models.CharField(max_length=320)
    recipients = models.TextField()
    raw = models.BinaryField()

    objects: ClassVar[models.Manager["Email"]] = models.Manager.from_queryset(EmailQuerySet)()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"email {self.pk}"


class Sms(models.Model):
    """One short message. The key makes a repeated call harmless."""

    key = models.CharField(max_length=200, unique=True)
    to = models.CharField(max_length=32, db_index=True)
    text = models.TextField()
    sender = models.CharField(max_length=20, blank=True)
    received_at = models.DateTimeField()
    is_lost = models.BooleanField(default=False, help_text="Accepted, never on the phone")

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "sms"

    def __str__(self) -> str:
        return f"sms {self.pk}"


class Mood(models.TextChoices):
    """How the SMS gateway behaves."""

    GOOD = "good", "Elle marche"
    LOST = "lost", "Elle accepte, mais rien n’arrive"
    ERROR = "error", "Elle répond par une erreur"
    BUSY = "busy", "Elle est débordée"
    REFUSES = "refuses", "Elle refuse le numéro"
    SILENT = "silent", "Elle ne répond pas"
    LATE = "late", "Elle envoie, mais ne répond pas"


class GatewayMood(models.Model):
    """The mood of the one gateway, and how long its silences last."""

    mood = models.CharField(max_length=8, choices=Mood.choices, default=Mood.GOOD)
    seconds = models.FloatField(default=12)

    def __str__(self) -> str:
        return self.mood
