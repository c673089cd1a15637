"""A guardian at the counter: « quelqu’un a mis son adresse sur mon compte ». A day later the account forgets it."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client

from preau.identity.accounts import channel_changes, channel_removals, lifecycle
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, ChannelChange, ChannelRemoval, RemovalOutcome
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.jobs.catalogue import CHORES
from preau.identity.messaging import sms
from tests.rooms.identity.my_account.post import mails, paths, texts
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in, words

MOBILE, THIEF = "+33639981717", "thief@example.org"
DESK = {"proof": "in_person", "by": "staff:1", "uai": "0991234D"}


@pytest.fixture
def mother(family: Family, clock: Clock) -> Account:
    """Samira, whose mobile was proved in September; somebody's address has counted since last week."""
    then = clock.now() - timedelta(days=80)
    account = people.active(family.account, at=then, email="")
    account = lifecycle.confirm_mobile(account, mobile=MOBILE, by=account.key, at=then)
    week = clock.now() - timedelta(days=7)
    return lifecycle.confirm_email(account, address=THIEF, by=account.key, at=week)


def ask(account: Account, clock: Clock, way: Way = Way.EMAIL) -> ChannelRemoval:
    asked = channel_removals.ask(account, way=way, at=clock.now(), **DESK)
    assert asked is not None
    return asked


def a_day_later(clock: Clock) -> int:
    clock.forward(hours=24, minutes=1)
    return channel_removals.forget_due(at=clock.now())


def test_a_day_later_the_address_is_forgotten_and_whoever_was_in_is_out(mother: Account, clock: Clock) -> None:
    thief = Client()
    sign_in(thief, mother.username, PASSWORD)
    ask(mother, clock)
    clock.forward(hours=23)
    assert channel_removals.forget_due(at=clock.now()) == 0
    mother.refresh_from_db()
    assert mother.has_confirmed_email()
    assert a_day_later(clock) == 1 and channel_removals.forget_due(at=clock.now()) == 0
    mother.refresh_from_db()
    assert (mother.email, mother.has_confirmed_email()) == ("", False)
    assert mother.mobile == MOBILE and mother.check_password(PASSWORD)
    assert thief.get("/compte/").status_code == 302
    assert ChannelRemoval.objects.get().outcome == RemovalOutcome.DONE
    told = {event.name: event for event in Event.objects.about(mother.key).order_by("pk")}
    asked, done = told[Events.CHANNEL_LEAVING], told[Events.CHANNEL_FORGOTTEN]
    assert (asked.by, asked.uai, asked.facts) == ("staff:1", "0991234D", {"proof": "in_person", "way": "email"})
    assert (done.by, done.uai) == ("system:clock", "0991234D")
    said = texts(clock)[-1]
    assert said[0] == MOBILE and "mot de passe" in said[1] and set(said[1]) <= sms.GSM and len(said[1]) <= 160


def test_every_channel_is_told_the_phone_may_refuse_and_the_address_put_there_may_not(
    mother: Account, clock: Clock
) -> None:
    ask(mother, clock)
    ((to, text),) = texts(clock)
    assert to == MOBILE and set(text) <= sms.GSM and len(paths(text)) == 1
    ((mailed, subject, body),) = mails(clock)
    assert mailed == THIEF and "va être retirée" in subject and "secrétariat" in body
    assert not [path for path in paths(body) if "/garder/" in path], "or nobody would ever be rid of a thief"
    (path,) = paths(text)
    assert "Garder" in words(Client().get(path))
    assert ChannelRemoval.objects.get().outcome == "", "a link that is only followed refuses nothing"
    assert "Rien ne sera retiré" in words(Client().post(path))
    assert "Rien ne sera retiré" in words(Client().get(path))
    assert a_day_later(clock) == 0
    mother.refresh_from_db()
    assert mother.has_confirmed_email()
    assert Event.objects.get(name=Events.CHANNEL_KEPT).by == mother.key


def test_who_passes_for_her_at_the_counter_is_refused_by_her_phone(mother: Account, clock: Clock) -> None:
    """It is the phone they ask to forget: the oldest channel of the account speaks for it."""
    ask(mother, clock, Way.SMS)
    ((_, text),) = texts(clock)
    (path,) = paths(text)
    Client().post(path)
    assert a_day_later(clock) == 0
    mother.refresh_from_db()
    assert mother.mobile == MOBILE


def test_the_only_channel_of_an_account_may_refuse(family: Family, clock: Clock) -> None:
    account = people.active(family.ines_account, at=clock.now(), email="ines@example.org")
    ask(account, clock)
    ((_, _, body),) = mails(clock)
    assert "ton compte" in body and "votre compte" not in body
    (path,) = [path for path in paths(body) if "/garder/" in path]
    assert "Rien ne sera retiré" in words(Client().post(path))


def test_a_number_that_took_the_place_of_hers_may_not_refuse(mother: Account, clock: Clock) -> None:
    """The thief had the phone in hand, and agreed from it."""
    change = channel_changes.ask(
        mother, way=Way.SMS, address="+33639982020", is_proved=True, by=mother.key, at=clock.now()
    )
    channel_changes.agree(channel_changes.token(change, channel_changes.Holder.OLD), at=clock.now())
    mother.refresh_from_db()
    assert mother.mobile == "+33639982020"
    texts(clock)
    ask(mother, clock, Way.SMS)
    ((to, text),) = texts(clock)
    assert to == "+33639982020" and paths(text) == [] and set(text) <= sms.GSM and len(text) <= 160


