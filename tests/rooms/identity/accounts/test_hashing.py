"""Passwords of people: Argon2id with known parameters over a pepper that is not in the database."""

from typing import Any

import argon2
import pytest
from django.contrib.auth.hashers import check_password, identify_hasher, make_password

from preau.identity import keys
from preau.identity.accounts import hashing

PASSWORD = "une tortue sous la pluie"
NEXT = "the-secret-of-next-year-" * 2


@pytest.fixture
def encoded() -> str:
    """PASSWORD as the database keeps it."""
    return make_password(PASSWORD)


def test_a_hash_says_its_pepper_and_its_argon2_parameters(encoded: str, settings: Any) -> None:
    algorithm, kid, rest = encoded.split("$", 2)
    assert (algorithm, kid) == ("preau_argon2", keys.key_id(settings.PREAU_SECRET))
    parameters = argon2.extract_parameters("$" + rest)
    assert parameters.type is argon2.Type.ID and parameters.parallelism == 1
    assert parameters.memory_cost == settings.ARGON2_MEMORY_KIB and parameters.time_cost == settings.ARGON2_TIME_COST
    assert len(encoded) <= 128, "the column's size"


def test_the_right_password_is_recognised_and_a_wrong_one_is_not(encoded: str) -> None:
    assert check_password(PASSWORD, encoded)
    for wrong in (PASSWORD.title(), PASSWORD + " ", "", "é" * 200):
        assert not check_password(wrong, encoded)


def test_the_same_password_is_never_hashed_twice_alike(encoded: str) -> None:
    assert make_password(PASSWORD) != encoded


def test_the_hash_alone_without_the_pepper_recognises_nothing(encoded: str) -> None:
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        argon2.PasswordHasher().verify("$" + encoded.split("$", 2)[2], PASSWORD)


def test_a_password_of_the_previous_pepper_still_opens_and_is_made_again(encoded: str, settings: Any) -> None:
    settings.PREAU_SECRET_PREVIOUS, settings.PREAU_SECRET = [settings.PREAU_SECRET], NEXT
    hasher = identify_hasher(encoded)
    assert check_password(PASSWORD, encoded) and not check_password("autre chose", encoded)
    assert hasher.must_update(encoded)
    again = make_password(PASSWORD)
    assert check_password(PASSWORD, again) and not hasher.must_update(again)


def test_a_password_of_a_forgotten_pepper_opens_nothing(encoded: str, settings: Any) -> None:
    settings.PREAU_SECRET = NEXT
    assert not check_password(PASSWORD, encoded)


def test_a_hash_weaker_than_todays_is_made_again(encoded: str, settings: Any) -> None:
    hasher = hashing.PepperedArgon2()
    assert not hasher.must_update(encoded)
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    assert hasher.must_update(f"preau_argon2${keys.key_id(settings.PREAU_SECRET)}{weak}")


def test_a_broken_hash_is_a_wrong_password_not_an_error(encoded: str) -> None:
    assert not hashing.PepperedArgon2().verify(PASSWORD, encoded.replace("$argon2id$", "$argon9id$"))


def test_what_may_be_shown_of_a_hash_is_its_algorithm(encoded: str) -> None:
    assert hashing.PepperedArgon2().safe_summary(encoded) == {"algorithm": "preau_argon2"}


def test_an_unknown_username_costs_one_hash_as_a_known_one(encoded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Counted, not timed: the statistical comparison is a benchmark.
    done: list[str] = []
    run = hashing.in_hash_thread

    def counted(function: Any, *arguments: Any) -> Any:
        done.append(function.__name__)
        return run(function, *arguments)

    monkeypatch.setattr(hashing, "in_hash_thread", counted)
    hashing.spend_the_same_time(PASSWORD)
    assert len(done) == 1
    check_password("autre chose", encoded)
    assert len(done) == 2
