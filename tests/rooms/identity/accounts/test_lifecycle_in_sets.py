"""The verbs on sets of accounts: all or nothing, one event each; secrets, usernames and who comes back."""
# size: one verb after the other, as in the file they are about

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from preau.identity.accounts import lifecycle
from preau.identity.accounts.lifecycle import Secret, temporary_matches
from preau.identity.accounts.models import Account, Channel, OneTimeLink, TemporaryPassword
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import ForbiddenMove, Move, State, sources
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Guardian, Pupil, School
from tests.rooms.identity.accounts.conftest import DESK, PASSWORD, Make, guardian

pytestmark = pytest.mark.django_db
Verb = Callable[[Sequence[Account], datetime], object]


def letters(accounts: Sequence[Account], at: datetime) -> list[Secret]:
    """Letters valid three months."""
    return lifecycle.notify(accounts, channel=Channel.LETTER, expires_at=at + timedelta(days=90), by=DESK, at=at)


def resets(accounts: Sequence[Account], at: datetime) -> list[Secret]:
    """What a form tutor gives, for 48 hours."""
    return lifecycle.reset_passwords(
        accounts, channel=Channel.TUTOR, expires_at=at + timedelta(hours=48), by=DESK, at=at
    )


BULK: dict[Move, Verb] = {
    Move.NOTIFY: letters,
    Move.BLOCK: lambda accounts, at: lifecycle.block(accounts, reason="Conflit", by=DESK, at=at),
    Move.UNBLOCK: lambda accounts, at: lifecycle.unblock(accounts, by=DESK, at=at),
    Move.DISABLE: lambda accounts, at: lifecycle.disable(accounts, by=DESK, at=at),
    Move.ENABLE: lambda accounts, at: lifecycle.enable(accounts, by=DESK, at=at),
    Move.CLOSE: lambda accounts, at: lifecycle.close(accounts, by=DESK, at=at),
}
EVENTS = {
    Move.NOTIFY: Events.ACCOUNT_NOTIFIED,
    Move.BLOCK: Events.ACCOUNT_BLOCKED,
    Move.UNBLOCK: Events.ACCOUNT_UNBLOCKED,
    Move.DISABLE: Events.ACCOUNT_DISABLED,
    Move.ENABLE: Events.ACCOUNT_ENABLED,
    Move.CLOSE: Events.ACCOUNT_CLOSED,
}


def activates(accounts: Sequence[Account], at: datetime) -> None:
    """The one verb on one account."""
    for account in accounts:
        lifecycle.activate(account, origin=Origin.SELF, by=account.key, at=at)


VERBS: dict[Move, Verb] = {**BULK, Move.ACTIVATE: activates}


def snapshot() -> list[Any]:
    """Every row a verb may write."""
    tables = (Account, TemporaryPassword, Event)
    return [sorted(table.objects.values_list(), key=lambda row: str(row)) for table in tables]


def matching(account: Account, typed: str) -> bool:
    """Whether `typed` is what the account waits for."""
    row = TemporaryPassword.objects.filter(account=account).first()
    return row is not None and temporary_matches(row, typed)


# The table, verb by verb ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("move", VERBS)
@pytest.mark.parametrize("state", State)
def test_a_verb_moves_from_where_the_table_says_and_writes_nothing_elsewhere(
    make: Make, at: datetime, move: Move, state: State
) -> None:
    account = make(state)
    if state in sources(move):
        VERBS[move]([account], at)
        moved = Account.objects.get()
        assert moved.state in {State.UNNOTIFIED, State.NOTIFIED, State.ACTIVE, State.BLOCKED, State.DISABLED, "closed"}
        assert moved.state != state or move is Move.NOTIFY
        return
    before = snapshot()
    with pytest.raises(ForbiddenMove):
        VERBS[move]([account], at)
    assert snapshot() == before