def test_the_address_put_there_does_not_refuse_either_after_she_has_changed_her_number(
    mother: Account, clock: Clock
) -> None:
    """Her new number dates from today, and makes the thief's address look like the oldest of the account."""
    change = channel_changes.ask(
        mother, way=Way.SMS, address="+33639982020", is_proved=True, by=mother.key, at=clock.now()
    )
    channel_changes.agree(channel_changes.token(change, channel_changes.Holder.OLD), at=clock.now())
    mails(clock)
    clock.forward(days=3)
    mother.refresh_from_db()
    ask(mother, clock)
    ((to, _, body),) = mails(clock)
    assert to == THIEF and not [path for path in paths(body) if "/garder/" in path]
    assert a_day_later(clock) == 1
    mother.refresh_from_db()
    assert (mother.email, mother.mobile) == ("", "+33639982020")


def test_a_number_proved_once_more_stays_as_old_as_it_was(mother: Account, clock: Clock) -> None:
    """Or whoever holds the phone for five minutes proves it again, and their address becomes the oldest."""
    since = mother.mobile_confirmed_at
    assert channel_changes.give_mobile(mother, mobile=MOBILE, by=mother.key, at=clock.now()) is None
    mother.refresh_from_db()
    assert mother.mobile_confirmed_at == since
    removal = ask(mother, clock)
    assert not channel_removals.may_refuse(removal, Way.EMAIL) and channel_removals.may_refuse(removal, Way.SMS)


@pytest.mark.django_db(transaction=True)
def test_an_activation_undone_while_the_worker_forgets_waits_for_nobody_in_a_circle(
    mother: Account, clock: Clock
) -> None:
    ask(mother, clock)
    clock.forward(hours=24, minutes=1)
    forgotten: list[int] = []

    def work() -> None:
        try:
            forgotten.append(channel_removals.forget_due(at=clock.now()))
        except OperationalError:  # SQLite in memory does not wait for its neighbour: the worker comes back later
            forgotten.append(0)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=mother.pk)
        worker.start()
        worker.join(1)  # long enough to take what it takes first, and to wait for the account
        lifecycle.undo_activation(mother, by="staff:1", at=clock.now())
    worker.join()
    assert forgotten == [0] and not ChannelRemoval.objects.exists()
    assert not Event.objects.filter(name=Events.CHANNEL_FORGOTTEN).exists()


def test_what_the_thief_had_begun_meanwhile_ends_too(mother: Account, clock: Clock) -> None:
    change = channel_changes.ask(
        mother, way=Way.SMS, address="+33639982020", is_proved=True, by=mother.key, at=clock.now()
    )
    clock.forward(hours=30)
    ask(mother, clock)
    change.refresh_from_db()
    assert change.outcome == "cancelled", "or it would count before the day has passed"
    channel_changes.ask(mother, way=Way.SMS, address="+33639982020", is_proved=True, by=mother.key, at=clock.now())
    lifecycle.confirm_email(mother, address="other@example.org", by=mother.key, at=clock.now())
    assert a_day_later(clock) == 1
    clock.forward(hours=48)
    channel_changes.take_effect(at=clock.now())
    mother.refresh_from_db()
    assert (mother.email, mother.mobile) == ("", MOBILE)
    assert not ChannelChange.objects.filter(outcome="done").exists()


def test_a_new_password_of_whoever_was_told_does_not_stop_it(mother: Account, clock: Clock) -> None:
    ask(mother, clock)
    clock.forward(hours=1)
    lifecycle.choose_password(mother, encoded="x", by=mother.key, at=clock.now())
    assert a_day_later(clock) == 1


def test_one_stands_at_a_time_and_what_is_not_proved_is_not_asked(mother: Account, clock: Clock) -> None:
    first = ask(mother, clock)
    clock.forward(hours=5)
    assert ask(mother, clock, Way.SMS) == first
    assert Event.objects.filter(name=Events.CHANNEL_LEAVING).count() == 1
    with pytest.raises(IntegrityError):
        ChannelRemoval.objects.create(
            account=mother, way=Way.SMS, asked_by="x", asked_at=clock.now(), effective_at=clock.now()
        )


def test_an_account_without_that_channel_has_none_to_forget(family: Family, clock: Clock) -> None:
    account = people.active(family.account, at=clock.now())
    assert channel_removals.ask(account, way=Way.SMS, at=clock.now(), **DESK) is None


def test_it_is_too_late_to_refuse_what_is_done(mother: Account, clock: Clock) -> None:
    ask(mother, clock)
    (path,) = paths(texts(clock)[0][1])
    a_day_later(clock)
    assert "trop tard" in words(Client().post(path))
    mother.refresh_from_db()
    assert not mother.has_confirmed_email()
    assert Client().get("/compte/garder/inventé/").status_code == 404


def test_half_a_year_later_the_asking_itself_is_forgotten(mother: Account, clock: Clock) -> None:
    ask(mother, clock)
    a_day_later(clock)
    clock.forward(days=181)
    channel_removals.forget_due(at=clock.now())
    assert not ChannelRemoval.objects.exists()


def test_the_worker_knows_the_chore() -> None:
    assert "preau.identity.accounts.channel_removals.forget_due" in {chore.done_by for chore in CHORES}
