"""The last five passwords of an account do not come back."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.hashers import make_password

from preau.identity.accounts import lifecycle, past_passwords
from preau.identity.accounts.models import Account, PastPassword
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD


@pytest.fixture
def samira(db: None, at: datetime) -> Account:
    return people.active(people.family(at).account, at=at)


def choose(account: Account, password: str, at: datetime) -> Account:
    return lifecycle.choose_password(account, encoded=make_password(password), by=account.key, at=at)


def test_the_present_password_and_the_last_five_are_known(samira: Account, at: datetime) -> None:
    for number in range(6):
        samira = choose(samira, f"le numéro {number} de la liste", at + timedelta(days=number))
    assert past_passwords.was_used(samira, "le numéro 5 de la liste")  # the present one
    assert all(past_passwords.was_used(samira, f"le numéro {number} de la liste") for number in range(5))
    assert not past_passwords.was_used(samira, PASSWORD)  # the sixth before
    assert not past_passwords.was_used(samira, "jamais choisi encore")
    assert PastPassword.objects.filter(account=samira).count() == past_passwords.KEPT


def test_a_password_that_was_reset_is_remembered(samira: Account, at: datetime) -> None:
    people.reset(samira, at=at)
    samira.refresh_from_db()
    assert past_passwords.was_used(samira, PASSWORD)


def test_the_first_password_of_all_leaves_nothing(samira: Account) -> None:
    assert not PastPassword.objects.exists()


def test_nothing_of_them_can_be_read(samira: Account, at: datetime) -> None:
    choose(samira, people.OTHER_PASSWORD, at)
    (kept,) = PastPassword.objects.values_list("encoded", flat=True)
    assert kept.startswith("preau_argon2$") and PASSWORD not in kept


def test_they_go_when_the_account_closes(samira: Account, at: datetime) -> None:
    samira = choose(samira, people.OTHER_PASSWORD, at)
    lifecycle.close([samira], by=people.DESK, at=at)
    assert not PastPassword.objects.exists()


def test_each_account_has_its_own(samira: Account, at: datetime) -> None:
    samira = choose(samira, people.OTHER_PASSWORD, at)
    other = people.pupil(people.School.objects.get(), "9", "Noé", "MARTIN", None)
    (noe,) = lifecycle.open_for_pupils([other], by="system:import", at=at)
    assert not past_passwords.was_used(noe, PASSWORD)