@pytest.mark.parametrize("move", BULK)
def test_one_forbidden_account_in_a_set_stops_the_verb_before_any_write(make: Make, at: datetime, move: Move) -> None:
    accounts = [make(sources(move)[0]), make(sources(move)[0]), make(State.CLOSED)]
    before = snapshot()
    with CaptureQueriesContext(connection) as queries, pytest.raises(ForbiddenMove):
        BULK[move](accounts, at)
    assert snapshot() == before
    written = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert written == []


@pytest.mark.parametrize("move", BULK)
def test_a_bulk_verb_writes_one_event_per_person_at_its_instant(make: Make, at: datetime, move: Move) -> None:
    accounts = [make(sources(move)[0]) for _ in range(3)]
    BULK[move]([*accounts, accounts[0]], at)
    events = Event.objects.filter(name=EVENTS[move], at=at)
    assert sorted(event.on for event in events) == sorted(account.key for account in accounts)
    assert {event.by for event in events} == {DESK}


@pytest.mark.parametrize("move", BULK)
def test_a_bulk_verb_asks_no_more_of_the_database_for_nine_people_than_for_two(
    make: Make, at: datetime, move: Move
) -> None:
    counts = []
    for size in (2, 9):
        accounts = [make(sources(move)[0]) for _ in range(size)]
        with CaptureQueriesContext(connection) as queries:
            BULK[move](accounts, at)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_verb_that_fails_after_writing_leaves_nothing(make: Make, at: datetime) -> None:
    account = make(State.NOTIFIED)
    before = snapshot()
    with pytest.raises(IntegrityError):
        lifecycle.activate(account, origin=Origin.UNSET, by=account.key, at=at)
    assert snapshot() == before


def test_a_verb_judges_the_row_as_it_is_now_not_as_it_was_read(make: Make, at: datetime) -> None:
    stale = make()
    lifecycle.block([stale], reason="Conflit", by=DESK, at=at)
    assert stale.state == State.UNNOTIFIED
    with pytest.raises(ForbiddenMove):
        letters([stale], at)


# Opening and usernames ------------------------------------------------------------------------------------------------
def test_homonyms_opened_together_or_later_get_the_next_number(school: School, at: datetime) -> None:
    people = [
        guardian(school, n, *who) for n, who in enumerate([("Emma", "DURAND"), ("Éric", "Durand"), ("Luc", "Roy")])
    ]
    made = lifecycle.open_for_guardians(people, by="system:import", at=at)
    assert [account.username for account in made] == ["e.durand", "e.durand2", "l.roy"]
    pupil = Pupil.objects.create(first_name="Ève", birth_name="DURAND")
    (later,) = lifecycle.open_for_pupils([pupil], by="system:import", at=at)
    assert later.username == "e.durand3"


def test_the_username_of_an_account_that_is_gone_is_never_given_again(make: Make) -> None:
    make()
    Account.objects.all().delete()
    Guardian.objects.all().delete()
    assert make().username == "e.durand2"


def test_opening_twice_opens_once(school: School, at: datetime) -> None:
    people = [guardian(school, 1), guardian(school, 2)]
    pupils = [Pupil.objects.create(first_name="Inès", birth_name="BELKACEM")]
    for expected in (2, 0):
        assert len(lifecycle.open_for_guardians(people, by="system:import", at=at)) == expected
        assert len(lifecycle.open_for_pupils(pupils, by="system:import", at=at)) == expected // 2
    assert Event.objects.filter(name=Events.ACCOUNT_OPENED).count() == Account.objects.count() == 3


def test_a_new_account_is_not_notified_and_no_password_opens_it(make: Make) -> None:
    account = make()
    assert (account.state, account.origin, account.activated_at) == (State.UNNOTIFIED, Origin.UNSET, None)
    assert not account.has_usable_password() and not check_password("", account.password)


