"""Starting long work, and doing it: one worker at a time, signs of life, taken up again after a crash."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils.module_loading import import_string
from django_tasks import task

from preau import clock
from preau.identity.jobs.catalogue import KINDS
from preau.identity.jobs.models import Job, State

log = logging.getLogger(__name__)

TOLD_EVERY = timedelta(seconds=1)
BEAT = 5.0  # seconds
MOST_TRIES = 3  # work that killed three workers would kill the fourth


class UnknownKind(Exception):
    """No line of the catalogue has this name."""


class Superseded(Exception):
    """This worker was believed dead and another took the work up: stop, write nothing more."""


@transaction.atomic
def start(kind: str, *, by: str, at: datetime, uai: str = "", total: int = 0, words: str = "", **arguments: Any) -> Job:
    """Ask the worker for a piece of long work, in the caller's transaction. `arguments` are JSON values without secret.

    Raises `UnknownKind`.
    """
    if kind not in KINDS:
        raise UnknownKind(kind)
    job = Job.objects.create(
        kind=kind, uai=uai, owner=by, arguments=arguments, total=total, words=words or KINDS[kind].words, asked_at=at
    )
    job.task = UUID(perform.enqueue(job.pk).id)
    job.save(update_fields=["task"])
    return job


class Progress:
    """What the work holds while it runs: its job, the instant, and how to say where it is."""

    def __init__(self, job: Job, at: datetime) -> None:
        self.job, self.at = job, at
        self._told_at = at

    @property
    def arguments(self) -> dict[str, Any]:
        """What `start` was given."""
        return dict(self.job.arguments)

    def tell(self, *, done: int | None = None, total: int | None = None, words: str | None = None) -> None:
        """Say where the work is; written once a second at most. Raises `Superseded`.

        Inside a transaction nobody sees it before the commit: tell between transactions.
        """
        self.at = clock.now()
        for name, value in {"done": done, "total": total, "words": words}.items():
            if value is not None:
                setattr(self.job, name, value)
        if abs(self.at - self._told_at) >= TOLD_EVERY or words is not None:
            self._told_at = self.at
            self.write(heartbeat_at=self.at, done=self.job.done, total=self.job.total, words=self.job.words)

    def write(self, **columns: Any) -> None:
        """Write on the job's row if it is still ours. Raises `Superseded`."""
        ours = Job.objects.filter(pk=self.job.pk, tries=self.job.tries, state=State.RUNNING)
        if not ours.update(**columns):
            raise Superseded(self.job.pk)


@task()
def perform(pk: int) -> None:
    """Do the job `pk` if it waits. Whatever goes wrong is written by name only: an error's words may hold a secret."""
    job = _take(pk, at=clock.now())
    if job is None:
        return
    progress = Progress(job, job.heartbeat_at or clock.now())
    with _heart.beating_for(job):
        try:
            result = import_string(KINDS[job.kind].done_by)(progress)
        except Superseded:
            log.warning("job %s: taken up by another worker", job.pk)
        except Exception as trouble:  # the worker lives on
            log.error("job %s %s: %s at %s", job.pk, job.kind, type(trouble).__name__, where(trouble))
            _end(progress, state=State.FAILED, trouble=type(trouble).__name__[:100])
        else:
            _end(progress, state=State.DONE, result=result, done=job.total or job.done)


def _take(pk: int, *, at: datetime) -> Job | None:
    """The job, ours from now on; None when it is another's or over."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=pk, state=State.WAITING).first()
        if job is None:
            return None
        job.state, job.tries, job.heartbeat_at, job.started_at = State.RUNNING, job.tries + 1, at, job.started_at or at
        job.save(update_fields=["state", "tries", "heartbeat_at", "started_at"])
        return job


def _end(progress: Progress, **columns: Any) -> None:
    try:
        progress.write(ended_at=clock.now(), **columns)
    except Superseded:
        log.warning("job %s: ended after another worker took it up", progress.job.pk)


def where(trouble: BaseException) -> str:
    """The last line of code of a traceback, for the log, without the error's words."""
    trace = trouble.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('preau/')[2]}:{trace.tb_lineno}" if trace else "?"


class _Heart:
    """A thread of the worker that says the job is alive, even while it waits for a slow server or a long statement.

    It has its own connection. A beat that finds the database locked (SQLite, a long transaction) is tried again.
    """

    def __init__(self) -> None:
        self._job: Job | None = None
        self._stopped: threading.Event | None = None

    def start(self) -> Callable[[], None]:
        """Begin; what is returned stops it."""
        stopped = self._stopped = threading.Event()
        thread = threading.Thread(target=self._beat, args=(stopped,), name="heart", daemon=True)
        thread.start()

        def stop() -> None:
            stopped.set()
            thread.join(BEAT)

        return stop

    def beating_for(self, job: Job) -> "_Heart":
        self._job = job
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._job = None

    def _beat(self, stopped: threading.Event) -> None:
        wait = BEAT
        while not stopped.wait(wait):
            wait = BEAT
            if job := self._job:
                close_old_connections()
                try:
                    Job.objects.filter(pk=job.pk, tries=job.tries, state=State.RUNNING).update(heartbeat_at=clock.now())
                except OperationalError:
                    wait = 0.2
        connection.close()


_heart = _Heart()
start_heart = _heart.start
