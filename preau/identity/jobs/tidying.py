"""What the worker throws away: tasks long finished, drafts nobody came back to."""

from datetime import datetime, timedelta

from django_tasks_db.models import DBTaskResult

from preau.identity.jobs.models import Job, State
from preau.journeys.models import Draft

KEPT = timedelta(days=90)


def forget_finished(*, at: datetime) -> int:
    """Forget jobs ended long ago, and the tasks of jobs that are over. What they did is in the journal."""
    Job.objects.filter(ended_at__lt=at - KEPT).delete()
    unfinished = Job.objects.filter(state__in=[State.WAITING, State.RUNNING]).exclude(task=None).values("task")
    return DBTaskResult.objects.exclude(status="READY").exclude(id__in=unfinished).delete()[0]


def forget_drafts(*, at: datetime) -> int:
    """Forget the answers of journeys whose time has passed."""
    return Draft.objects.all().purge(at=at)
