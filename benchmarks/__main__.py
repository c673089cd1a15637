"""``python -m benchmarks [NAME…]``: run each promise in a process of its own, print the table, keep it."""

import json
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

from benchmarks import Figure
from preau.clock import now, today

HERE = Path(__file__).parent
PROMISES = ("import_school", "sheets", "desk_list", "federation", "deploy")


def main(names: list[str]) -> int:
    """Exit 1 when a promise is broken or could not be measured."""
    figures: list[Figure] = []
    broken = []
    for name in names or PROMISES:
        print(f"— {name}", file=sys.stderr, flush=True)
        run = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], stdout=subprocess.PIPE, text=True)
        found = [Figure(**json.loads(line)) for line in run.stdout.splitlines() if line.startswith("{")]
        figures += found
        if run.returncode or not found or not all(figure.is_met for figure in found):
            broken.append(name)
    table = as_table(figures, on=today(now()))
    print(table)
    if not names:
        (HERE / "results.md").write_text(table, encoding="utf-8")
    if broken:
        print(f"Not held, or not measured: {', '.join(broken)}", file=sys.stderr)
    return 1 if broken else 0


def as_table(figures: list[Figure], *, on: date) -> str:
    """Markdown, with the machine named: figures without it mean nothing."""
    rows = [f"| {f.what} | {f.goal} | {f.measured} | {'yes' if f.is_met else '**no**'} |" for f in figures]
    head = ["| what | goal | measured | held |", "| --- | --- | --- | --- |"]
    machine = f"{on:%Y-%m-%d} · {os.cpu_count()} cores, {_chip()} · Python {platform.python_version()}"
    return "\n".join(["# What was promised, what was measured", "", machine, "", *head, *rows, ""])


def _chip() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
