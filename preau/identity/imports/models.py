"""An import: its files until they are applied, what it would do, what it did, and what somebody should look at."""

import json
import zlib
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from preau.identity.directory import school_year
from preau.identity.directory.models import School
from preau.identity.imports.records import Kind


class Stage(models.TextChoices):
    """What somebody decided about an import."""

    READY = "ready", "à relire"
    ASKED = "asked", "en cours"
    APPLIED = "applied", "appliqué"
    REFUSED = "refused", "refusé"
    ABANDONED = "abandoned", "abandonné"


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    """Imports, as adjectives and places."""

    def of_school(self, uai: str) -> "ImportRunQuerySet":
        """Of one school, newest first."""
        return self.filter(school=uai).order_by("-id")

    def applied(self) -> "ImportRunQuerySet":
        """Written into the directory."""
        return self.filter(stage=Stage.APPLIED)

    def unfinished(self) -> "ImportRunQuerySet":
        """Shown, and waiting for somebody or for the worker."""
        return self.filter(stage__in=[Stage.READY, Stage.ASKED])


class ImportRun(models.Model):
    """One import of one school's files.

    `digest` names the plan that was shown: another one is never applied. `counts`, `totals`, `doubts` and `shrinking`
    hold numbers only; `lines`, which shows people, goes when the import ends.
    """

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="imports")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    by = models.CharField(max_length=60, help_text="Key of who gave the files")
    made_at = models.DateTimeField()
    year = models.PositiveSmallIntegerField(null=True)
    judged_on = models.DateField(help_text="The date that says who is active")
    digest = models.CharField(max_length=64, blank=True)
    counts = models.JSONField(default=dict)
    totals = models.JSONField(default=dict)
    doubts = models.JSONField(default=dict)
    shrinking = models.JSONField(default=dict)
    watched = models.PositiveIntegerField(default=0, help_text="Changes that could smuggle somebody in")
    needs_second_person = models.BooleanField(default=False)
    lines = models.BinaryField(null=True)
    cause = models.CharField(max_length=30, blank=True)
    facts = models.JSONField(default=dict)
    approved_by = models.CharField(max_length=60, blank=True)
    approved_at = models.DateTimeField(null=True)
    asked_by = models.CharField(max_length=60, blank=True)
    asked_at = models.DateTimeField(null=True)
    job = models.PositiveBigIntegerField(null=True, help_text="The work that applies it (jobs.Job)")
    ended_at = models.DateTimeField(null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=[Stage.READY, Stage.ASKED], ended_at__isnull=True)
                | Q(stage__in=[Stage.APPLIED, Stage.REFUSED, Stage.ABANDONED], ended_at__isnull=False),
                name="import_ended_or_not",
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.REFUSED) | ~Q(cause=""), name="import_refused_for_a_reason"
            ),
            # design.md §6.5: four eyes are four.
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=models.F("by")), name="import_approved_by_another"
            ),
        ]
        indexes = [models.Index(fields=["school", "-id"], name="import_of_school")]

    def __str__(self) -> str:
        return f"import {self.pk} {self.school_id} {self.stage}"

    @property
    def key(self) -> str:
        """How the journal names it."""
        return f"import:{self.pk}"

    @property
    def year_words(self) -> str:
        """« 2026-2027 »; empty while no file said."""
        return school_year.label(self.year) if self.year else ""

    @property
    def doubtful(self) -> int:
        """How many rows somebody should look at."""
        return sum(self.doubts.values())

    def is_empty(self) -> bool:
        """The directory already says what the files say."""
        return not self.totals

    def is_over(self) -> bool:
        """Nothing more will happen."""
        return self.ended_at is not None

    def is_waiting_for_second_person(self) -> bool:
        """Shown, and nobody else has looked yet."""
        return self.needs_second_person and not self.approved_by and not self.is_over()

    def keep_lines(self, lines: list[dict[str, Any]]) -> None:
        """Keep what the preview shows, packed."""
        self.lines = zlib.compress(json.dumps(lines, separators=(",", ":")).encode(), level=1)

    def shown_lines(self) -> list[dict[str, Any]]:
        """What the preview shows; nothing once the import has ended."""
        return json.loads(zlib.decompress(bytes(self.lines))) if self.lines else []


class ImportFile(models.Model):
    """One file of an import. Its content goes when the import ends; what it was stays, to refuse an older one later."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, blank=True)
    exported_at = models.DateTimeField(null=True)
    size = models.PositiveIntegerField()
    content = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"{self.run_id} {self.kind}"


class Anomaly(models.Model):
    """Something the school should look at. By row of its base, never by name: names are joined when shown."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="anomalies")
    doubt = models.CharField(max_length=30)
    of = models.CharField(max_length=10)
    source_key = models.CharField(max_length=45)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["run", "doubt", "id"], name="anomaly_of_import")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.doubt} {self.of} {self.source_key}"


def last_exports(uai: str) -> dict[Kind, datetime]:
    """The instant of the newest export of each kind applied to a school."""
    applied = ImportFile.objects.filter(run__school=uai, run__stage=Stage.APPLIED, exported_at__isnull=False)
    newest = applied.values_list("kind").annotate(newest=models.Max("exported_at"))
    return {Kind(kind): at for kind, at in newest}
