"""Who does not answer is left alone for a while: nobody is made to wait five seconds for a « no »."""

import threading
import time


class Breaker:
    """Opens after `failures` in a row, for `rest` seconds; then lets through, and opens again if it fails again."""

    def __init__(self, *, failures: int = 3, rest: float = 60.0) -> None:
        self._failures, self._rest = failures, rest
        self._lock = threading.Lock()
        self._count, self._until = 0, 0.0

    def is_open(self) -> bool:
        """Whether to answer at once that nobody is there."""
        return time.monotonic() < self._until

    def failed(self) -> None:
        """No answer, once more."""
        with self._lock:
            self._count += 1
            if self._count >= self._failures:
                self._until = time.monotonic() + self._rest

    def worked(self) -> None:
        """They answer."""
        with self._lock:
            self._count, self._until = 0, 0.0