def test_forty_homonyms_cost_as_many_questions_as_two(school: School, at: datetime) -> None:
    counts = []
    for start, size in ((0, 2), (2, 40)):
        people = Guardian.objects.bulk_create(
            Guardian(school=school, source_key=str(n), first_name="Emma", birth_name="DURAND")
            for n in range(start, start + size)
        )
        with CaptureQueriesContext(connection) as queries:
            made = lifecycle.open_for_guardians(people, by="system:import", at=at)
        counts.append(len(queries))
        assert len({account.username for account in made}) == size
    assert Account.objects.filter(username="e.durand42").exists()
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_never_give_one_username_twice(school: School, at: datetime, engine: str) -> None:
    lifecycle.open_for_guardians([guardian(school, 99)], by="system:import", at=at)  # the counter is already there
    if engine == "sqlite":
        # One writer at a time, and a database in memory has one connection: one import after the other.
        for half in range(2):
            lifecycle.open_for_guardians([guardian(school, 10 * half + n) for n in range(5)], by="system:a", at=at)
    else:
        halves = [[guardian(school, 10 * half + n) for n in range(5)] for half in range(2)]
        barrier, failed = threading.Barrier(2), []

        def opens(people: list[Guardian]) -> None:
            try:
                barrier.wait(timeout=10)
                lifecycle.open_for_guardians(people, by="system:import", at=at)
            except Exception as error:
                failed.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=opens, args=(half,)) for half in halves]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert failed == []
    numbers = {f"e.durand{n}" for n in range(2, 12)}
    assert set(Account.objects.values_list("username", flat=True)) == {"e.durand", *numbers}


def test_gathering_adds_the_record_of_another_base_and_says_so(make: Make, school: School, at: datetime) -> None:
    account = make()
    other = guardian(School.objects.create(uai="0995678P", name="Collège voisin"), 1)
    lifecycle.gather(other, into=account, by="system:import", at=at)
    assert account.records.count() == 2 and account.holder() == other
    event = Event.objects.get(name=Events.RECORD_GATHERED)
    assert (event.on, event.uai, event.facts) == (account.key, "0995678P", {"guardian": other.key})


# Temporary passwords --------------------------------------------------------------------------------------------------
def test_the_newest_temporary_password_kills_the_one_before(make: Make, at: datetime) -> None:
    account = make()
    (old,), (new,) = letters([account], at), letters([account], at + timedelta(days=1))
    assert not matching(account, old.password) and matching(account, new.password)
    row = TemporaryPassword.objects.get()
    assert row.issued_at == at + timedelta(days=1) and row.expires_at == new.expires_at


def test_a_temporary_password_opens_typed_in_any_case_with_spaces(make: Make, at: datetime) -> None:
    account = make()
    (secret,) = letters([account], at)
    first, second, third = (secret.password[start : start + 4] for start in (0, 4, 8))
    for typed in (
        secret.password,
        secret.password.lower(),
        f" {first} {second}-{third} ",
        f"{first}\u00a0{second}{third}",
    ):
        assert matching(account, typed)
    assert not matching(account, first + second) and not matching(account, "")


def test_the_temporary_password_of_one_does_not_open_another(make: Make, at: datetime) -> None:
    one, other = make(), make()
    secrets = letters([one, other], at)
    assert [secret.account for secret in secrets] == [one, other]
    assert not matching(one, secrets[1].password)


def test_an_expired_temporary_password_is_only_compared(make: Make, at: datetime) -> None:
    account = make()
    (secret,) = letters([account], at)
    row = TemporaryPassword.objects.get()
    assert not row.is_expired_at(secret.expires_at - timedelta(seconds=1)) and row.is_expired_at(secret.expires_at)
    assert temporary_matches(row, secret.password), "the door says « expired » only to who knows it"
    account.refresh_from_db()
    assert account.state == State.NOTIFIED


@pytest.mark.parametrize("state", [State.UNNOTIFIED, State.ACTIVE])
def test_no_temporary_password_is_readable_in_the_database(make: Make, at: datetime, state: State) -> None:
    account = make(state)
    (secret,) = (resets if state == State.ACTIVE else letters)([account], at)
    rows = repr(snapshot())
    assert secret.password not in rows and secret.password.lower() not in rows.lower()


