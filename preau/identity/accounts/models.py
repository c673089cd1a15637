"""Accounts and what opens them."""
# size: the rows an account may have, one class each

from datetime import date, datetime
from typing import Literal

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef, Q

from preau.identity.accounts import origins, states
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import State
from preau.identity.directory.models import Enrolment, Guardian, Guardianship, Pupil


class Kind(models.TextChoices):
    """For whom."""

    GUARDIAN = "guardian", "Responsable"
    PUPIL = "pupil", "Élève"


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts, as adjectives and places."""

    def guardians(self) -> "AccountQuerySet":
        """Of guardians."""
        return self.filter(kind=Kind.GUARDIAN)

    def pupils(self) -> "AccountQuerySet":
        """Of pupils."""
        return self.filter(kind=Kind.PUPIL)

    def of_school(self, uai: str) -> "AccountQuerySet":
        """Of people the school's base knows: its guardians' records, its enrolments."""
        return self.filter(of_school(uai))

    def of_academy(self, code: str) -> "AccountQuerySet":
        """Of people known in one academy's schools."""
        return self.filter(of_academy(code))

    def of_divisions(self, divisions: "list[int]", day: date) -> "AccountQuerySet":
        """Of pupils who are in these divisions on `day`."""
        return self.filter(of_divisions(divisions, day))

    def with_rights_on(self, day: date, uai: str | None = None) -> "AccountQuerySet":
        """Whose holder still has a reason to sign in on `day` (in one school when given)."""
        links = Guardianship.objects.legal().active_on(day).filter(guardian__record__account=OuterRef("pk"))
        enrolments = Enrolment.objects.active_on(day).filter(pupil=OuterRef("pupil"))
        if uai is not None:
            links, enrolments = links.filter(guardian__school=uai), enrolments.filter(school=uai)
        return self.filter(Q(Exists(links), kind=Kind.GUARDIAN) | Q(Exists(enrolments), kind=Kind.PUPIL))

    def unnotified(self) -> "AccountQuerySet":
        """« Non notifiés »."""
        return self.filter(state=State.UNNOTIFIED)

    def with_something_to_burn(self) -> "AccountQuerySet":
        """Who holds a temporary password, or began with one and has still to confirm an address (`is_half_way`)."""
        half_way = Q(state__in=[State.UNNOTIFIED, State.NOTIFIED]) & ~Q(pending_email="")
        return self.filter(Q(temporary_password__isnull=False) | half_way)

    def not_active(self) -> "AccountQuerySet":
        """Never activated and still open: who a letter is for."""
        return self.filter(state__in=[State.UNNOTIFIED, State.NOTIFIED])


class AccountManager(BaseUserManager["Account"].from_queryset(AccountQuerySet)):  # type: ignore[misc]
    """The manager Django's base user asks for."""


