"""The small town of the desk, a mail server, and a search for secrets in everything that is kept."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from preau import clock
from preau.identity.accounts.lifecycle import Secret
from preau.identity.messaging import outbox
from tests.rooms.identity.console.world import World, make_world


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Now, frozen: the instant the world was made is that of the requests."""
    instant = clock.now()
    monkeypatch.setattr(clock, "now", lambda: instant)
    return instant


@pytest.fixture
def world(db: None, at: datetime) -> World:
    """Two collèges, their families, their staff."""
    outbox._line.answers()
    return make_world(at)


@pytest.fixture
def everything_kept(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """All that the database and the log hold, as one text."""
    caplog.set_level("DEBUG")

    def dump() -> str:
        rows: list[Any] = []
        with connection.cursor() as cursor:
            for table in sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)}):
                cursor.execute(f'SELECT * FROM "{table}"')
                rows += cursor.fetchall()
        return f"{rows!r}\n{caplog.text}"

    yield dump


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every temporary password made during the test, in clear."""
    from preau.identity.accounts import passwords

    known: list[str] = []
    make = passwords.make_temporary

    def remembered() -> str:
        known.append(make())
        return known[-1]

    monkeypatch.setattr(passwords, "make_temporary", remembered)
    return known


def opens(secret: Secret | str, account: Any) -> bool:
    """Whether a temporary password is the one its account waits for."""
    from preau.identity.accounts.lifecycle import temporary_matches
    from preau.identity.accounts.models import TemporaryPassword

    typed = secret if isinstance(secret, str) else secret.password
    row = TemporaryPassword.objects.filter(account=account).first()
    return row is not None and temporary_matches(row, typed)
