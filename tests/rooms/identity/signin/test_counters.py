"""Counters of failures."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from preau.identity.signin import counters
from preau.identity.signin.models import Failure

WINDOW = timedelta(minutes=15)


@pytest.mark.django_db
def test_each_try_counts_one_more_until_the_window_closes(at: datetime) -> None:
    key = counters.key("test")
    assert [counters.add({key: WINDOW}, at=at)[key] for _ in range(3)] == [1, 2, 3]
    assert counters.read(key, at=at)[key] == counters.Count(3, at + WINDOW)
    assert counters.read(key, at=at + WINDOW)[key] == counters.Count()
    assert counters.add({key: WINDOW}, at=at + WINDOW)[key] == 1


@pytest.mark.django_db
def test_a_window_does_not_move_while_it_is_open(at: datetime) -> None:
    key = counters.key("test")
    counters.add({key: WINDOW}, at=at)
    counters.add({key: WINDOW}, at=at + timedelta(minutes=14))
    assert Failure.objects.get().until_at == at + WINDOW


@pytest.mark.django_db
def test_a_success_takes_back_its_own_try_and_no_other(at: datetime) -> None:
    key = counters.key("test")
    counters.add({key: WINDOW}, at=at)
    counters.add({key: WINDOW}, at=at)
    counters.take_back(key)
    assert counters.read(key, at=at)[key].count == 1


@pytest.mark.django_db
def test_the_table_names_nobody(at: datetime) -> None:
    counters.add({counters.key("password", "record", "s.belkacem"): WINDOW}, at=at)
    assert "belkacem" not in Failure.objects.get().key


@pytest.mark.django_db
def test_what_is_past_is_purged(at: datetime) -> None:
    counters.add({counters.key("a"): WINDOW, counters.key("b"): 2 * WINDOW}, at=at)
    assert Failure.objects.purge(at=at + WINDOW) == 1


@pytest.mark.django_db(transaction=True)
def test_tries_made_together_are_all_counted(at: datetime) -> None:
    # One connection holds a database in memory: there, together means one after the other.
    threads = 1 if connection.vendor == "sqlite" and connection.is_in_memory_db() else 6
    key = counters.key("together")

    def tries() -> None:
        for _ in range(24 // threads):
            counters.add({key: WINDOW}, at=at)
        if threads > 1:
            connection.close()

    workers = [threading.Thread(target=tries) for _ in range(threads)]
    if threads == 1:
        tries()
    else:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert counters.read(key, at=at)[key].count == 24
