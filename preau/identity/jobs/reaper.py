"""What takes up again the work of a worker that died, whatever the instant it was killed at."""

import logging
import time
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django_tasks_db.models import DBTaskResult

from preau.identity.jobs.models import Job, State
from preau.identity.jobs.run import MOST_TRIES

log = logging.getLogger(__name__)
# SQLite has one writer: who waited this long for its turn may have waited for the very job it believes silent.
LONGEST_WAIT = 1.0  # seconds


def take_up_again(*, at: datetime) -> int:
    """Put back in the queue what a dead worker held; stop what has killed several. Returns how many."""
    if not Job.objects.silent(at).exists() and not _forsaken().exists():
        return 0
    asked = time.monotonic()
    with transaction.atomic():
        silent = list(Job.objects.select_for_update().silent(at))
        if time.monotonic() - asked > LONGEST_WAIT:
            return 0
        for job in silent:
            is_deadly = job.tries >= MOST_TRIES
            job.state, job.ended_at = (State.FAILED, at) if is_deadly else (State.WAITING, None)
            job.trouble = "WorkerDied"
            log.warning("job %s %s: its worker died at attempt %s", job.pk, job.kind, job.tries)
        Job.objects.bulk_update(silent, ["state", "ended_at", "trouble"])
        # `perform` takes a waiting job once, under a lock: a task put back by mistake finds nothing to do.
        return _forsaken().update(status="READY")


def _forsaken() -> "QuerySet[DBTaskResult]":
    """Tasks some worker claimed, whose job waits: it died between the two, or was just declared dead."""
    waiting = Job.objects.filter(state=State.WAITING).values("task")
    return DBTaskResult.objects.filter(status="RUNNING", id__in=waiting)
