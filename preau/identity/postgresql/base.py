"""Django's engine, quicker where a sign-on asks twenty times.

Whether a kept connection still stands is known without a statement. Django asks ``SELECT 1`` at the first need of each
request. A connection at rest has nothing to read, and a server that leaves (a restart, a failover,
`pg_terminate_backend`) says so: its socket becomes readable. The kernel tells that for a few microseconds; only then,
or after an error, is Django's own question asked.

Instants are read by psycopg's own code, compiled: Django's, in Python, only writes UTC on them, which is what the
connection speaks.
"""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg.types.datetime import TimestamptzLoader


class DatabaseWrapper(base.DatabaseWrapper):
    """The engine named by ``preau/identity/settings.py``: instants in UTC, values bound by the server."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """With psycopg's reader of instants."""
        connection = super().get_new_connection(conn_params)
        connection.adapters.register_loader("timestamptz", TimestamptzLoader)
        return connection

    def cursor(self) -> Any:
        """Django's, at once where there is nothing to open, to check nor to tell: each statement asks for one.

        A connection is its thread's own (`django.db.connections`), and no event loop runs here.
        """
        is_plain = self.health_check_done and not self.queries_logged  # type: ignore[attr-defined]
        if not is_plain or self.connection is None or self.connection.closed:
            return super().cursor()
        return self.make_cursor(self.connection.cursor())

    def create_cursor(self, name: str | None = None) -> Any:
        """Django's, without asking each time whether its own reader of instants is there."""
        if name:
            return self.connection.cursor(name, scrollable=False, withhold=self.connection.autocommit)
        return self.connection.cursor()

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
