"""Writing the journal: inside the verb's transaction or not at all, one line per person."""

from datetime import datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.audit.record import OutsideTransaction, record, record_many


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused_alone_or_in_number(at: datetime) -> None:
    with pytest.raises(OutsideTransaction):
        record(Events.SIGNED_IN, by="account:1", on="account:1", at=at)
    with pytest.raises(OutsideTransaction):
        record_many(Events.SIGNED_IN, by="account:1", on=["account:1"], at=at)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_disappears_with_the_transaction_of_its_verb(at: datetime) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        record(Events.SIGNED_IN, by="account:1", on="account:1", at=at)
        raise RuntimeError
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_an_event_keeps_what_it_was_given(at: datetime) -> None:
    made = record(Events.INVITED, by="staff:3", on="account:12", at=at, uai="0991234D", batch=4, words=["é", None])
    kept = Event.objects.get()
    assert kept == made and kept.seal is None
    assert (kept.name, kept.at, kept.by, kept.on, kept.uai) == (Events.INVITED, at, "staff:3", "account:12", "0991234D")
    assert kept.facts == {"batch": 4, "words": ["é", None]}


@pytest.mark.django_db
def test_many_people_have_one_event_each_with_common_and_own_facts(at: datetime) -> None:
    people = ["account:1", ("account:2", {"row": 7}), ("account:3", {"batch": 9})]
    record_many(Events.INVITED, by="staff:3", on=people, at=at, uai="0991234D", batch=4)
    assert dict(Event.objects.values_list("on", "facts")) == {
        "account:1": {"batch": 4},
        "account:2": {"batch": 4, "row": 7},
        "account:3": {"batch": 9},
    }


@pytest.mark.django_db
def test_a_hundred_events_are_one_statement(at: datetime) -> None:
    with CaptureQueriesContext(connection) as queries:
        record_many(Events.INVITED, by="staff:3", on=[f"account:{n}" for n in range(100)], at=at)
    assert len([query for query in queries if query["sql"].startswith("INSERT")]) == 1
    assert Event.objects.count() == 100


@pytest.mark.django_db
def test_one_reads_what_was_done_to_a_person_or_in_a_school_newest_first(at: datetime) -> None:
    first = record(Events.ACCOUNT_OPENED, by="system:import", on="account:1", at=at, uai="0991234D")
    elsewhere = record(Events.ACCOUNT_OPENED, by="system:import", on="account:2", at=at, uai="0995678P")
    last = record(Events.ACCOUNT_NOTIFIED, by="staff:3", on="account:1", at=at, uai="0991234D")
    assert list(Event.objects.about("account:1")) == [last, first]
    assert list(Event.objects.of_school("0995678P")) == [elsewhere]
    assert list(Event.objects.unsealed()) == [first, elsewhere, last]


def test_every_event_has_a_room_a_past_and_a_french_sentence() -> None:
    for event in Events:
        room, _, what = event.value.partition(".")
        assert room and what and event.label and len(event.value) <= 60