def test_activating_kills_the_letter(make: Make, at: datetime) -> None:
    account = make()
    (secret,) = letters([account], at)
    active = lifecycle.activate(account, origin=Origin.FRANCECONNECT, by=account.key, at=at, uai="0991234D")
    assert (active.state, active.origin, active.activated_at) == (State.ACTIVE, Origin.FRANCECONNECT, at)
    assert not matching(account, secret.password)
    event = Event.objects.get(name=Events.ACCOUNT_ACTIVATED)
    assert (event.by, event.on, event.facts) == (account.key, account.key, {"origin": "franceconnect"})


def test_choosing_a_password_kills_the_temporary_one_and_ends_other_sessions(make: Make, at: datetime) -> None:
    account = make(State.ACTIVE)
    (secret,) = resets([account], at)
    later = at + timedelta(hours=1)
    chosen = lifecycle.choose_password(account, encoded=make_password("un vélo rouge"), by=account.key, at=later)
    assert not matching(account, secret.password)
    assert check_password("un vélo rouge", chosen.password) and not chosen.must_change_password
    assert chosen.credentials_changed_at == later


def test_a_reset_replaces_the_password_and_touches_neither_state_nor_address(make: Make, at: datetime) -> None:
    account = make(State.ACTIVE)
    lifecycle.give_email(account, address="emma@example.org", by=account.key, at=at)
    lifecycle.confirm_email(account, address="emma@example.org", by=account.key, at=at)
    (secret,) = resets([account], at)
    account.refresh_from_db()
    assert matching(account, secret.password) and not check_password(PASSWORD, account.password)
    assert account.must_change_password and account.credentials_changed_at == at
    assert (account.state, account.origin, account.email) == (State.ACTIVE, Origin.SCHOOL, "emma@example.org")
    assert Event.objects.get(name=Events.PASSWORD_RESET).facts == {"channel": "tutor"}


@pytest.mark.parametrize("state", [state for state in State if state is not State.ACTIVE])
def test_only_active_accounts_are_reset_and_one_other_stops_them_all(make: Make, at: datetime, state: State) -> None:
    accounts = [make(State.ACTIVE), make(state)]
    before = snapshot()
    with pytest.raises(ForbiddenMove):
        resets(accounts, at)
    assert snapshot() == before


# Burning --------------------------------------------------------------------------------------------------------------
def test_burning_kills_every_secret_and_who_was_notified_waits_again(make: Make, at: datetime) -> None:
    notified, active, idle, closed = make(), make(State.ACTIVE), make(), make(State.CLOSED)
    (letter,), (given,) = letters([notified], at), resets([active], at)
    later = at + timedelta(hours=1)
    assert lifecycle.burn([notified, active, idle, closed], by=DESK, at=later, uai="0991234D") == 2
    assert not matching(notified, letter.password) and not matching(active, given.password)
    for account in (notified, active, idle, closed):
        account.refresh_from_db()
    states = [account.state for account in (notified, active, idle, closed)]
    assert states == [State.UNNOTIFIED, State.ACTIVE, State.UNNOTIFIED, State.CLOSED]
    assert notified.credentials_changed_at == later and not notified.has_usable_password()
    burnt = Event.objects.filter(name=Events.SECRETS_BURNT)
    assert sorted(event.on for event in burnt) == sorted([notified.key, active.key])


def test_burning_who_already_chose_a_password_is_remembered_too(make: Make, at: datetime) -> None:
    account = make(State.NOTIFIED)
    lifecycle.choose_password(account, encoded=make_password(PASSWORD), by=account.key, at=at)
    lifecycle.burn([account], by=DESK, at=at)
    account.refresh_from_db()
    assert account.state == State.UNNOTIFIED and not account.has_usable_password()
    assert Event.objects.get(name=Events.SECRETS_BURNT).on == account.key


