"""Journeys of people and services against the production server: CPU, latency, memory, errors, beside the floors.

"Overhead" is the journey with a nearly free hash (Argon2id t=1, m=8 KiB): all that is ours. CPU is the server's and its
database's; journeys/s are what was left by the client, which shares the cores.
``BENCH_JOURNEYS`` (10,000) says how many journeys look for errors at 8 and at 32 users.
"""

import os
import threading

from benchmarks import Figure, report
from benchmarks.floors import ECHO, hashes, signatures
from benchmarks.production import REAL_HASH, Site, costing, school, serving
from benchmarks.visitors import (
    Act,
    Run,
    Visitor,
    again_by_saml_sealed,
    crowd,
    do_nothing,
    see_the_form,
    sign_in_by_code,
    sign_in_by_saml,
    without_pause,
)
from preau.identity.accounts.argon2_build import PLAIN

# Warming: both workers have loaded the site, and the connections they lend have their plans.
AT_ONCE, MEASURED, WARMING = 8, 400, 240
# What, how, what comes before, the goal, by whom.
OVERHEAD: tuple[tuple[str, Act, Act | None, float, str], ...] = (
    ("sign-in → code → token, overhead", sign_in_by_code, None, 4.0, "pupil"),
    ("single sign-on → code → token", Visitor.code_to_token, Visitor.code_to_token, 2.0, "pupil"),
    ("sign-in → SAML response, overhead", sign_in_by_saml, None, 5.0, "pupil"),
    ("single sign-on → SAML response, signed", Visitor.saml_response, Visitor.code_to_token, 2.5, "pupil"),
    ("the same, a guardian of two", Visitor.saml_response, Visitor.code_to_token, 2.5, "guardian"),
    ("single sign-on → SAML response, signed and encrypted", again_by_saml_sealed, Visitor.code_to_token, 3.5, "pupil"),
    ("the sign-in page alone", see_the_form, None, 0.6, "pupil"),
)


def main() -> None:
    """Measure, report."""
    floor, signed = hashes(), signatures()
    with school() as (environment, people, cluster):
        usernames = people["pupil"]
        with serving(environment, cluster=cluster, program=ECHO) as site:
            bare = _measured(site, usernames, do_nothing, None, journeys=800)
        with serving(environment, cluster=cluster) as site:
            nothing = _measured(site, usernames, do_nothing, None, journeys=800)
            signing = ", ".join(f"{name} {ms:.2f} ms" for name, ms in signed.items())
            floors = (
                f"floors: a bare WSGI echo {bare.cpu_ms:.2f} ms, a request of ours that does nothing "
                f"{nothing.cpu_ms:.2f} ms, a signature {signing}"
            )
            for what, act, before, goal, kind in OVERHEAD:
                run = _measured(site, people[kind], act, before, kind=kind)
                _tell(f"{what}: server CPU", f"≤ {goal:g} ms", f"{run}; {floors}", run.cpu_ms <= goal, run)
            _errors(site, usernames)
        with serving({**environment, **costing(REAL_HASH)}, cluster=cluster) as site:
            _whole(site, usernames, floor)
            _storm(site, usernames)


def _people(
    site: Site, usernames: list[str], how_many: int = AT_ONCE, *, first: int = 0, kind: str = "pupil"
) -> list[Visitor]:
    return [Visitor(site.address, username, kind=kind) for username in usernames[first : first + how_many]]


def _measured(
    site: Site,
    usernames: list[str],
    act: Act,
    before: Act | None,
    *,
    journeys: int = MEASURED,
    kind: str = "pupil",
) -> Run:
    people = _people(site, usernames, kind=kind)
    if before is not None:
        crowd(site, before, people, journeys=AT_ONCE)
        for one in people:
            before(one)  # everybody has a visit, whoever was quick in the crowd
    crowd(site, act, people, journeys=WARMING)
    return crowd(site, act, people, journeys=journeys)


def _tell(what: str, goal: str, measured: str, holds: bool, *runs: Run) -> None:
    report(Figure(what, goal, measured, holds and not any(run.failures for run in runs)))


def _errors(site: Site, usernames: list[str]) -> None:
    journeys = int(os.environ.get("BENCH_JOURNEYS", "10000"))
    for at_once in (8, 32):
        run = crowd(site, sign_in_by_code, _people(site, usernames, at_once), journeys=journeys // 2)
        _tell(f"errors in {journeys // 2} journeys, {at_once} users at once", "0", str(run), True, run)


def _whole(site: Site, usernames: list[str], floor: dict[str, float]) -> None:
    """With the real hash."""
    run = _measured(site, usernames, sign_in_by_code, None, journeys=MEASURED // 2)
    build = next(iter(floor))
    bare = ", ".join(f"{name} {ms:.1f} ms" for name, ms in floor.items())
    if build == PLAIN:
        goal, holds = "≥ 85 % of the floor of the hash", floor[PLAIN] / run.cpu_ms >= 0.85
    else:
        goal, holds = "≤ 15 ms with the vector build", run.cpu_ms <= 15
    share = f"{100 * floor[build] / run.cpu_ms:.0f} % is the bare hash ({bare})"
    _tell("sign-in → code → token in all, Argon2id 19 MiB", goal, f"{run}; {share}", holds, run)


def _storm(site: Site, usernames: list[str]) -> None:
    """Those who are signed in already, while sixteen sign in without pause."""
    calm = _people(site, usernames, 4, first=100)
    for one in calm:
        one.code_to_token()
    stop = threading.Event()
    arriving, threads = without_pause(sign_in_by_code, _people(site, usernames, 16), stop)
    crowd(site, Visitor.code_to_token, calm, journeys=40)
    run = crowd(site, Visitor.code_to_token, calm, journeys=MEASURED)
    memory = site.memory()
    stop.set()
    for thread in threads:
        thread.join()
    what = "single sign-on while 16 people sign in without pause"
    _tell(f"{what}: p95", "≤ 30 ms", f"{run.percentile(0.95):.0f} ms (p50 {run.percentile(0.5):.0f}, p99 "
          f"{run.percentile(0.99):.0f}; {len(run.failures) + len(arriving.failures)} errors, {len(arriving.seconds)} "
          "signed in meanwhile)", run.percentile(0.95) <= 30, run, arriving)  # fmt: skip
    _tell(f"{what}: memory of the site and its database", "≤ 300 MB", f"{memory:.0f} MB (PSS)", memory <= 300, run)


if __name__ == "__main__":
    main()