class Account(AbstractBaseUser):
    """The account of one real person: a guardian (with all their records) or a pupil.

    ``state`` is written by accounts/lifecycle.py alone.
    """

    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=list(states.LABELS.items()), default=State.UNNOTIFIED)
    origin = models.CharField(max_length=13, choices=list(origins.LABELS.items()), default=Origin.UNSET)
    username = models.CharField(max_length=60, unique=True)
    pupil = models.OneToOneField(Pupil, null=True, on_delete=models.PROTECT, related_name="account")
    # What the person gave and proved; what the base says stays in the directory.
    email = models.CharField(max_length=254, blank=True)
    email_confirmed_at = models.DateTimeField(null=True)
    pending_email = models.CharField(max_length=254, blank=True)
    # E.164, proved by a code sent to it. The school's number stays in the directory.
    mobile = models.CharField(max_length=20, blank=True)
    mobile_confirmed_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    notified_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    blocked_reason = models.CharField(max_length=200, blank=True)
    # Sessions and tokens older than this are dead (design.md §3: judged at each use).
    credentials_changed_at = models.DateTimeField()
    must_change_password = models.BooleanField(default=False, help_text="Asked by a campaign, or after a reset")
    last_signed_in_at = models.DateTimeField(null=True)
    last_login = None

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    objects = AccountManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=Kind.PUPIL, pupil__isnull=False) | Q(kind=Kind.GUARDIAN, pupil__isnull=True),
                name="account_pupil_is_a_pupil",
            ),
            # « Non renseigné » ⇔ never activated, « Notifié » included (design.md §5).
            models.CheckConstraint(
                condition=Q(origin=Origin.UNSET, activated_at__isnull=True)
                | (~Q(origin=Origin.UNSET) & Q(activated_at__isnull=False)),
                name="account_origin_unset_until_activated",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ACTIVE) | Q(activated_at__isnull=False), name="account_active_was_activated"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.UNNOTIFIED, State.NOTIFIED]) | Q(activated_at__isnull=True),
                name="account_waiting_never_activated",
            ),
            models.CheckConstraint(
                condition=Q(email_confirmed_at__isnull=True) | ~Q(email=""), name="account_confirmed_email_is_one"
            ),
            models.CheckConstraint(
                condition=Q(mobile_confirmed_at__isnull=True, mobile="")
                | (Q(mobile_confirmed_at__isnull=False) & ~Q(mobile="")),
                name="account_mobile_is_proved",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "kind"], name="account_state"),
            models.Index(fields=["email"], name="account_email", condition=~Q(email="")),
            models.Index(fields=["mobile"], name="account_mobile", condition=~Q(mobile="")),
            # The worker looks for visits that a change of credentials killed.
            models.Index(fields=["credentials_changed_at"], name="account_credentials"),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def key(self) -> str:
        """How the journal names them."""
        return f"account:{self.pk}"

    @property
    def is_anonymous(self) -> Literal[False]:
        """Never: an anonymous request has no account at all."""
        return False

    def is_open(self) -> bool:
        """May be used or come to be used."""
        return self.state in {State.UNNOTIFIED, State.NOTIFIED, State.ACTIVE}

    def is_half_way(self) -> bool:
        """Everything was chosen, with the school's letter or an old account; the link sent is not confirmed yet."""
        return self.state in {State.UNNOTIFIED, State.NOTIFIED} and bool(self.pending_email)

    def has_confirmed_email(self) -> bool:
        """The person proved to receive mail at `email`."""
        return self.email_confirmed_at is not None

    def has_confirmed_mobile(self) -> bool:
        """The person typed back a code sent to `mobile`."""
        return self.mobile_confirmed_at is not None

    def holder(self) -> "Pupil | Guardian | None":
        """Who it belongs to, as the bases name them (the newest record of a guardian)."""
        if self.kind == Kind.PUPIL:
            return self.pupil
        record = self.newest_records().first()
        return record.guardian if record else None

    def newest_records(self) -> "models.QuerySet[GuardianRecord]":
        """A guardian's records in the bases, the newest first."""
        return GuardianRecord.objects.filter(account=self.pk).select_related("guardian").order_by("-guardian_id")

    def guardianships(self, day: date) -> "models.QuerySet[Guardianship]":
        """The legal links this account opens on `day`, its children in all schools."""
        return (
            Guardianship.objects.legal()
            .active_on(day)
            .filter(guardian__record__account=self.pk)
            .select_related("enrolment__pupil", "enrolment__school", "enrolment__division")
            .order_by("enrolment__pupil__birth_on", "enrolment__pupil_id")
        )

    def shown_records(self) -> "models.QuerySet[GuardianRecord]":
        """A guardian's records whose school may be named to them: no child of theirs there has a protected file."""
        frozen = Guardianship.objects.frozen().filter(guardian=OuterRef("guardian"), is_legal=True, ended_at=None)
        return self.records.filter(~Exists(frozen))

    def enrolments(self, day: date) -> "models.QuerySet[Enrolment]":
        """Where the pupil is enrolled on `day`."""
        return Enrolment.objects.active_on(day).filter(pupil=self.pupil_id).select_related("school", "division")


