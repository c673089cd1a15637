"""A kept connection: asked nothing while it stands, replaced when the server went away."""

from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept(engine: str) -> Iterator[BaseDatabaseWrapper]:
    """Another connection to the database of the test, as a worker keeps one between two requests."""
    other = connections.create_connection("default")
    other.settings_dict["NAME"] = connection.settings_dict["NAME"]
    yield other
    other.close()


def value(kept: BaseDatabaseWrapper) -> object:
    """What one statement answers, as the first of a request."""
    kept.health_check_done = False  # type: ignore[attr-defined]
    kept.close_if_unusable_or_obsolete()
    with kept.cursor() as cursor:
        cursor.execute("SELECT 42")
        return cursor.fetchone()[0]


def is_kept_by(engine: str) -> bool:
    """SQLite keeps no connection to a server that could leave."""
    return engine == "postgresql"


def test_a_standing_connection_is_asked_nothing_more(kept: BaseDatabaseWrapper, engine: str) -> None:
    assert value(kept) == 42
    if is_kept_by(engine):
        server_side = kept.connection.info.backend_pid
        assert kept.is_usable() and value(kept) == 42
        assert kept.connection.info.backend_pid == server_side
        with connection.cursor() as cursor:
            cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [server_side])
            assert cursor.fetchone() == ("SELECT 42",)


def test_a_request_survives_a_database_that_went_away_since_the_last(kept: BaseDatabaseWrapper, engine: str) -> None:
    assert value(kept) == 42
    if is_kept_by(engine):
        before = kept.connection.info.backend_pid
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
            assert cursor.fetchone() == (True,)
        assert not kept.is_usable()
        assert value(kept) == 42
        assert kept.connection.info.backend_pid != before
