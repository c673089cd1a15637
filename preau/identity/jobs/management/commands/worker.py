"""``preau identity worker``: does the long work, sends the mail, seals the journal. Several may run side by side."""

import logging
import os
import signal
import socket
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection
from django.utils.module_loading import import_string
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction

from preau import clock
from preau.identity.jobs.catalogue import CHORES, Chore
from preau.identity.jobs.run import start_heart, where

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """One loop: tasks that wait, then chores; asleep when there is nothing."""

    help = "Fait le travail long : imports, envois, sceaux du journal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options of the command."""
        parser.add_argument("--once", action="store_true", help="fait ce qui attend, puis s’arrête")
        parser.add_argument("--interval", type=float, default=1.0, help="secondes de repos quand rien n’attend")

    def handle(self, *, once: bool, interval: float, **_: Any) -> None:
        """Work until SIGTERM or SIGINT; the piece of work in hand is finished first."""
        self.is_stopping = False
        self.tasks = _tasks()
        if once:
            while self._pass(dict.fromkeys(CHORES, 0.0)):
                continue
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        log.info("worker %s works", os.getpid())
        stop_heart = start_heart()
        try:
            due = dict.fromkeys(CHORES, 0.0)
            while not self.is_stopping:
                if not self._pass(due) and not self.is_stopping:
                    time.sleep(interval)
        finally:
            stop_heart()
        log.info("worker %s stops", os.getpid())

    def _pass(self, due: dict[Chore, float]) -> bool:
        """What waits now, each chore once. True when some may be left."""
        if not connection.in_atomic_block:
            close_old_connections()
        found = False
        for chore in CHORES:
            if not self.is_stopping and time.monotonic() >= due[chore]:
                has_more = bool(self._do(chore))
                due[chore] = time.monotonic() + (0 if has_more else chore.every)
                found |= has_more
        if not self.is_stopping:
            found |= bool(self._guarded("tasks", self._one_task))
        return found

    def _one_task(self) -> bool:
        """Do the task that waits first. False when none does."""
        with exclusive_transaction():
            task = DBTaskResult.objects.ready().get_locked()
            if task is None:
                return False
            task.claim(self.tasks.worker_id)
        self.tasks.run_task(task)
        return True

    def _do(self, chore: Chore) -> object:
        return self._guarded(chore.done_by, lambda: import_string(chore.done_by)(at=clock.now()))

    def _guarded(self, what: str, do: Any) -> object:
        """Whatever goes wrong with one thing, the others are done. A database that is away comes back."""
        try:
            return do()
        except DatabaseError as trouble:
            log.error("%s: %s", what, type(trouble).__name__)
            time.sleep(0 if self.is_stopping else 1)
        except Exception as trouble:
            log.error("%s: %s at %s", what, type(trouble).__name__, where(trouble))
        return None

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.is_stopping = True


def _tasks() -> Worker:
    """django-tasks-db's own way to run a task; the loop is ours, for the chores."""
    return Worker(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        max_tasks=1,
        backend_name="default",
        startup_delay=False,
        worker_id=f"{socket.gethostname()[:40]}-{os.getpid()}",
    )