# Blocking, disabling, closing -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("was_activated", [False, True])
@pytest.mark.parametrize(("away", "back"), [(Move.BLOCK, Move.UNBLOCK), (Move.DISABLE, Move.ENABLE)])
def test_who_comes_back_stands_where_they_were(
    make: Make, at: datetime, away: Move, back: Move, was_activated: bool
) -> None:
    account = make(State.ACTIVE if was_activated else State.UNNOTIFIED)
    BULK[away]([account], at)
    BULK[back]([account], at)
    account.refresh_from_db()
    assert account.state == (State.ACTIVE if was_activated else State.UNNOTIFIED)
    assert check_password(PASSWORD, account.password) is was_activated
    assert account.origin == (Origin.SCHOOL if was_activated else Origin.UNSET)


@pytest.mark.parametrize("move", [Move.BLOCK, Move.DISABLE, Move.CLOSE])
def test_a_letter_does_not_survive_a_shut_account(make: Make, at: datetime, move: Move) -> None:
    account = make()
    (secret,) = letters([account], at)
    BULK[move]([account], at)
    assert not matching(account, secret.password)


@pytest.mark.parametrize("move", [Move.BLOCK, Move.UNBLOCK, Move.DISABLE, Move.ENABLE, Move.CLOSE])
def test_shutting_and_opening_again_end_every_session(make: Make, at: datetime, move: Move) -> None:
    account = make(sources(move)[-1])
    assert account.credentials_changed_at < at
    BULK[move]([account], at)
    account.refresh_from_db()
    assert account.credentials_changed_at == at


def test_a_block_says_why_until_it_is_lifted(make: Make, at: datetime) -> None:
    account = make()
    BULK[Move.BLOCK]([account], at)
    account.refresh_from_db()
    assert account.blocked_reason == "Conflit" and "Conflit" not in repr(Event.objects.last().facts)  # type: ignore[union-attr]
    BULK[Move.UNBLOCK]([account], at)
    account.refresh_from_db()
    assert account.blocked_reason == ""


def test_a_set_that_comes_back_goes_each_to_its_own_state(make: Make, at: datetime) -> None:
    never, once = make(State.BLOCKED), make(State.BLOCKED, was_activated=True)
    assert lifecycle.unblock([never, once], by=DESK, at=at) == 2
    never.refresh_from_db()
    once.refresh_from_db()
    assert (never.state, once.state) == (State.UNNOTIFIED, State.ACTIVE)


# Addresses ------------------------------------------------------------------------------------------------------------
def test_another_address_kills_the_links_sent_to_the_one_before(make: Make, at: datetime) -> None:
    account = make(State.ACTIVE)
    lasts = {"purpose": "confirm", "made_at": at, "expires_at": at + timedelta(days=1)}
    old = OneTimeLink.objects.create(account=account, sent_to="old@example.org", digest="a", **lasts)
    kept = OneTimeLink.objects.create(account=account, sent_to="new@example.org", digest="b", **lasts)
    used = OneTimeLink.objects.create(account=account, sent_to="old@example.org", digest="c", used_at=at, **lasts)
    given = lifecycle.give_email(account, address="new@example.org", by=account.key, at=at)
    assert given.pending_email == "new@example.org" and not given.has_confirmed_email()
    assert set(OneTimeLink.objects.all()) == {kept, used} and old not in OneTimeLink.objects.all()


def test_a_confirmed_address_replaces_the_one_that_waited(make: Make, at: datetime) -> None:
    account = make(State.ACTIVE)
    lifecycle.give_email(account, address="emma@example.org", by=account.key, at=at)
    confirmed = lifecycle.confirm_email(account, address="emma@example.org", by=account.key, at=at)
    assert (confirmed.email, confirmed.pending_email, confirmed.email_confirmed_at) == ("emma@example.org", "", at)
    assert "example.org" not in repr(list(Event.objects.values_list("facts", flat=True)))


@pytest.mark.django_db(transaction=True)
def test_a_callers_transaction_that_is_undone_undoes_the_verb_and_its_events(make: Make, at: datetime) -> None:
    account = make()
    before = snapshot()
    with pytest.raises(RuntimeError), transaction.atomic():
        letters([account], at)
        raise RuntimeError
    assert snapshot() == before