class GuardianRecord(models.Model):
    """A guardian's record in one base, proven to be the holder's."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="records")
    guardian = models.OneToOneField(Guardian, on_delete=models.CASCADE, related_name="record")
    gathered_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id} ← {self.guardian_id}"


# Places, as conditions on accounts reached through `prefix` (``record__account__`` from a guardian). Lists of numbers
# rather than a question asked of each account: four times faster on a school of 2,000, on both engines.
def of_school(uai: str, prefix: str = "") -> Q:
    """The condition of `AccountQuerySet.of_school`."""
    return _known_by(GuardianRecord.objects.filter(guardian__school=uai), Enrolment.objects.filter(school=uai), prefix)


def of_academy(code: str, prefix: str = "") -> Q:
    """The condition of `AccountQuerySet.of_academy`."""
    records = GuardianRecord.objects.filter(guardian__school__academy=code)
    return _known_by(records, Enrolment.objects.filter(school__academy=code), prefix)


def of_divisions(divisions: "list[int]", day: date, prefix: str = "") -> Q:
    """The condition of `AccountQuerySet.of_divisions`."""
    pupils = Enrolment.objects.active_on(day).filter(division__in=divisions).values("pupil")
    return Q(**{f"{prefix}kind": Kind.PUPIL, f"{prefix}pupil__in": pupils})


def in_the_hands_of(day: date, prefix: str = "", **place: object) -> Q:
    """Whom the schools of a place act for, and not only see: guardians of their pupils, pupils they decide for.

    `place`: ``school=…`` or ``school__academy=…``.
    """
    enrolments = Enrolment.objects.deciding_on(day).filter(**place)
    links = Guardianship.objects.legal().filter(enrolment__in=Enrolment.objects.active_on(day).filter(**place))
    return _known_by(GuardianRecord.objects.filter(guardian__in=links.values("guardian")), enrolments, prefix)


def _known_by(records: "models.QuerySet[GuardianRecord]", enrolments: "models.QuerySet[Enrolment]", prefix: str) -> Q:
    guardians = Q(**{f"{prefix}kind": Kind.GUARDIAN, f"{prefix}pk__in": records.values("account")})
    return guardians | Q(**{f"{prefix}kind": Kind.PUPIL, f"{prefix}pupil__in": enrolments.values("pupil")})


class Channel(models.TextChoices):
    """How a temporary password reached, or will reach, its holder."""

    LETTER = "letter", "lettre"
    SHEET = "sheet", "fiche"
    ROSTER = "roster", "liste"
    EMAIL = "email", "courriel"
    TUTOR = "tutor", "professeur principal"


class TemporaryPassword(models.Model):
    """The one outstanding temporary password of an account, as a keyed digest: the newest kills the one before."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="temporary_password")
    digest = models.CharField(max_length=80)
    channel = models.CharField(max_length=6, choices=Channel.choices)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id} {self.channel}"

    def is_expired_at(self, at: datetime) -> bool:
        """The doors only compare: who made it decided how long it lives (distribution/expiry.py)."""
        return at >= self.expires_at


class OneTimeLink(models.Model):
    """A link sent by e-mail (to confirm an address): keyed digest, one use, dies with the address it was sent to."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=30)
    sent_to = models.CharField(max_length=254)
    digest = models.CharField(max_length=80, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.account_id} {self.purpose}"


class FranceConnectLink(models.Model):
    """The identity that opens an account through FranceConnect. Neither its subject nor its civil status is readable.

    The subject is pairwise and changes with the civil status (a marriage, a correction of the register): then the
    holder proves themselves again and the link is replaced.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="franceconnect")
    subject = models.CharField(max_length=64, unique=True, help_text="Pseudonym of the subject")
    linked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id} ← FranceConnect"


class Outcome(models.TextChoices):
    """How the change of a channel ended."""

    DONE = "done", "faite"
    CANCELLED = "cancelled", "annulée"
    REFUSED = "refused", "refusée par l’ancien canal"
    EXPIRED = "expired", "jamais confirmée"


class ChannelChange(models.Model):
    """A proved address or mobile being replaced: the new one is proved, then the old one agrees or 48 h pass.

    Or a first one given beside the other, that is proved: it waits as long, and nobody agrees to it.
    Written by accounts/channel_changes.py.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="channel_changes")
    way = models.CharField(max_length=5, choices=[("email", "courriel"), ("sms", "SMS")])
    previous = models.CharField(max_length=254, help_text="The address or number proved until now")
    address = models.CharField(max_length=254, help_text="The one that is to replace it")
    asked_at = models.DateTimeField()
    takes_effect_at = models.DateTimeField(help_text="If the old channel says nothing")
    proved_at = models.DateTimeField(null=True, help_text="The new one was proved")
    agreed_at = models.DateTimeField(null=True, help_text="The old one said yes")
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "way"], condition=Q(ended_at=None), name="channel_change_one_waits"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="channel_change_ended_somehow",
            ),
        ]
        indexes = [
            models.Index(fields=["takes_effect_at"], name="channel_change_waiting", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.way} {self.outcome or 'waits'}"

    @property
    def is_first(self) -> bool:
        """It replaces nothing: the account had proved no channel of that kind."""
        return not self.previous

    def is_alive(self) -> bool:
        """It waits still: not ended, and nothing happened to the account's credentials since it was asked."""
        account = self.account
        is_same = self.asked_at >= account.credentials_changed_at
        return self.ended_at is None and account.state == State.ACTIVE and is_same


