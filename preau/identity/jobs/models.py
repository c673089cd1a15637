"""Long work, as people see it: who asked for it, how far it is, what came of it."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

# A worker says it is alive every few seconds; after this silence it is dead, and another takes its work up.
SILENCE = timedelta(seconds=60)


class State(models.TextChoices):
    """Where the work stands."""

    WAITING = "waiting", "en attente"
    RUNNING = "running", "en cours"
    DONE = "done", "terminé"
    FAILED = "failed", "arrêté"


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs, as adjectives and places."""

    def of_school(self, uai: str) -> "JobQuerySet":
        """Of one school, newest first."""
        return self.filter(uai=uai).order_by("-id")

    def unfinished(self) -> "JobQuerySet":
        """Waiting or running."""
        return self.filter(state__in=[State.WAITING, State.RUNNING])

    def silent(self, at: datetime) -> "JobQuerySet":
        """Whose worker gives no sign of life any more (a sign from the future is none: the clock went back)."""
        heard = Q(heartbeat_at__gte=at - SILENCE, heartbeat_at__lte=at + SILENCE)
        return self.filter(~heard, state=State.RUNNING)


class Job(models.Model):
    """One piece of long work, done by the worker. `tries` names the worker's attempt: an older one may not write."""

    kind = models.CharField(max_length=60)
    uai = models.CharField(max_length=8, blank=True)
    owner = models.CharField(max_length=60, help_text="Key of who asked: staff:3, system:command")
    arguments = models.JSONField(default=dict)
    task = models.UUIDField(null=True, help_text="Its place in the queue (django-tasks)")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0, help_text="0: not known yet")
    words = models.CharField(max_length=200, blank=True, help_text="What is being done now")
    result = models.JSONField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=100, blank=True, help_text="Name of the error, never its words")

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[State.DONE, State.FAILED], ended_at__isnull=False)
                | Q(state__in=[State.WAITING, State.RUNNING], ended_at__isnull=True),
                name="job_ended_or_not",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.RUNNING) | Q(heartbeat_at__isnull=False), name="job_running_beats"
            ),
        ]
        indexes = [
            models.Index(fields=["uai", "-id"], name="job_of_school"),
            models.Index(fields=["heartbeat_at"], name="job_running", condition=Q(state=State.RUNNING)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.done}/{self.total} {self.state}"

    @property
    def key(self) -> str:
        """How the journal names it."""
        return f"job:{self.pk}"

    def is_over(self) -> bool:
        """Nothing more will happen."""
        return self.state in {State.DONE, State.FAILED}

    def is_done(self) -> bool:
        """It went to its end."""
        return self.state == State.DONE
