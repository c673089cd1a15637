"""A file of leaked passwords: what was put in is always found, little else is, and the file gives none back."""

import hashlib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from preau.identity.signin import leaked_passwords
from preau.identity.signin.common_passwords import common, weakness
from preau.identity.signin.guessable import Weakness
from preau.identity.signin.leaked_passwords import Filter, NotAFilter, build


@pytest.fixture
def filled(tmp_path: Path) -> Filter:
    build((f"perdu-{n}\n" for n in range(20_000)), how_many=20_000, into=tmp_path / "leaked.filter")
    return Filter(tmp_path / "leaked.filter")


def test_every_password_of_the_list_is_found(filled: Filter) -> None:
    assert all(f"perdu-{n}" in filled for n in range(20_000))
    assert filled.passwords == 20_000


def test_one_other_in_ten_thousand_is_taken_for_one_of_them(filled: Filter) -> None:
    wrong = sum(f"jamais-{n}" in filled for n in range(100_000))
    assert (
        wrong <= 25
    )  # 10 expected; a right filter exceeds 25 once in fifty thousand runs, and this run is always the same


def test_it_takes_two_bytes_and_a_half_a_password_and_holds_none(filled: Filter, tmp_path: Path) -> None:
    content = (tmp_path / "leaked.filter").read_bytes()
    assert len(content) < 20_000 * 2.5 and b"perdu" not in content


def test_a_list_of_digests_serves_as_well(tmp_path: Path) -> None:
    mark = hashlib.sha1(b"perdu", usedforsecurity=False).hexdigest().upper()
    other = hashlib.sha1("égaré".encode(), usedforsecurity=False).hexdigest()
    assert build([f"{mark}:42\r\n", f"{other}\n", "# an explanation\n", "\n"], how_many=2, into=tmp_path / "f") == 2
    assert "perdu" in Filter(tmp_path / "f") and "égaré" in Filter(tmp_path / "f")


@pytest.mark.parametrize("content", [b"", b"autre chose", b"PREAU-LEAKED-1\n800 13 5" + bytes(60)])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(NotAFilter):
        Filter(tmp_path / "f")


def test_a_build_that_fails_leaves_the_file_that_serves(tmp_path: Path) -> None:
    build(["perdu"], how_many=1, into=tmp_path / "f")

    def cut_short() -> object:
        yield "trouvé"
        raise OSError("unplugged")

    with pytest.raises(OSError, match="unplugged"):
        build(cut_short(), how_many=9, into=tmp_path / "f")  # type: ignore[arg-type]
    assert "perdu" in Filter(tmp_path / "f")


def test_the_command_builds_what_the_doors_read(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("girafe-parapluie-42\n", encoding="utf-8")
    said = StringIO()
    call_command("passwords", "build", str(tmp_path / "list.txt"), "--into", str(tmp_path / "f"), stdout=said)
    assert said.getvalue().startswith("1 mots de passe")
    assert weakness("girafe-parapluie-42") is None
    leaked_passwords.installed.cache_clear()
    try:
        with override_settings(LEAKED_PASSWORDS=str(tmp_path / "f")):
            assert weakness("girafe-parapluie-42") is Weakness.COMMON
    finally:
        leaked_passwords.installed.cache_clear()


def test_the_command_says_why_it_cannot(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("passwords", "build", str(tmp_path / "none.txt"), "--into", str(tmp_path / "f"))


def test_the_lists_shipped_hold_what_everybody_types() -> None:
    assert len(common()) > 19_000 and {"azertyuiop", "marseille", "password1", "educonnect"} <= common()
