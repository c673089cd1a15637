"""Stealing the database alone opens nothing; the secret turns without breaking what it made (design.md §6.2)."""

from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, make_password

from preau.identity import keys
from preau.identity.accounts.hashing import PepperedArgon2

OLD, NEW = "ancien" * 8, "nouveau" * 8


@pytest.fixture(autouse=True)
def _old_secret(settings: Any) -> None:
    settings.PREAU_SECRET = settings.PREAU_SECRET_FOREVER = OLD
    settings.PREAU_SECRET_PREVIOUS = []


def turn(settings: Any, *, previous: bool = True) -> None:
    """A new master secret; the one before still verifies, or not any more."""
    settings.PREAU_SECRET, settings.PREAU_SECRET_PREVIOUS = NEW, [OLD] if previous else []


def test_each_use_has_its_own_key() -> None:
    assert keys.derive("a") != keys.derive("b") and keys.digest("a", "x") != keys.digest("b", "x")


def test_a_digest_says_which_secret_made_it_and_takes_in_each_part() -> None:
    made = keys.digest("a", "ab", "c")
    assert made.startswith(keys.key_id(OLD) + "$") and "ab" not in made.partition("$")[2][:0] + OLD
    assert keys.matches("a", made, "ab", "c") and not keys.matches("a", made, "a", "bc")
    assert not keys.matches("b", made, "ab", "c") and not keys.matches("a", "", "ab", "c")


def test_what_the_previous_secret_made_is_good_as_long_as_it_is_kept(settings: Any) -> None:
    made, sealed, password = keys.digest("a", "x"), keys.encrypt("a", b"x"), make_password("un vélo sous la pluie")
    turn(settings)
    assert keys.matches("a", made, "x") and made in keys.candidates("a", "x")
    assert keys.decrypt("a", sealed) == b"x" and check_password("un vélo sous la pluie", password)
    assert PepperedArgon2().must_update(password)
    turn(settings, previous=False)
    assert not keys.matches("a", made, "x") and not check_password("un vélo sous la pluie", password)
    with pytest.raises(keys.CannotDecrypt):
        keys.decrypt("a", sealed)


def test_the_names_given_to_parties_never_turn(settings: Any) -> None:
    before = keys.pseudonym("subject", "1")
    turn(settings)
    assert keys.pseudonym("subject", "1") == before


def test_what_is_sealed_for_one_use_or_altered_does_not_open() -> None:
    sealed = keys.encrypt("a", b"x" * 20)
    for purpose, content in (("b", sealed), ("a", sealed[:-1] + bytes([sealed[-1] ^ 1]))):
        with pytest.raises(keys.CannotDecrypt):
            keys.decrypt(purpose, content)


def test_the_hash_of_a_password_is_peppered_and_slow_enough() -> None:
    password = "un vélo sous la pluie"
    encoded = make_password(password)
    assert encoded.startswith(f"preau_argon2${keys.key_id(OLD)}$argon2id$") and password not in encoded
    import argon2

    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        argon2.PasswordHasher().verify("$" + encoded.split("$", 2)[2], password)