class RemovalOutcome(models.TextChoices):
    """How an asking that an account forget a channel ended."""

    DONE = "done", "oublié"
    KEPT = "kept", "gardé : refusé, ou abandonné par l’établissement"


class ChannelRemovalQuerySet(models.QuerySet["ChannelRemoval"]):
    """Askings, as adjectives."""

    def waiting(self) -> "ChannelRemovalQuerySet":
        """Neither done nor refused."""
        return self.filter(outcome="")

    def due(self, at: datetime) -> "ChannelRemovalQuerySet":
        """Waiting, and the day has passed."""
        return self.waiting().filter(effective_at__lte=at)


class ChannelRemoval(models.Model):
    """The school asked that an account forget its address, or its mobile. Written by accounts/channel_removals.py."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="channel_removals")
    way = models.CharField(max_length=5, choices=[("email", "courriel"), ("sms", "SMS")])
    asked_by = models.CharField(max_length=60)
    uai = models.CharField(max_length=8, blank=True)
    asked_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    outcome = models.CharField(max_length=4, choices=RemovalOutcome.choices, blank=True)
    closed_at = models.DateTimeField(null=True)

    objects = ChannelRemovalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(outcome=""), name="channel_removal_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(outcome="", closed_at=None) | (~Q(outcome="") & Q(closed_at__isnull=False)),
                name="channel_removal_closed_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.way} {self.outcome or 'waits'}"


class Closing(models.Model):
    """The holder asked to close the account. Signing in since then takes the asking back: derived, never written."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="closing")
    asked_at = models.DateTimeField()
    takes_effect_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.account_id} {self.takes_effect_at:%Y-%m-%d}"

    def is_taken_back(self) -> bool:
        """The holder signed in after asking."""
        signed_in_at = self.account.last_signed_in_at
        return signed_in_at is not None and signed_in_at > self.asked_at


class Merge(models.Model):
    """Two accounts of one person became one. For thirty days it can be undone (accounts/lifecycle.py)."""

    kept = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="merges")
    absorbed = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="merged_into")
    guardians = models.JSONField(default=list, help_text="Records that moved from the one to the other")
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True, help_text="Thirty days passed: the absorbed account is closed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["absorbed"], condition=Q(undone_at=None), name="merge_absorbed_once"),
            models.CheckConstraint(condition=~Q(kept=models.F("absorbed")), name="merge_two_accounts"),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.kept_id}"


class PastPassword(models.Model):
    """A password the holder had, as it was kept then. Written by accounts/past_passwords.py."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="past_passwords")
    encoded = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id} {self.replaced_at:%Y-%m-%d}"


class AskedMerge(models.Model):
    """Two accounts in use that will become one: every channel of both was told, either holder may still say no.

    Written by accounts/merging.py.
    """

    kept = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="asked_merges")
    absorbed = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="asked_merges_into")
    asked_at = models.DateTimeField()
    takes_effect_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)
    is_done = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["absorbed"], condition=Q(ended_at=None), name="asked_merge_one_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.kept_id} ?"


class AloneOpening(models.Model):
    """An account that FranceConnect alone opened, everybody being told: for 72 hours it can be undone.

    Written by accounts/alone.py. Kept once undone: that account is not opened alone a second time.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="alone_opening")
    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="+", help_text="The record claimed")
    made_at = models.DateTimeField()
    settles_at = models.DateTimeField(help_text="Nothing undoes it from then on")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(undone_at__lt=models.F("settles_at")),
                name="alone_opening_undone_in_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.made_at:%Y-%m-%d}"

    def is_undoable_at(self, at: datetime) -> bool:
        """Not undone yet, and the 72 hours have not passed."""
        return self.undone_at is None and at < self.settles_at


class UndoLink(models.Model):
    """A link that undoes such an opening, sent to one of those who are told: keyed digest, made when it is sent."""

    opening = models.ForeignKey(AloneOpening, on_delete=models.CASCADE, related_name="links")
    by = models.CharField(max_length=60, help_text="Whom it was sent to, for the journal")
    digest = models.CharField(max_length=80, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.opening_id} {self.by}"


class UsernameStem(models.Model):
    """How many usernames of a stem were ever given: none is given twice."""

    stem = models.CharField(primary_key=True, max_length=50)
    last_number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.stem} × {self.last_number}"
