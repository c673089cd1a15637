"""Kinds of work for these tests, and how to add one to the catalogue for a while."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from preau.identity.jobs.catalogue import KINDS, Kind
from preau.identity.jobs.run import Progress

SECRET = "9KQ2WX5MTRB8"


def counting(progress: Progress) -> dict[str, Any]:
    """Counts to the number it is given."""
    for number in range(progress.arguments["upto"]):
        progress.tell(done=number + 1, words=f"{number + 1}")
    return {"counted": progress.arguments["upto"]}


def failing(progress: Progress) -> None:
    """Fails, with a secret in its words."""
    raise ValueError(SECRET)


def dying(progress: Progress) -> dict[str, int]:
    """Kills its worker the first time, like a machine that loses its power."""
    if progress.job.tries == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"tries": progress.job.tries}


@contextmanager
def known(*functions: Any) -> Iterator[None]:
    """The functions above as kinds ``test.<name>``."""
    names = []
    for function in functions:
        kind = Kind(f"test.{function.__name__}", "Essai", f"{function.__module__}.{function.__name__}")
        KINDS[kind.name] = kind
        names.append(kind.name)
    try:
        yield
    finally:
        for name in names:
            del KINDS[name]
