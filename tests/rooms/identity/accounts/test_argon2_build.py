"""Which Argon2 hashes: checked against a known hash before the first password."""

import logging
from typing import Any

import argon2
import pytest

from preau.identity.accounts import argon2_build
from preau.identity.accounts.argon2_build import PLAIN, VECTORS, WrongBuild, best, check, flags, installed


def test_the_build_in_place_gives_the_known_hash() -> None:
    check(installed(), flags())


def test_the_widest_vectors_present_are_chosen() -> None:
    assert best(frozenset({"avx2", "avx512f", "sse2"})) == "avx512"
    assert best(frozenset({"avx2", "sse2"})) == "avx2"
    assert best(frozenset({"sse2"})) == best(frozenset()) == PLAIN


@pytest.mark.parametrize("name", VECTORS)
def test_vectors_that_are_absent_are_refused_at_once(name: str) -> None:
    with pytest.raises(WrongBuild, match="make fast-argon2"):
        check(name, frozenset({"sse2"}))


def test_a_wrong_hash_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*arguments: Any, **more: Any) -> bytes:
        return b"$argon2id$v=19$m=19456,t=2,p=1$c2VsIGRlIGxhIG1lc3VyZQ$AAAA"

    monkeypatch.setattr(argon2.low_level, "hash_secret", wrong)
    with pytest.raises(WrongBuild, match="wrong hash"):
        check(PLAIN, frozenset())


def test_the_log_says_which_build_runs_and_what_would_be_faster(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(argon2_build, "installed", lambda: PLAIN)
    monkeypatch.setattr(argon2_build, "flags", lambda: frozenset({"avx2"}))
    with caplog.at_level(logging.INFO):
        argon2_build.announce()
    assert "plain build, self-test passed; `make fast-argon2` builds avx2" in caplog.text
