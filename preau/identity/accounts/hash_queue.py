"""The queue for the slow hash: one at a time in a low-priority thread of each worker, and never a long queue.

One thread: sign-ins queue for it while everything else keeps answering. Bounded: who would wait more than a few seconds
is told at once to come back, rather than wait, give up and type again behind their own first try. A queue shorter than
the threads of a worker is never refused: on a machine that does other work one hash may take half a second.
"""

import math
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

LONGEST_SECONDS = 4.0
# Of the sixteen threads of a worker (deploy/), four are left for those who wait for no hash.
ALWAYS = 12
_NICENESS = 10
# Before the first one is measured; then each counts for a fifth of the mean.
_FIRST_GUESS, _WEIGHT = 0.02, 0.2


class Busy(Exception):
    """Too many sign-ins before this one: nothing was compared, nothing is counted."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.1f} s of hashes wait")
        self.seconds = math.ceil(seconds)


class HashQueue:
    """Of one process; a fork gets a thread of its own."""

    def __init__(self, *, longest: float = LONGEST_SECONDS, always: int = ALWAYS) -> None:
        self._longest, self._always = longest, always
        self._lock = threading.Lock()
        self._pool: tuple[int, ThreadPoolExecutor] | None = None
        self._waiting, self._mean = 0, _FIRST_GUESS

    def run(self, function: Callable[..., Any], *arguments: Any, is_let_in: bool = False) -> Any:
        """Run in the hash thread. `is_let_in`: a try that began with another hash goes to its end.

        Raises `Busy` when those who wait already take too long.
        """
        with self._lock:
            if self._pool is None or self._pool[0] != os.getpid():
                self._pool, self._waiting = (os.getpid(), ThreadPoolExecutor(1, "hash", initializer=_be_nice)), 0
            is_short = is_let_in or self._waiting < self._always
            if not is_short and self._waiting * self._mean > self._longest:
                raise Busy(self._waiting * self._mean)
            self._waiting += 1
            pool = self._pool[1]
        try:
            return pool.submit(self._timed, function, *arguments).result()
        finally:
            with self._lock:
                self._waiting -= 1

    def _timed(self, function: Callable[..., Any], *arguments: Any) -> Any:
        started = time.monotonic()
        try:
            return function(*arguments)
        finally:
            self._mean += _WEIGHT * (time.monotonic() - started - self._mean)


def _be_nice() -> None:
    if hasattr(os, "setpriority"):  # per thread on Linux
        thread = threading.get_native_id()
        # A process that is already nicer must not ask for more than it has.
        os.setpriority(os.PRIO_PROCESS, thread, max(_NICENESS, os.getpriority(os.PRIO_PROCESS, thread)))
