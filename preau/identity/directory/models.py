"""Schools, divisions, pupils, guardians, and the links between them, as the schools' bases know them."""

from datetime import date, datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from preau.identity.directory import names

_KINDS = frozenset(("COLLEGE", "LYCEE", "ECOLE"))


class SchoolKind(models.TextChoices):
    """What kind of school."""

    PRIMARY = "primary", "école"
    LOWER_SECONDARY = "lower_secondary", "collège"
    UPPER_SECONDARY = "upper_secondary", "lycée"


class Academy(models.Model):
    """The regional authority of education (académie)."""

    code = models.CharField(primary_key=True, max_length=3)
    name = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.name


class School(models.Model):
    """An établissement: école, collège or lycée. Its UAI names it everywhere."""

    uai = models.CharField(primary_key=True, max_length=8)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=SchoolKind.choices, default=SchoolKind.LOWER_SECONDARY)
    academy = models.ForeignKey(Academy, null=True, on_delete=models.PROTECT)
    address = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    town = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    school_year = models.PositiveSmallIntegerField(null=True, help_text="Year of the rentrée of the base applied last")
    last_export_at = models.DateTimeField(null=True, help_text="Instant of the newest export applied")

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """How the journal names it."""
        return f"school:{self.uai}"

    def is_called(self, typed: str) -> bool:
        """Whether `typed` is its UAI, or words of its name and town, one at least that every collège does not bear."""
        told = {word for word in names.fold(typed).split() if len(word) > 2} - _KINDS
        return bool(told) and told <= {*names.fold(f"{self.name} {self.town}").split(), self.uai}


class Division(models.Model):
    """A class of a school. Its code is SIECLE's: inner spaces count (``6E 1``)."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="divisions")
    code = models.CharField(max_length=20)
    label = models.CharField(max_length=60, blank=True)
    grade = models.CharField(max_length=4, blank=True, help_text="First four digits of CODE_MEFSTAT: 2111 is 6e")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "code"], name="division_once_per_school")]
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Person(models.Model):
    """What a pupil and a guardian have in common: names as the base writes them."""

    birth_name = models.CharField(max_length=100)
    used_name = models.CharField(max_length=100, blank=True)
    first_name = models.CharField(max_length=100)
    # Folded "surname first-name" (directory/names.py): the same column and the same ranges on both engines.
    search = models.CharField(max_length=320, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.surname} {self.first_name}"

    @property
    def surname(self) -> str:
        """The name to show: the used one when there is one."""
        return self.used_name or self.birth_name


class Pupil(Person):
    """One pupil: one row per INE where there is one, otherwise per record of a school's base."""

    ine = models.CharField(max_length=11, null=True, unique=True)
    birth_on = models.DateField(null=True)
    sex = models.CharField(max_length=1, blank=True)
    deceased = models.BooleanField(default=False)
    # design.md §5: contacts, school and events are hidden from the other guardian, links are frozen.
    protected_at = models.DateTimeField(null=True, help_text="Protected file, marked by the head of school")
    # design.md §5: at 18 a pupil may end guardians' access. On the pupil: no import and no new school revives it.
    guardians_ended_at = models.DateTimeField(null=True, help_text="The adult pupil ended the guardians' access")

    class Meta:
        indexes = [models.Index(fields=["search"], name="pupil_search")]

    @property
    def key(self) -> str:
        """How the journal names them."""
        return f"pupil:{self.pk}"

    def is_protected(self) -> bool:
        """The head protects this file: directory/protection.py says what it hides and freezes."""
        return self.protected_at is not None

    def is_adult_on(self, day: date) -> bool:
        """Eighteen or more on `day`. Unknown birth date: not an adult."""
        if self.birth_on is None:
            return False
        return (day.year - self.birth_on.year - ((day.month, day.day) < (self.birth_on.month, self.birth_on.day))) >= 18


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    """Enrolments, as adjectives and places."""

    def active_on(self, day: date) -> "EnrolmentQuerySet":
        """Neither left on `day` nor before."""
        return self.filter(Q(left_on=None) | Q(left_on__gt=day))

    def deciding_on(self, day: date) -> "EnrolmentQuerySet":
        """Whose school acts for the pupil on `day`: until the old one has released them, the old one (design.md §5)."""
        older = self.model.objects.active_on(day).filter(pupil=OuterRef("pupil"), pk__lt=OuterRef("pk"))
        return self.active_on(day).filter(~Exists(older.exclude(school=OuterRef("school"))))

    def unprotected(self) -> "EnrolmentQuerySet":
        """Whose school guardians may read: of pupils without a protected file."""
        return self.filter(pupil__protected_at=None)

    def of_school(self, uai: str) -> "EnrolmentQuerySet":
        """Of one school."""
        return self.filter(school=uai)


