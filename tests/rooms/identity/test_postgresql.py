"""A kept connection: asked nothing while it stands, replaced when the server went away."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from preau.identity.postgresql import lend

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


def server_side(kept: BaseDatabaseWrapper) -> int:
    """The server's process that answers this connection; the request then ends."""
    with kept.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        found: int = cursor.fetchone()[0]
    kept.close_if_unusable_or_obsolete()
    return found


def another(kept: BaseDatabaseWrapper) -> BaseDatabaseWrapper:
    """What another thread has for the same database."""
    other = connections.create_connection("default")
    other.settings_dict["NAME"] = kept.settings_dict["NAME"]
    return other


def test_a_request_takes_the_connection_that_another_thread_put_to_rest(kept: BaseDatabaseWrapper, engine: str) -> None:
    if is_kept_by(engine):
        other = another(kept)
        first = server_side(kept)
        assert kept.connection is None
        assert server_side(other) == first == server_side(kept)
        with other.cursor(), kept.cursor():
            assert other.connection.info.backend_pid == first != kept.connection.info.backend_pid
        assert other.get_autocommit() and kept.get_autocommit()
        other.close()


def test_a_connection_that_died_while_it_rested_is_not_taken(kept: BaseDatabaseWrapper, engine: str) -> None:
    if is_kept_by(engine):
        with connection.cursor() as cursor:
            first = server_side(kept)
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
        assert server_side(kept) != first


def test_no_connection_rests_with_a_transaction_open(kept: BaseDatabaseWrapper, engine: str) -> None:
    if is_kept_by(engine):
        first = server_side(kept)
        with kept.cursor() as cursor:
            cursor.execute("BEGIN")  # by who does not know Django
        begun = kept.connection
        kept.close_if_unusable_or_obsolete()
        assert begun.closed and server_side(kept) != first


def test_a_connection_is_lent_but_in_a_transaction(engine: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 42")
    lend()
    if is_kept_by(engine):
        assert connection.connection is None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 42")
        lend()
        assert connection.connection is not None and cursor.fetchone() == (42,)


def test_a_connection_that_is_taken_knows_nothing_of_a_transaction_that_was_cut(engine: str) -> None:
    if is_kept_by(engine):
        other = another(connection)
        server_side(other)
        with pytest.raises(OperationalError), transaction.atomic():
            connection.close()
            connection.cursor()
        server_side(other)  # one rests again
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept_or_lost (number int)")
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE kept_or_lost")
        other.close()
