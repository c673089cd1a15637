"""Whether a kept connection still stands, known without a statement.

Django asks ``SELECT 1`` at the first need of each request. A connection at rest has nothing to read, and a server that
leaves (a restart, a failover, `pg_terminate_backend`) says so: its socket becomes readable. The kernel tells that for a
few microseconds; only then, or after an error, is Django's own question asked.
"""

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """The engine named by ``preau/identity/settings.py``."""

    def is_usable(self) -> bool:
        """Whether the connection can be kept for this request."""
        if self.connection is None or self.connection.closed:
            return False
        return (not self.errors_occurred and _is_silent(self.connection)) or super().is_usable()


def _is_silent(connection: Any) -> bool:
    """Nothing waits to be read."""
    watch = select.poll()
    watch.register(connection.fileno(), select.POLLIN)
    return not watch.poll(0)
