"""Staff: who the portal brings, who the school's base names, what each may do and where."""

from datetime import date, datetime

from django.db import models
from django.db.models import Q

from preau.design import text
from preau.identity.directory.models import Academy, Division, School
from preau.identity.factors.models import AuthenticatorFacts, PasskeyFacts

EVERYWHERE = "Tout le déploiement"


class Role(models.TextChoices):
    """What a person is, in one school, in one academy, or for the whole deployment."""

    HEAD = "head", "Chef d’établissement"
    DEPUTY = "deputy", "Adjoint"
    DELEGATE = "delegate", "Délégataire"
    FORM_TUTOR = "form_tutor", "Professeur principal"
    ACADEMY_SUPPORT = "academy_support", "Assistance académique"
    OPERATOR = "operator", "Exploitant"


class StaffRecord(models.Model):
    """A person of a school's STS base: somebody to expect, not a way to know them. Key: (school, TYPE, ID)."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="staff_records")
    source_type = models.CharField(max_length=10)
    source_key = models.CharField(max_length=20)
    surname = models.CharField(max_length=100)
    first_name = models.CharField(max_length=100)
    title = models.CharField(max_length=4, blank=True)
    function = models.CharField(max_length=10, blank=True, help_text="ENS, DIR, EDU…; unknown gives no right")
    gone_on = models.DateField(null=True, help_text="No longer in the base since that day")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "source_type", "source_key"], name="staff_record_once_per_base")
        ]

    def __str__(self) -> str:
        return f"{self.surname} {self.first_name}"


class Tutorship(models.Model):
    """A person is form tutor of a division, from one day to another."""

    record = models.ForeignKey(StaffRecord, on_delete=models.CASCADE, related_name="tutorships")
    division = models.ForeignKey(Division, on_delete=models.CASCADE, related_name="tutorships")
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "division"], name="tutorship_once")]

    def __str__(self) -> str:
        return f"{self.record_id} → {self.division_id}"


class StaffMember(models.Model):
    """A person as the staff portal knows them: one row per (issuer, subject)."""

    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=200)
    surname = models.CharField(max_length=100)
    first_name = models.CharField(max_length=100)
    email = models.CharField(max_length=254, blank=True)
    school = models.ForeignKey(School, null=True, on_delete=models.SET_NULL, help_text="Where the portal posts them")
    suspended_at = models.DateTimeField(null=True)
    suspended_reason = models.CharField(max_length=200, blank=True)
    reinstated_at = models.DateTimeField(null=True, help_text="Quotas count from then on")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="staff_member_once")]

    def __str__(self) -> str:
        return f"{self.surname} {self.first_name}"

    @property
    def key(self) -> str:
        """How the journal names them."""
        return f"staff:{self.pk}"

    @property
    def name(self) -> str:
        """« Claire Vasseur », to the person."""
        return text.person_name(self.first_name, self.surname)


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants, as adjectives."""

    def in_force(self, day: date) -> "GrantQuerySet":
        """Begun and not ended on `day`, and confirmed."""
        begun = Q(starts_on=None) | Q(starts_on__lte=day)
        running = Q(ends_on=None) | Q(ends_on__gte=day)
        return self.filter(begun & running, confirmed_at__isnull=False, revoked_at=None)

    def waiting(self) -> "GrantQuerySet":
        """Asked for, neither confirmed nor refused."""
        return self.filter(confirmed_at=None, revoked_at=None)

    def of_school(self, uai: str) -> "GrantQuerySet":
        """In one school."""
        return self.filter(school=uai)


class Source(models.TextChoices):
    """Where a grant comes from."""

    PORTAL = "portal", "portail des personnels"
    HEAD = "head", "confirmé par le chef d’établissement"
    OPERATOR = "operator", "exploitant"


class Grant(models.Model):
    """A role of a staff member, in one school, in one academy, or everywhere (the operator), for a time.

    A head's comes from the portal (FrEduRneResp with DIR). Any other is asked for by the person and confirmed by the
    head; a form tutor's names the STS record confirmed to be theirs, and its divisions follow that record's tutorships.
    """

    member = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=16, choices=Role.choices)
    school = models.ForeignKey(School, null=True, on_delete=models.CASCADE, related_name="grants")
    academy = models.ForeignKey(Academy, null=True, on_delete=models.CASCADE, related_name="grants")
    record = models.ForeignKey(StaffRecord, null=True, on_delete=models.CASCADE, related_name="grants")
    source = models.CharField(max_length=8, choices=Source.choices)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=60, blank=True)
    revoked_at = models.DateTimeField(null=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(school__isnull=False, academy__isnull=True)
                | Q(school__isnull=True, academy__isnull=False, role=Role.ACADEMY_SUPPORT)
                | Q(school__isnull=True, academy__isnull=True, role=Role.OPERATOR),
                name="grant_has_one_scope",
            ),
            models.UniqueConstraint(
                fields=["member", "role", "school"], condition=Q(revoked_at=None), name="grant_once_per_school"
            ),
            models.UniqueConstraint(
                fields=["member"], condition=Q(revoked_at=None, role=Role.OPERATOR), name="grant_of_operator_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.role} {self.school_id or self.academy_id or ''}".strip()

    @property
    def place(self) -> str:
        """Where it holds, to be read."""
        return str(self.school or self.academy or EVERYWHERE)

    def is_in_force_on(self, day: date) -> bool:
        """The rule of `GrantQuerySet.in_force`, for one."""
        begun = self.starts_on is None or self.starts_on <= day
        running = self.ends_on is None or day <= self.ends_on
        return begun and running and self.confirmed_at is not None and self.revoked_at is None

    def divisions_on(self, day: date) -> list[int]:
        """Divisions a form tutor answers for on `day` (ended mandates stay in the base's file: dates decide)."""
        mandates = Tutorship.objects.filter(
            Q(starts_on=None) | Q(starts_on__lte=day), Q(ends_on=None) | Q(ends_on__gte=day), record=self.record_id
        )
        return list(mandates.values_list("division_id", flat=True))


class StaffSession(models.Model):
    """A visit of a staff member to the desk. The browser holds a random key, this row its keyed digest."""

    digest = models.CharField(max_length=80, unique=True)
    member = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="sessions")
    grant = models.ForeignKey(Grant, null=True, on_delete=models.CASCADE, related_name="sessions")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # The second factor: the portal's at entry (amr, auth_time), or ours, at the instant it was proved.
    portal_factor = models.CharField(max_length=30, blank=True)
    portal_factor_at = models.DateTimeField(null=True)
    own_factor_at = models.DateTimeField(null=True)
    id_token = models.TextField(blank=True, help_text="Hint for the portal's sign-out")

    def __str__(self) -> str:
        return f"{self.member_id} {self.started_at:%Y-%m-%d %H:%M}"


class Totp(AuthenticatorFacts):
    """An authenticator (RFC 6238) of a staff member."""

    member = models.OneToOneField(StaffMember, on_delete=models.CASCADE, related_name="totp")
    failures = models.PositiveSmallIntegerField(default=0, help_text="Wrong codes in a row")
    failed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.member_id}"

    def is_confirmed_at(self, at: datetime) -> bool:
        """Its holder typed one good code."""
        return self.confirmed_at is not None and self.confirmed_at <= at


class StaffPasskey(PasskeyFacts):
    """A passkey of a staff member: a second factor behind the portal's door, never the door itself."""

    member = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="passkeys")
