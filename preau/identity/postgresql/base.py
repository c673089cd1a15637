"""Django's engine, quicker where a sign-on asks twenty times.

Whether a kept connection still stands is known without a statement. Django asks ``SELECT 1`` at the first need of each
request. A connection at rest has nothing to read, and a server that leaves (a restart, a failover,
`pg_terminate_backend`) says so: its socket becomes readable. The kernel tells that for a few microseconds; only then,
or after an error, is Django's own question asked.

A connection is lent to a request, not owned by a thread: between two requests, and while a password is hashed, it
rests with the others of its process, and whoever asks next takes the last one that came to rest. Three or four serve
sixteen threads: the server holds that many processes fewer, and theirs have their plans at hand (docs/decisions/0031).

Instants are read by psycopg's own code, compiled: Django's, in Python, only writes UTC on them, which is what the
connection speaks.
"""

import os
import select
from collections import defaultdict
from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus
from psycopg.types.datetime import TimestamptzLoader

# Of one process and one database; more than so many are closed. As many as a worker has threads (deploy/): to close
# and open again costs more than anything else in a sign-in.
_AT_REST: defaultdict[str, list[Any]] = defaultdict(list)
_MOST_AT_REST = 16
os.register_at_fork(after_in_child=_AT_REST.clear)


class DatabaseWrapper(base.DatabaseWrapper):
    """The engine named by ``preau/identity/settings.py``: instants in UTC, values bound by the server."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """With psycopg's reader of instants."""
        connection = super().get_new_connection(conn_params)
        connection.adapters.register_loader("timestamptz", TimestamptzLoader)
        return connection

    def ensure_connection(self) -> None:
        """One that rests, or a new one."""
        if self.connection is None and not self.in_atomic_block:
            self._take()
        super().ensure_connection()

    def close_if_unusable_or_obsolete(self) -> None:
        """Django's, at both ends of each request; then the connection rests."""
        super().close_if_unusable_or_obsolete()
        if self.connection is None or self.in_atomic_block:
            return
        at_rest = _AT_REST[self._database]
        if len(at_rest) < _MOST_AT_REST and self.connection.pgconn.transaction_status == TransactionStatus.IDLE:
            at_rest.append(self.connection)
            self.connection = None
        else:
            super().close()

    def close(self) -> None:
        """Django's, and those at rest: who asks for that knows of the server what they do not."""
        super().close()
        while (resting := self._last_at_rest()) is not None:
            resting.close()

    def _take(self) -> None:
        while (found := self._last_at_rest()) is not None:
            if not found.closed and _is_silent(found):
                # As `connect` leaves a connection of its own.
                self.connection, self.autocommit, self.health_check_done = found, True, True
                self.closed_in_transaction = self.needs_rollback = self.errors_occurred = False
                self.savepoint_ids, self.atomic_blocks, self.run_on_commit = [], [], []
                return
            found.close()

    def _last_at_rest(self) -> Any:
        try:
            return _AT_REST[self._database].pop()
        except IndexError:  # none, or another thread took it
            return None

    @property
    def _database(self) -> str:
        return f"{self.alias} {self.settings_dict['NAME']}"

    def cursor(self) -> Any:
        """Django's, at once where there is nothing to open, to check nor to tell: each statement asks for one.

        A connection is its thread's own (`django.db.connections`), and no event loop runs here.
        """
        if self.connection is None and not self.in_atomic_block:
            self._take()
        is_plain = self.health_check_done and not self.queries_logged
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
