"""The journal cannot be edited unnoticed (design.md §6.9): each way of lying in the table, tried, is named."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from preau.identity.audit import record as journal
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event, Seal
from preau.identity.audit.sealing import faults, seal_waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(at: datetime) -> list[Seal]:
    """Three seals over three events each."""
    return [_three_more(at + timedelta(minutes=number)) for number in range(3)]


def _three_more(at: datetime) -> Seal:
    with transaction.atomic():
        for number in range(3):
            journal.record(Events.SIGNED_IN, by="account:1", on=f"account:{number}", at=at, uai="0991234D", device="x")
    seal = seal_waiting(at=at)
    assert seal is not None
    return seal


def _alone(seal: Seal) -> Event:
    return Event.objects.filter(seal=seal).order_by("id")[1]


def test_a_journal_nobody_touched_is_whole(sealed: list[Seal]) -> None:
    assert list(faults()) == []
    assert not Event.objects.unsealed().exists()


def test_what_no_seal_covers_yet_is_no_fault(sealed: list[Seal], at: datetime) -> None:
    with transaction.atomic():
        journal.record(Events.SIGNED_OUT, by="account:1", on="account:1", at=at)
    assert list(faults()) == [] and Event.objects.unsealed().count() == 1


def _changed(**columns: Any) -> Callable[[Seal], None]:
    return lambda seal: _update(_alone(seal), **columns)


def _update(event: Event, **columns: Any) -> None:
    Event.objects.filter(pk=event.pk).update(**columns)


def _deleted(seal: Seal) -> None:
    _alone(seal).delete()


def _inserted(seal: Seal) -> None:
    copy = _alone(seal)
    copy.pk = None
    copy.save(force_insert=True)


def _swapped(seal: Seal) -> None:
    first, second, _ = Event.objects.filter(seal=seal).order_by("id")
    _update(first, on=second.on)
    _update(second, on=first.on)


@pytest.mark.parametrize(
    "lie",
    [
        _changed(by="account:9"), _changed(on="account:9"), _changed(name=Events.SIGNED_OUT.value), _changed(uai=""),
        _changed(at=datetime.fromisoformat("2026-01-01T00:00+00:00")), _changed(facts={"device": "y"}),
        _deleted, _inserted, _swapped,
    ],
    ids=["by", "on", "name", "uai", "at", "facts", "deleted", "inserted", "swapped"],
)  # fmt: skip
def test_a_changed_deleted_inserted_or_swapped_line_is_named_with_its_seal(
    sealed: list[Seal], lie: Callable[[Seal], None]
) -> None:
    before = set(Event.objects.filter(seal=sealed[1]).values_list("pk", flat=True))
    lie(sealed[1])
    found = list(faults())
    assert {fault.seal for fault in found} == {sealed[1].pk}
    # The row itself is named: the two that were swapped, the one that changed or vanished, the one that came.
    events = {fault.event for fault in found}
    assert events and None not in events
    assert len(events) == (2 if lie is _swapped else 1)
    assert (events <= before) is (lie is not _inserted)


def test_a_batch_that_vanished_with_its_seal_breaks_the_chain(sealed: list[Seal]) -> None:
    Event.objects.filter(seal=sealed[1]).delete()
    sealed[1].delete()
    assert [fault.seal for fault in faults()] == [sealed[2].pk]


def test_the_oldest_batches_may_not_vanish_under_the_name_of_a_purge(sealed: list[Seal]) -> None:
    gone = set(Event.objects.filter(seal=sealed[0]).values_list("pk", flat=True))
    Event.objects.filter(seal=sealed[0]).delete()
    assert {(fault.seal, fault.event) for fault in faults()} == {(sealed[0].pk, number) for number in gone}


def test_a_seal_made_again_without_the_master_secret_is_seen(sealed: list[Seal]) -> None:
    Seal.objects.filter(pk=sealed[2].pk).update(digest=sealed[1].digest)
    assert [fault.seal for fault in faults()] == [sealed[2].pk]


def test_an_event_outside_the_transaction_of_its_verb_is_refused(transactional_db: None, at: datetime) -> None:
    with pytest.raises(journal.OutsideTransaction):
        journal.record(Events.SIGNED_IN, by="account:1", on="account:1", at=at)
    assert not connection.in_atomic_block and not Event.objects.exists()


def test_the_command_says_whole_or_names_the_seal_and_fails(sealed: list[Seal]) -> None:
    said, cried = StringIO(), StringIO()
    call_command("journal", "verify", stdout=said)
    assert "intact" in said.getvalue()
    number = _alone(sealed[0]).pk
    _deleted(sealed[0])
    with pytest.raises(CommandError):
        call_command("journal", "verify", stderr=cried)
    assert f"Sceau {sealed[0].pk}" in cried.getvalue() and f"événement {number} a disparu" in cried.getvalue()
