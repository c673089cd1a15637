"""The queue for the slow hash: one at a time, low priority, and never a long one."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from preau.identity.accounts.hash_queue import Busy, HashQueue


def blocked(queue: HashQueue, how_many: int, until: threading.Event) -> ThreadPoolExecutor:
    """So many callers whose hashes do not end before `until`, all in the queue."""
    arrived = threading.Semaphore(0)
    callers = ThreadPoolExecutor(how_many)

    def call() -> None:
        arrived.release()
        queue.run(until.wait, 20, is_let_in=True)

    for _ in range(how_many):
        callers.submit(call)
    for _ in range(how_many):
        assert arrived.acquire(timeout=5)
    while queue._waiting < how_many:
        pass
    return callers


def test_hashes_are_made_one_at_a_time_in_another_thread_that_yields_to_the_others() -> None:
    queue, at_work, most = HashQueue(), [0], [0]

    def hashed() -> tuple[int, int]:
        at_work[0] += 1
        most[0] = max(most[0], at_work[0])
        at_work[0] -= 1
        return threading.get_ident(), os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    with ThreadPoolExecutor(8) as callers:
        found = {one.result() for one in [callers.submit(queue.run, hashed) for _ in range(40)]}
    assert most == [1] and len(found) == 1
    ((thread, niceness),) = found
    assert thread != threading.get_ident()
    assert niceness >= 10


def test_beyond_four_seconds_of_hashes_one_more_is_refused_at_once_with_the_time_to_wait() -> None:
    queue, until = HashQueue(always=1), threading.Event()
    queue._mean = 1.4
    with blocked(queue, 3, until) as callers:
        with pytest.raises(Busy) as refused:
            queue.run(len, "never")
        assert refused.value.seconds == 5
        others = callers.submit(queue.run, len, "a second hash", is_let_in=True)
        until.set()
        assert others.result(timeout=5) == 13, "who began goes to the end"
    assert queue.run(len, "again") == 5, "the queue is empty: everybody is let in"


def test_a_queue_of_less_than_four_seconds_refuses_nobody() -> None:
    queue, until = HashQueue(always=1), threading.Event()
    queue._mean = 1.4
    with blocked(queue, 2, until):
        until.set()
        assert queue.run(len, "let in") == 6


def test_a_short_queue_refuses_nobody_however_slow_the_machine() -> None:
    queue, until = HashQueue(always=3), threading.Event()
    queue._mean = 60.0
    with blocked(queue, 2, until) as callers:
        third = callers.submit(queue.run, len, "let in")
        until.set()
        assert third.result(timeout=5) == 6


def test_what_a_hash_takes_is_measured() -> None:
    queue, until = HashQueue(), threading.Event()
    before = queue._mean
    queue.run(until.wait, 0.2)
    assert queue._mean > before


def test_a_hash_that_fails_leaves_its_place() -> None:
    queue = HashQueue()
    with pytest.raises(ZeroDivisionError):
        queue.run(divmod, 1, 0)
    assert queue._waiting == 0


def test_a_fork_has_a_thread_of_its_own() -> None:
    queue = HashQueue()
    queue.run(len, "before")
    child = os.fork()
    if not child:
        os._exit(0 if queue.run(len, "after") == 5 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
