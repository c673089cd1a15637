"""Everybody gets in, and nobody else does: a small deployment, every rate without a source at its middle value.

The promise is the issue's own: no stranger in, and at most half as many families stuck as under EduConnect's strict
rules. The large one, at three values, stands in docs/reference/deployment.md.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import Figure, report
from preau.demo.deploy.rates import Level
from preau.demo.deploy.report import AIM, Result, kept
from tests.stories.street import free_town

FAMILIES, SEED = 300, 7
MOST_PAGES = 10


def main() -> None:
    """Play it in a folder of its own, report."""
    with tempfile.TemporaryDirectory(prefix="preau-bench-") as name:
        var = Path(name)
        options = ("--families", FAMILIES, "--seed", SEED, "--level", Level.MIDDLE, "--var", var)
        ports = ("--ports-from", free_town(var).ports_from)
        line = [sys.executable, "-m", "preau", "demo", "deploy", *(str(word) for word in (*options, *ports))]
        # Exit 1 says that a stranger got in: the figure tells it.
        subprocess.run(line, env=os.environ, stdout=sys.stderr, check=False)
        _report(kept(var / f"{Level.MIDDLE}.json"))


def _report(found: Result) -> None:
    what = f"deployment of {found.families} families"
    report(
        Figure(f"{what}: strangers in", "0", f"{found.strangers_in} of {_tries(found)}", found.strangers_in == 0),
        Figure(
            f"{what}: stuck without human help",
            f"≤ {AIM} × those stuck under strict rules",
            f"{found.ratio:.2f} × ({found.stuck} against {found.strict_stuck}; after one visit to the school "
            f"{found.stuck_at_last})",
            found.is_aim_met,
        ),
        Figure(
            f"{what}: pages a family sees until it is in, median",
            f"≤ {MOST_PAGES}",
            f"{found.pages:.0f} ({found.texts:.1f} SMS per family, {found.seconds:.0f} s in all)",
            found.pages <= MOST_PAGES,
        ),
    )


def _tries(found: Result) -> int:
    return sum(tried for tried, _, _ in found.tries.values())


if __name__ == "__main__":
    main()
