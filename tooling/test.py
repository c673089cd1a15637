"""``make test``: every test there is, room by room, on both engines, then the stories. All of it runs anyway."""

import sys
from contextlib import ExitStack
from xml.etree import ElementTree

from tests.postgresql import ephemeral_postgresql
from tooling.steps import ROOT, Step, show

RESULTS = ROOT / "var" / "test"
IDENTITY = ["tests/rooms/identity", "tests/rooms/journeys", "tests/rooms/demo"]
TWO_AT_A_TIME = ["-n", "2", "--dist", "loadfile"]


def steps(postgresql: str) -> list[Step]:
    """Every run of pytest. One per site and engine: Django's settings belong to a process."""
    engine = {"DATABASE_URL": postgresql}
    runs: list[tuple[str, list[str], dict[str, str]]] = [
        ("house", ["tests/house"], {}),
        ("design", ["tests/rooms/design"], {}),
        ("identity · SQLite", [*IDENTITY, *TWO_AT_A_TIME], {}),
        ("identity · PostgreSQL", [*IDENTITY, *TWO_AT_A_TIME], engine),
        ("eservices · SQLite", ["tests/rooms/eservices"], {}),
        ("eservices · PostgreSQL", ["tests/rooms/eservices"], engine),
        ("simulators", ["tests/rooms/simulators"], {}),
        ("interop · FranceConnect", ["tests/interop/franceconnect"], {}),
        ("OpenID Foundation’s modules", ["tests/interop/openid_foundation"], {}),
        ("interop · OpenID Connect", ["tests/interop/oidc", "tests/interop/test_installation.py"], {}),
        ("interop · SAML", ["tests/interop/saml"], {}),
        ("stories · Chromium", ["tests/stories"], {}),
    ]
    return [
        Step(name, ["pytest", "-q", f"--junit-xml={RESULTS}/{number}.xml", *arguments], environment)
        for number, (name, arguments, environment) in enumerate(runs)
    ]


def counts(number: int) -> tuple[int, int, int]:
    """Passed, failed and skipped tests of a run, from what pytest wrote."""
    path = RESULTS / f"{number}.xml"
    if not path.exists():
        return 0, 0, 0
    suite = ElementTree.parse(path).getroot()[0]  # noqa: S314 - our own file
    failed, skipped = int(suite.get("failures", 0)) + int(suite.get("errors", 0)), int(suite.get("skipped", 0))
    return int(suite.get("tests", 0)) - failed - skipped, failed, skipped


def main() -> int:
    """Run all, then one summary. Exits 1 if a run failed, found no test, could not start or skipped a test."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    for old in RESULTS.glob("*.xml"):
        old.unlink()
    with ExitStack() as stack:
        every = steps(stack.enter_context(ephemeral_postgresql()))
        for step in every:
            show(f"\n━━━ {step.name} {'━' * 60}")
            step.run(quietly=False)
    show(f"\n━━━ summary {'━' * 60}")
    total = [0, 0, 0]
    for number, step in enumerate(every):
        passed, failed, skipped = counts(number)
        # Nothing passes silently: a run that broke without a failed test counts as one, a skipped test fails.
        failed = failed or int(step.code != 0)
        step.code = step.code or int(bool(skipped))
        total = [total[0] + passed, total[1] + failed, total[2] + skipped]
        show(f"{step.line()}   {passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    show("\n" + f"total: {total[0]} passed, {total[1]} failed" + (f", {total[2]} skipped" if total[2] else ""))
    return 1 if any(step.code for step in every) else 0


if __name__ == "__main__":
    sys.exit(main())
