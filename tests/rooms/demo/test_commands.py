"""`preau demo write-files`: a school's files in one line, and wrong calls told in a sentence."""

from pathlib import Path

import pytest

from preau.demo.commands import main


def test_files_of_a_school_are_written_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = f"write-files --pupils 40 --seed 3 --into {tmp_path} --uai 0991234D --year 2026 --on 2026-11-23"
    assert main(line.split()) == 0
    assert capsys.readouterr().out.splitlines() == [str(path) for path in sorted(tmp_path.iterdir(), key=_age)]
    assert {path.suffix for path in tmp_path.iterdir()} == {".zip", ".xml"}


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns


def test_a_wrong_key_is_refused_before_anything_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["write-files", "--into", str(tmp_path / "here"), "--uai", "0991234A"])
    assert "n’est pas un code d’établissement" in capsys.readouterr().err
    assert not (tmp_path / "here").exists()


def test_another_school_has_no_cast(tmp_path: Path) -> None:
    main(["write-files", "--pupils", "5", "--into", str(tmp_path), "--uai", "0990002p", "--on", "2026-11-23"])
    staff = (tmp_path / "sts_emp_0990002P_2026.xml").read_text("iso8859-15")
    assert 'CODE="0990002P"' in staff and "KERVELLA" not in staff
