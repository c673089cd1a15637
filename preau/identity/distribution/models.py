"""What left, for whom, by which way. A row never holds a secret nor an address."""

from datetime import datetime

from django.db import models
from django.db.models import Count, Q

from preau.identity.accounts.models import Account
from preau.identity.directory.models import School
from preau.identity.distribution.wishes import Layout, Wish
from preau.identity.messaging.models import Outgoing


class Way(models.TextChoices):
    """How a notice reaches its person."""

    INVITATION = "invitation", "invitation par courriel"
    INVITATION_LETTER = "invitation_letter", "invitation sur papier"
    EMAIL = "email", "identifiant et mot de passe provisoire par courriel"
    LETTER = "letter", "lettre"
    SHEET = "sheet", "fiche"
    TUTOR = "tutor", "remis en main propre"


BY_MAIL = (Way.INVITATION, Way.EMAIL)
ON_PAPER = (Way.INVITATION_LETTER, Way.LETTER, Way.SHEET)
WITH_SECRET = (Way.EMAIL, Way.LETTER, Way.SHEET, Way.TUTOR)


class BatchQuerySet(models.QuerySet["Batch"]):
    """Batches, as adjectives and places."""

    def of_school(self, uai: str) -> "BatchQuerySet":
        """Of one school, newest first."""
        return self.filter(school=uai).order_by("-id")

    def counted(self) -> "BatchQuerySet":
        """With how many left, wait, were printed."""
        return self.annotate(
            mails=Count("notices", filter=Q(notices__way__in=BY_MAIL)),
            sent=Count("notices", filter=Q(notices__outgoing__sent_at__isnull=False, notices__withheld="")),
            papers=Count("notices", filter=Q(notices__way__in=ON_PAPER)),
            printed=Count("notices", filter=Q(notices__way__in=ON_PAPER, notices__made_at__isnull=False)),
        )


class Batch(models.Model):
    """One sending decided by one person: the notices of many accounts of one school."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="batches")
    wish = models.CharField(max_length=12, choices=Wish.choices)
    layout = models.CharField(max_length=4, choices=Layout.choices, default=Layout.FOUR)
    has_list = models.BooleanField(default=False, help_text="Lists with the secrets go with the sheets")
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    # The form's own number: sent twice, it makes one batch.
    once = models.CharField(max_length=64, unique=True)
    downloaded_at = models.DateTimeField(null=True, help_text="Its paper was printed; again is a new edition")
    editions = models.PositiveSmallIntegerField(default=0)
    stopped_at = models.DateTimeField(null=True, help_text="What had not left will not")

    objects = BatchQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["school", "-id"], name="batch_of_school")]
        constraints = [
            models.CheckConstraint(
                condition=Q(editions=0, downloaded_at__isnull=True) | Q(editions__gt=0, downloaded_at__isnull=False),
                name="batch_downloaded_has_an_edition",
            )
        ]

    def __str__(self) -> str:
        return f"{self.wish} {self.school_id} {self.made_at:%Y-%m-%d}"

    @property
    def key(self) -> str:
        """How the journal names it."""
        return f"batch:{self.pk}"


class Withheld(models.TextChoices):
    """Why a message that was planned did not leave."""

    ACTIVE = "active", "le compte a été activé entre-temps"
    SHARED = "shared", "l’adresse est devenue commune à plusieurs personnes"
    RECENT = "recent", "ajouté ou changé il y a moins de deux jours : pas de mot de passe par courriel"
    PROTECTED = "protected", "un enfant a un dossier protégé : à remettre en main propre"
    NO_ADDRESS = "no_address", "il n’y a plus d’adresse"
    NO_RIGHTS = "no_rights", "le compte n’est plus à notifier"
    STOPPED = "stopped", "l’envoi a été arrêté"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices, as adjectives."""

    def by_mail(self) -> "NoticeQuerySet":
        """By e-mail."""
        return self.filter(way__in=BY_MAIL)

    def on_paper(self) -> "NoticeQuerySet":
        """On paper."""
        return self.filter(way__in=ON_PAPER)

    def waiting(self) -> "NoticeQuerySet":
        """Messages that will still be tried."""
        return self.filter(outgoing__sent_at=None, outgoing__given_up_at=None).exclude(outgoing=None)

    def doubled(self) -> "NoticeQuerySet":
        """Messages sent again because the fate of the first was unknown."""
        return self.filter(outgoing__is_doubtful=True, outgoing__sent_at__isnull=False, withheld="")


class Notice(models.Model):
    """What one account receives in a batch."""

    batch = models.ForeignKey(Batch, null=True, on_delete=models.CASCADE, related_name="notices")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="notices")
    way = models.CharField(max_length=17, choices=Way.choices)
    outgoing = models.OneToOneField(Outgoing, null=True, on_delete=models.SET_NULL, related_name="notice")
    withheld = models.CharField(max_length=10, choices=Withheld.choices, blank=True)
    # Of its newest secret, or of its paper: empty until then.
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "account"], name="notice_once_per_batch")]
        indexes = [models.Index(fields=["account", "-id"], name="notice_of_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.way}"

    def is_expired_at(self, at: datetime) -> bool:
        """What it carried opens nothing any more."""
        return self.expires_at is not None and at >= self.expires_at
