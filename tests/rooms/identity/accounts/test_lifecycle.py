"""The verbs of an account: what the table allows and nothing else, one event each, and no way in that outlives them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from preau.identity.accounts import lifecycle, states
from preau.identity.accounts.models import Account, Channel, OneTimeLink, TemporaryPassword
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import ForbiddenMove, Move, State
from preau.identity.activation.school_letter import confirm_email
from preau.identity.audit.models import Event
from preau.identity.directory.models import Guardian
from preau.identity.signin import email_links
from preau.identity.signin.email_links import LinkState
from tests.rooms.identity.signin import people

pytestmark = pytest.mark.django_db
DESK = "staff:1"
LATER = timedelta(minutes=5)


@pytest.fixture
def account(at: datetime) -> Account:
    """A guardian « Non notifié », and beside it the account of her record in another school."""
    family = people.family(at)
    elsewhere = people.guardian(people.school("0990002P", "Collège Jeanne-Barret"), "77", "Samira", "BELKACEM")
    lifecycle.open_for_guardians([elsewhere], by="system:import", at=at)
    return family.account


def notify(account: Account, at: datetime) -> str:
    """A letter; its temporary password."""
    expires = at + timedelta(days=90)
    (secret,) = lifecycle.notify([account], channel=Channel.LETTER, expires_at=expires, by=DESK, at=at)
    return secret.password


def another(account: Account) -> Account:
    """An account of the same person in another school, already there."""
    return Account.objects.get(kind=account.kind, records__guardian__school="0990002P")


def do(move: Move, account: Account, at: datetime) -> None:
    """The verb of a move."""
    told: dict[str, Any] = {"by": DESK, "at": at}
    match move:
        case Move.NOTIFY:
            notify(account, at)
        case Move.ACTIVATE:
            lifecycle.activate(account, origin=Origin.SCHOOL, **told)
        case Move.BURN:
            lifecycle.burn([account], **told)
        case Move.BLOCK:
            lifecycle.block([account], reason="essai", **told)
        case Move.MERGE:
            lifecycle.merge(another(account), account, **told)
        case Move.UNDO:
            lifecycle.undo_activation(account, **told)
        case _:
            getattr(lifecycle, move.value)([account], **told)


WAY: dict[State, tuple[Move, ...]] = {
    State.UNNOTIFIED: (),
    State.NOTIFIED: (Move.NOTIFY,),
    State.ACTIVE: (Move.NOTIFY, Move.ACTIVATE),
    State.BLOCKED: (Move.NOTIFY, Move.ACTIVATE, Move.BLOCK),
    State.DISABLED: (Move.DISABLE,),
    State.CLOSED: (Move.CLOSE,),
}
# Burning takes a set as it stands: whoever has nothing to burn is left as they are.
ALWAYS = {Move.BURN}


@pytest.mark.parametrize("move", list(Move))
@pytest.mark.parametrize("state", list(State))
def test_a_verb_does_what_the_table_allows_with_one_event_and_otherwise_nothing(
    account: Account, at: datetime, state: State, move: Move
) -> None:
    for step in WAY[state]:
        do(step, account, at)
    account.refresh_from_db()
    assert account.state == state
    before, about = Event.objects.count(), Event.objects.about(account.key).count()
    if state in states.sources(move):
        do(move, account, at + LATER)
        was_activated = account.activated_at is not None
        account.refresh_from_db()
        assert account.state == states.after(state, move, was_activated=was_activated)
        # A merge is an event of both accounts.
        made = before + 1 + (move is Move.MERGE)
        assert (Event.objects.count(), Event.objects.about(account.key).count()) == (made, about + 1)
    elif move in ALWAYS:
        do(move, account, at + LATER)
        account.refresh_from_db()
        assert (account.state, Event.objects.count()) == (state, before)
    else:
        with pytest.raises(ForbiddenMove), transaction.atomic():
            do(move, account, at + LATER)
        account.refresh_from_db()
        assert (account.state, Event.objects.count()) == (state, before)


@pytest.mark.parametrize("move", [Move.ACTIVATE, Move.BURN, Move.BLOCK, Move.DISABLE, Move.CLOSE])
def test_no_letter_survives(account: Account, at: datetime, move: Move) -> None:
    notify(account, at)
    do(move, account, at + LATER)
    assert not TemporaryPassword.objects.exists()


def half_way(account: Account, at: datetime) -> str:
    """Somebody went through the letter to the end and gave an address; the link they received."""
    notify(account, at)
    lifecycle.choose_password(account, encoded=make_password(people.PASSWORD), by=account.key, at=at)
    account = lifecycle.give_email(account, address="qui@example.org", by=account.key, at=at)
    return email_links._make(account, at=at)


def _anew(account: Account, at: datetime) -> None:
    notify(account, at)


def _burnt_then_anew(account: Account, at: datetime) -> None:
    do(Move.BURN, account, at)
    notify(account, at)


def _blocked_then_anew(account: Account, at: datetime) -> None:
    do(Move.BLOCK, account, at)
    do(Move.UNBLOCK, account, at)
    notify(account, at)


@pytest.mark.parametrize(
    "given_again",
    [_anew, _burnt_then_anew, _blocked_then_anew, lambda one, at: do(Move.BURN, one, at)],
    ids=["a new letter", "burnt, then a new letter", "blocked, then a new letter", "burnt"],
)
def test_who_was_half_way_in_with_a_letter_does_not_come_in_once_it_is_replaced_or_burnt(
    account: Account, at: datetime, given_again: Callable[[Account, datetime], None]
) -> None:
    link = half_way(account, at)
    given_again(account, at + LATER)
    state, _, is_activated = confirm_email(link, at=at + 2 * LATER)
    account.refresh_from_db()
    assert (state, is_activated) == (LinkState.UNKNOWN, False)
    assert not account.has_usable_password() and not account.has_confirmed_email()
    assert account.activated_at is None and account.pending_email == "" and not OneTimeLink.objects.exists()


def test_burning_counts_and_tells_who_was_half_way_in_too(account: Account, at: datetime) -> None:
    half_way(account, at)
    assert lifecycle.burn([account], by=DESK, at=at + LATER) == 1
    assert Event.objects.about(account.key).filter(name="accounts.secrets_burnt").count() == 1


@pytest.mark.parametrize("what", ["block", "reset", "password"])
def test_a_first_address_that_waits_dies_with_what_ends_sessions(account: Account, at: datetime, what: str) -> None:
    people.active(account, at=at, email="")
    account = lifecycle.give_email(account, address="voleur@example.org", by=account.key, at=at)
    link = email_links._make(account, at=at)
    if what == "block":
        do(Move.BLOCK, account, at + LATER)
        do(Move.UNBLOCK, account, at + LATER)
    elif what == "reset":
        people.reset(account, at=at + LATER)
    else:
        lifecycle.choose_password(account, encoded="!", by=account.key, at=at + LATER)
    assert confirm_email(link, at=at + 2 * LATER)[0] is LinkState.UNKNOWN
    account.refresh_from_db()
    assert account.pending_email == "" and not account.has_confirmed_email()


def test_a_confirmed_address_is_never_replaced_by_a_first_one(account: Account, at: datetime) -> None:
    """Two tabs: the page of the first address was open when that address was confirmed."""
    people.active(account, at=at, email="")
    account = lifecycle.give_email(account, address="s@example.org", by=account.key, at=at)
    account = lifecycle.confirm_email(account, address="s@example.org", by=account.key, at=at)
    account = lifecycle.give_email(account, address="voleur@example.org", by=account.key, at=at + LATER)
    assert (account.email, account.pending_email) == ("s@example.org", "")


def test_usernames_are_never_given_twice(at: datetime) -> None:
    where = people.school()

    def opened(key: str) -> Account:
        guardian = Guardian.objects.create(school=where, source_key=key, birth_name="DURAND", first_name="Élise")
        (account,) = lifecycle.open_for_guardians([guardian], by=DESK, at=at)
        return account

    first, second = opened("1"), opened("2")
    assert (first.username, second.username) == ("e.durand", "e.durand2")
    second.delete()
    assert opened("3").username == "e.durand3"


def test_a_batch_of_homonyms_has_as_many_usernames(at: datetime) -> None:
    where = people.school()
    guardians = [
        Guardian.objects.create(school=where, source_key=str(key), birth_name="Durand", first_name="E.")
        for key in range(4)
    ]
    opened = lifecycle.open_for_guardians(guardians, by=DESK, at=at)
    assert [one.username for one in opened] == ["e.durand", "e.durand2", "e.durand3", "e.durand4"]
    assert lifecycle.open_for_guardians(guardians, by=DESK, at=at) == []


@pytest.mark.parametrize(
    "lie",
    [{"state": "active"}, {"origin": "school"}, {"kind": "pupil"}, {"email_confirmed_at": "2026-11-24T09:00Z"}],
    ids=["active", "origin", "kind", "confirmed"],
)
def test_the_database_refuses_what_the_rules_forbid(account: Account, lie: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=account.pk).update(**lie)
