"""A town of a test's own: on PostgreSQL, towns that shared a database would find one another's people in it."""

import os
import secrets
from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture(autouse=True)
def _a_database_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Towns read DATABASE_URL; without it they live in SQLite, in their own folder."""
    common = os.environ.get("DATABASE_URL", "")
    if not common.startswith("postgres://"):
        yield
        return
    server, _, first = common.rpartition("/")
    folder = server.partition("@/")[2]
    name = f"town_{secrets.token_hex(6)}"
    with psycopg.connect(host=f"/{folder}", user="preau", dbname=first, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        monkeypatch.setenv("DATABASE_URL", f"{server}/{name}")
        yield
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