class Enrolment(models.Model):
    """A pupil in a school. Two at once are allowed (a transfer the old school has not recorded yet)."""

    pupil = models.ForeignKey(Pupil, on_delete=models.CASCADE, related_name="enrolments")
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="enrolments")
    source_key = models.CharField(max_length=20, help_text="ELEVE_ID in the school's base")
    division = models.ForeignKey(Division, null=True, on_delete=models.SET_NULL, related_name="enrolments")
    entered_on = models.DateField(null=True)
    left_on = models.DateField(null=True, help_text="Left from that day on; a future day is applied that day")
    exit_reason = models.CharField(max_length=2, blank=True)
    # The pupil's own contacts, as the base knows them: never proven.
    email = models.CharField(max_length=254, blank=True)
    mobile = models.CharField(max_length=20, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "source_key"], name="enrolment_once_per_base")]
        indexes = [models.Index(fields=["school", "left_on"], name="enrolment_of_school")]

    def __str__(self) -> str:
        return f"{self.source_key} ({self.school_id})"

    def is_active_on(self, day: date) -> bool:
        """The rule of `EnrolmentQuerySet.active_on`, for one."""
        return self.left_on is None or self.left_on > day


class Guardian(Person):
    """A person of a school's base who answers for pupils. The same human has another record in another school."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="guardians")
    source_key = models.CharField(max_length=20, help_text="PERSONNE_ID in the school's base")
    title = models.CharField(max_length=4, blank=True)
    email = models.CharField(max_length=254, blank=True)
    mobile = models.CharField(max_length=20, blank=True, help_text="E.164, only if a mobile; else empty")
    mobile_given = models.CharField(max_length=40, blank=True, help_text="As the base writes it, when not valid")
    phone = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=300, blank=True, help_text="Lines of the envelope, one per line")
    is_body = models.BooleanField(default=False, help_text="A service (ASE), not a human being")
    # design.md §6.5: a new or changed guardian of a pupil who has an active one waits before activating alone.
    alone_from_at = models.DateTimeField(null=True, help_text="May activate without the school from then on")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "source_key"], name="guardian_once_per_base")]
        indexes = [
            models.Index(fields=["school", "search"], name="guardian_search"),
            models.Index(fields=["search"], name="guardian_search_all"),
            models.Index(fields=["mobile"], name="guardian_mobile", condition=~Q(mobile="")),
            models.Index(fields=["email"], name="guardian_email", condition=~Q(email="")),
        ]

    @property
    def key(self) -> str:
        """How the journal names them."""
        return f"guardian:{self.pk}"


class Kinship(models.TextChoices):
    """The codes of kinship that change what we do; the others are only shown by the base that holds them."""

    BODY = "51", "service"
    SELF = "70", "l’élève lui-même"


class GuardianshipQuerySet(models.QuerySet["Guardianship"]):
    """Links, as adjectives."""

    def legal(self) -> "GuardianshipQuerySet":
        """Links that open a right: legal, not disputed, not ended, by the base nor by the adult pupil."""
        open_to_guardians = Q(enrolment__pupil__guardians_ended_at=None) | Q(kinship=Kinship.SELF)
        return self.filter(open_to_guardians, is_legal=True, disputed_at=None, ended_at=None)

    def disputed(self) -> "GuardianshipQuerySet":
        """Which a guardian says is not theirs, and that the school has still to settle."""
        return self.filter(is_legal=True, disputed_at__isnull=False, ended_at=None)

    def unprotected(self) -> "GuardianshipQuerySet":
        """Which may change by themselves: links to a pupil with a protected file are frozen."""
        return self.filter(enrolment__pupil__protected_at=None)

    def frozen(self) -> "GuardianshipQuerySet":
        """Links to a pupil whose file is protected."""
        return self.filter(enrolment__pupil__protected_at__isnull=False)

    def active_on(self, day: date) -> "GuardianshipQuerySet":
        """Whose pupil is still in the school on `day`."""
        return self.filter(Q(enrolment__left_on=None) | Q(enrolment__left_on__gt=day))


class Level(models.IntegerChoices):
    """Level of responsibility (SIECLE, since 2018)."""

    LEGAL = 1, "représentant légal"
    IN_CHARGE = 2, "personne en charge de l’élève"
    CONTACT = 3, "personne à contacter"
    UNKNOWN = 0, "non renseigné"


class Guardianship(models.Model):
    """The link between a guardian and a pupil in one school's base. Only a legal one opens an account."""

    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="guardianships")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="guardianships")
    level = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.UNKNOWN)
    is_legal = models.BooleanField(default=False)
    kinship = models.CharField(max_length=2, blank=True, help_text="New code: 10 mother, 20 father, 51 body, 70 self…")
    disputed_at = models.DateTimeField(null=True, help_text="« Je ne suis pas le représentant légal de cet élève »")
    ended_at = models.DateTimeField(null=True, help_text="No longer in the base, or ended by the adult pupil")

    objects = GuardianshipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guardian", "enrolment"], name="guardianship_once"),
            # Legal only if every level given says so: the Python rule is imports/siecle.py.
            models.CheckConstraint(
                condition=Q(is_legal=False) | Q(level=Level.LEGAL), name="guardianship_legal_is_level_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guardian_id} → {self.enrolment_id}"


def guardians_with_rights(day: date, *, uai: str) -> "models.QuerySet[Guardian]":
    """Human guardians of one school with at least one legal link to a pupil active on `day`: who has an account."""
    links = Guardianship.objects.legal().active_on(day).filter(guardian=models.OuterRef("pk"))
    return Guardian.objects.filter(models.Exists(links), school=uai, is_body=False).order_by(F("search"), "pk")


class Datum(models.TextChoices):
    """What a correction is about. The value is the column of the record, save for a link."""

    MOBILE = "mobile", "Téléphone mobile"
    EMAIL = "email", "Adresse électronique"
    BIRTH_NAME = "birth_name", "Nom de naissance"
    USED_NAME = "used_name", "Nom d’usage"
    FIRST_NAME = "first_name", "Prénom"
    BIRTH_ON = "birth_on", "Date de naissance de l’élève"
    LINK = "link", "Lien de responsabilité"


class Proof(models.TextChoices):
    """What a correction rests on."""

    IN_PERSON = "in_person", "pièce d’identité vue"
    KNOWN_DATA = "known_data", "recoupée avec le dossier papier de l’établissement"
    ACCOUNT = "account", "changée et prouvée par le titulaire dans son compte"
    DISPUTE = "dispute", "lien contesté par le responsable, vérifié par l’établissement"


class Closing(models.TextChoices):
    """How a correction ended."""

    CANCELLED = "cancelled", "annulée"
    REPLACED = "replaced", "remplacée par une autre"
    REPORTED = "reported", "reportée dans la base"
    OVERRULED = "overruled", "la base dit désormais autre chose"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Corrections, as adjectives and places."""

    def open(self) -> "CorrectionQuerySet":
        """Neither cancelled nor known to the base."""
        return self.filter(closed_at=None)

    def of_school(self, uai: str) -> "CorrectionQuerySet":
        """Of one school."""
        return self.filter(school=uai)

    def due(self, at: datetime) -> "CorrectionQuerySet":
        """Open, and to be written into the directory at `at`."""
        return self.open().filter(applied_at=None, effective_at__lte=at)

    def unexported(self) -> "CorrectionQuerySet":
        """In force, and not yet on a list given to the school's secretariat."""
        return self.open().filter(applied_at__isnull=False, exported_at=None)


class Correction(models.Model):
    """A value of the school's base that Préau corrects while the base does not (directory/corrections.py).

    It carries its author and its proof, takes effect after a day, travels to the secretariat, and holds against the
    next imports until the base says the same. `before` is what the base said when it was proposed.
    """

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="corrections")
    guardian = models.ForeignKey(Guardian, null=True, on_delete=models.CASCADE, related_name="corrections")
    enrolment = models.ForeignKey(Enrolment, null=True, on_delete=models.CASCADE, related_name="corrections")
    field = models.CharField(max_length=10, choices=Datum.choices)
    before = models.CharField(max_length=254, blank=True)
    value = models.CharField(max_length=254, blank=True)
    proof = models.CharField(max_length=10, choices=Proof.choices)
    by = models.CharField(max_length=60)
    proposed_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    exported_at = models.DateTimeField(null=True)
    closing = models.CharField(max_length=10, choices=Closing.choices, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=60, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(field=Datum.LINK, guardian__isnull=False, enrolment__isnull=False)
                | Q(field=Datum.BIRTH_ON, guardian__isnull=True, enrolment__isnull=False)
                | (
                    Q(field__in=["mobile", "email", "birth_name", "used_name", "first_name"])
                    & Q(guardian__isnull=False, enrolment__isnull=True)
                ),
                name="correction_of_somebody",
            ),
            models.CheckConstraint(
                condition=Q(closing="", closed_at__isnull=True) | (~Q(closing="") & Q(closed_at__isnull=False)),
                name="correction_closed_or_not",
            ),
            models.UniqueConstraint(
                fields=["guardian", "field"],
                condition=Q(closed_at=None, enrolment=None),
                name="correction_once_per_guardian",
            ),
            models.UniqueConstraint(
                fields=["enrolment", "field"],
                condition=Q(closed_at=None, guardian=None),
                name="correction_once_per_enrolment",
            ),
            models.UniqueConstraint(
                fields=["guardian", "enrolment"], condition=Q(closed_at=None), name="correction_once_per_link"
            ),
        ]
        indexes = [
            models.Index(fields=["effective_at"], name="correction_due", condition=Q(closed_at=None, applied_at=None)),
            models.Index(fields=["school", "-proposed_at"], name="correction_of_school"),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.guardian_id or self.enrolment_id}"

    @property
    def key(self) -> str:
        """How the journal names the person it is about."""
        return f"guardian:{self.guardian_id}" if self.guardian_id else f"pupil:{self.enrolment.pupil_id}"  # type: ignore[union-attr]

    def is_open(self) -> bool:
        """The rule of `CorrectionQuerySet.open`, for one."""
        return self.closed_at is None

    def is_waiting(self) -> bool:
        """Proposed, and not in force yet: it may be cancelled."""
        return self.is_open() and self.applied_at is None
