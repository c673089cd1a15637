"""`preau demo deploy`, small: families walk in over HTTP, the school corrects, no stranger gets in, a table is left."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from preau import clock
from preau.demo.deploy.rates import Level
from tests.stories.street import free_town

ENDS_WITHIN = 240.0


def played(var: Path, *options: str) -> tuple[int, str]:
    """The command in a session of its own, on free ports; whatever happens nothing of it stays. Its code and words."""
    line = [sys.executable, "-m", "preau", "demo", "deploy", "--var", str(var)]
    line += ["--ports-from", str(free_town(var).ports_from), *options]
    with (var / "said").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            code = process.wait(ENDS_WITHIN)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # its houses end with it (run.py)
                process.wait(20)
        said.seek(0)
        return code, said.read()


def test_families_get_in_and_no_stranger_does(tmp_path: Path) -> None:
    table, began_on = tmp_path / "deployment.md", clock.today(clock.now())
    code, said = played(tmp_path, "--families", "40", "--seed", "7", "--level", "middle", "--table", str(table))
    assert code == 0, said
    result = json.loads((tmp_path / "middle.json").read_text("utf-8"))
    assert result["intruders"] == [] and sum(tried for tried, _, _ in result["tries"].values()) >= 6, said
    assert not result["troubles"], said
    assert result["families"] == 40 and result["alone"] >= 30, said
    ways = {line["way"]: line for line in result["lines"]}
    assert ways["FranceConnect"]["alone"] >= 5 and ways["mobile"]["alone"] >= 10, said
    # Nobody needs more than one visit to the school, and most visits correct something.
    outside = 40 - result["alone"]
    assert result["corrected"] >= outside // 2 and result["corrected"] + result["lettered"] >= outside - 2, said
    assert 5 <= result["pages"] <= 14 and 0.2 <= result["texts"] <= 2.5
    # A family in somebody else's account would have been told as an intruder; each line says whose it was.
    lines = [json.loads(line) for line in (tmp_path / "middle" / "families.jsonl").read_text("utf-8").splitlines()]
    assert len(lines) == 40
    page = table.read_text("utf-8")
    assert "**strangers in: 0**" in page and "| **in all** | 40 |" in page and page.count("\n## ") == 4
    # Days go by in the town, not for whoever plays it: the table bears the day it was asked.
    offset = float((tmp_path / "middle" / "clock").read_text("ascii"))
    assert clock.today(clock.now() + timedelta(seconds=offset)) != began_on
    assert f" --table …`, {began_on:%Y-%m-%d}, " in page


@pytest.mark.parametrize("count", ["9", "5001"])
def test_too_few_or_too_many_families_are_refused_in_a_sentence(count: str, tmp_path: Path) -> None:
    code, said = played(tmp_path, "--families", count, "--level", Level.LOW)
    assert code == 2 and "de 10 à 5\u202f000 familles" in said
