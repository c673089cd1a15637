"""``make check``: what can be judged without a database, in under a minute. Two steps at a time, long ones first."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from tooling.steps import ROOT, Step, settings_of, show

TYPED = {
    "identity": [
        "preau/identity",
        "preau/journeys",
        "preau/design",
        "preau/demo",
        "preau/clock.py",
        "preau/__main__.py",
    ],
    "eservices": ["preau/eservices"],
    "simulators": ["preau/simulators"],
}
RULES = {
    "identity": ["tests/rooms/identity", "tests/rooms/journeys", "tests/rooms/demo"],
    "eservices": ["tests/rooms/eservices"],
    "simulators": ["tests/rooms/simulators"],
    "design": ["tests/rooms/design"],
}
ACCESS = "tests/house/test_access_matrix.py"
PYTEST = ["pytest", "-q", "--no-header", "-m", "not outside", "--disable-warnings"]


def steps() -> list[Step]:
    """Every step, in the order they start."""
    mypy = ["mypy", "--no-error-summary", "--cache-dir"]
    return [
        Step("who meets what", ["pytest", "-q", "--no-header", ACCESS]),
        *(
            Step(f"types · {site}", [*mypy, f"var/cache/mypy-{site}", *paths], settings_of(site))
            for site, paths in TYPED.items()
        ),
        Step("house tests", ["pytest", "-q", "--no-header", "tests/house", f"--ignore={ACCESS}"]),
        *(Step(f"rules · {room}", [*PYTEST, *paths]) for room, paths in RULES.items()),
        Step("imports go down only", ["lint-imports", "--cache-dir", "var/cache/imports", "--no-logo"]),
        Step("templates", ["djlint", "--lint", "--quiet", "preau"]),
        Step("lint", ["ruff", "check", "--quiet", "."]),
        Step("form", ["ruff", "format", "--check", "--quiet", "."]),
    ]


def main() -> int:
    """Run the steps, show each as it ends, then what failed. Exits 1 if anything did."""
    (ROOT / "var" / "cache").mkdir(parents=True, exist_ok=True)
    started, failed = time.monotonic(), []
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = {pool.submit(step.run, quietly=True): step for step in steps()}
        for future in as_completed(running):
            future.result()
            step = running[future]
            show(step.line())
            if step.code:
                failed.append(step)
    for step in failed:
        show(f"\n─── {step.name} {'─' * 60}\n{step.output.rstrip()}")
    show(
        f"\nmake check: {len(running) - len(failed)} passed, {len(failed)} failed in {time.monotonic() - started:.0f} s"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
