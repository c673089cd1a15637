"""The migrations say what the models say."""

import os
import subprocess
import sys

import pytest

from tests.house.source import ROOT, here, report


@pytest.mark.parametrize("site", ["identity", "eservices", "simulators"])
def test_no_migration_is_missing(site: str) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": f"preau.{site}.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "preau", site, "makemigrations", "--check", "--dry-run"],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"type: .venv/bin/preau {site} makemigrations\n{done.stdout}{done.stderr}"


def forked(names: list[str]) -> list[str]:
    """The numbers that two migrations of one room share."""
    numbers = [name.split("_")[0] for name in names]
    return sorted({number for number in numbers if numbers.count(number) > 1})


def test_migrations_of_a_room_are_one_line() -> None:
    assert forked(["0001_initial", "0002_a", "0002_b"]) == ["0002"]
    problems = [
        f"{here(folder)}: {number}"
        for folder in (ROOT / "preau").rglob("migrations")
        for number in forked([path.stem for path in folder.glob("0*.py")])
    ]
    assert not problems, report(problems)
