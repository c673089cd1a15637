"""Django's PostgreSQL engine, with a few answers of its own."""

from django.db import connection


def lend() -> None:
    """Let others have this thread's connection until its next statement. Nothing in a transaction, nor on SQLite."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
