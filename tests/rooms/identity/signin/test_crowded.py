"""Too many sign in at the same second: who comes last is told what to do, and loses nothing."""

from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from preau.identity.accounts import hashing
from preau.identity.accounts.hash_queue import HashQueue
from preau.identity.audit.models import Event
from preau.identity.signin import sessions
from preau.identity.signin.models import Failure
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family


def full() -> HashQueue:
    """A queue with seven seconds of hashes in it."""
    queue = HashQueue()
    queue.run(len, "")  # its thread is there
    queue._waiting, queue._mean = 70, 0.1
    return queue


@pytest.fixture
def username(family: Family, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> str:
    """An active account, as the queue fills."""
    account = people.active(family.account, at=clock.now())
    monkeypatch.setattr(hashing, "_queue", full())
    return account.username


def test_the_page_says_how_long_to_wait_and_that_nothing_is_counted(client: Client, username: str) -> None:
    before = Event.objects.count()
    page = people.sign_in(client, username, PASSWORD)
    assert page.status_code == 503 and page["Retry-After"] == "7"
    assert "cet essai n’est pas compté" in people.words(page) and "Attendez 7 secondes" in people.words(page)
    assert '<a class="button" href="/connexion/responsable/">Réessayer</a>' in page.content.decode()
    assert sessions.COOKIE not in page.cookies
    assert Event.objects.count() == before
    assert not Failure.objects.filter(count__gt=0).exists()


def test_coming_back_too_early_many_times_never_pauses_anybody(
    client: Client, username: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(8):
        assert people.sign_in(client, username, PASSWORD).status_code == 503
    monkeypatch.setattr(hashing, "_queue", HashQueue())
    assert people.sign_in(client, username, PASSWORD).status_code == 302


def test_an_unknown_username_gets_the_same_page_for_the_same_work(client: Client, username: str) -> None:
    people.sign_in(client, username, PASSWORD)  # the counters exist
    people.sign_in(client, "n.personne", PASSWORD)
    found = []
    for name in (username, "n.personne"):
        with CaptureQueriesContext(connection) as queries:
            page = people.sign_in(client, name, PASSWORD)
        kinds = Counter(query["sql"].split(" ", 1)[0] for query in queries.captured_queries)
        found.append((page.status_code, page["Retry-After"], people.words(page), kinds))
    assert found[0] == found[1]


def test_other_pages_that_hash_say_it_too(
    client: Client, family: Family, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = people.active(family.account, at=clock.now())
    people.sign_in(client, account.username, PASSWORD)
    clock.forward(minutes=20)
    monkeypatch.setattr(hashing, "_queue", full())
    page = client.post("/connexion/confirmer/?suite=/compte/", {"password": PASSWORD})
    assert page.status_code == 503 and page["Retry-After"] == "7"
    assert '<a class="button" href="/connexion/confirmer/?suite=/compte/">Réessayer</a>' in page.content.decode()
    assert not Failure.objects.filter(count__gt=0).exists()


def test_pages_that_hash_nothing_answer_as_ever(client: Client, username: str) -> None:
    assert client.get("/connexion/responsable/").status_code == 200
