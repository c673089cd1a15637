"""The numbers we promise, measured. ``make bench`` runs them all and keeps the table in benchmarks/results.md.

One module, one promise. Each measures its floor in the same run, and prints figures with `report`: ratios to a floor
travel from machine to machine, milliseconds do not.
"""

import json
import sys
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, what was promised, what was found, and whether it holds."""

    what: str
    goal: str
    measured: str
    is_met: bool


def report(*figures: Figure) -> None:
    """Hand figures to ``python -m benchmarks``, one JSON object a line, and to whoever reads the terminal."""
    for figure in figures:
        print(json.dumps(asdict(figure), ensure_ascii=False), flush=True)
        print(f"{'ok ' if figure.is_met else 'KO '} {figure.what}: {figure.measured} ({figure.goal})", file=sys.stderr)
