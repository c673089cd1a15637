"""The database says the same as the rules (design.md §4.13), to whoever writes around the verbs."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from preau.identity.accounts.models import Account, GuardianRecord, Kind, TemporaryPassword, UsernameStem
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import State
from preau.identity.directory.models import Pupil

pytestmark = pytest.mark.django_db


def refused(account: Account, **columns: Any) -> None:
    """Writing `columns` on a new account breaks a constraint, and nothing is written."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=account.pk).update(**columns)


@pytest.mark.parametrize("origin", [origin for origin in Origin if origin is not Origin.UNSET])
def test_an_origin_without_an_activation_is_refused(make: Any, origin: Origin) -> None:
    refused(make(), origin=origin)
    refused(make(State.NOTIFIED), origin=origin)


def test_an_activation_without_an_origin_is_refused(make: Any, at: datetime) -> None:
    refused(make(State.BLOCKED), activated_at=at)
    refused(make(State.ACTIVE), origin=Origin.UNSET)


def test_an_active_account_was_activated(make: Any) -> None:
    refused(make(), state=State.ACTIVE)


@pytest.mark.parametrize("state", [State.UNNOTIFIED, State.NOTIFIED])
def test_an_account_that_waits_was_never_activated(make: Any, state: State) -> None:
    refused(make(State.ACTIVE), state=state)


def test_a_confirmed_address_is_an_address(make: Any, at: datetime) -> None:
    refused(make(), email_confirmed_at=at)


def test_the_account_of_a_pupil_has_a_pupil_and_a_guardians_has_none(make: Any) -> None:
    refused(make(), kind=Kind.PUPIL)
    refused(make(), pupil=Pupil.objects.create(first_name="Inès", birth_name="BELKACEM"))


def test_a_username_belongs_to_one_account(make: Any) -> None:
    first, second = make(), make()
    refused(second, username=first.username)


def test_an_account_has_one_temporary_password_at_most(make: Any, at: datetime) -> None:
    account = make(State.NOTIFIED)
    with pytest.raises(IntegrityError), transaction.atomic():
        TemporaryPassword.objects.create(account=account, digest="x", channel="letter", issued_at=at, expires_at=at)


def test_a_record_belongs_to_one_account(make: Any, at: datetime) -> None:
    record = make().records.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        GuardianRecord.objects.create(account=make(), guardian=record.guardian, gathered_at=at)


def test_the_adjectives_pick_the_states_they_name(make: Any) -> None:
    by_state = {state: make(state) for state in State}
    assert list(Account.objects.unnotified()) == [by_state[State.UNNOTIFIED]]
    assert set(Account.objects.not_active()) == {by_state[State.UNNOTIFIED], by_state[State.NOTIFIED]}
    assert {state for state, account in by_state.items() if account.is_open()} == {
        State.UNNOTIFIED, State.NOTIFIED, State.ACTIVE,
    }  # fmt: skip


def test_an_account_is_named_by_its_key_in_the_journal_and_knows_its_holder(make: Any) -> None:
    account = make()
    assert account.key == f"account:{account.pk}" and str(account) == account.username
    assert account.holder() == account.records.get().guardian
    assert not account.is_anonymous and not account.has_confirmed_email()


def test_a_stem_has_one_counter(make: Any) -> None:
    make(), make()
    assert str(UsernameStem.objects.get()) == "e.durand × 2"
