"""A collège of 2,000 pupils: preview and apply, against the bare bulk upsert of the same rows, events included.

Each engine in a process of its own, on a fresh database; the floor is played in the same process, after the import, on
the emptied tables. Then the same files again: nothing changed, nothing written.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import Figure, report
from tests.postgresql import ephemeral_postgresql

PUPILS = 2000
TIMES_THE_FLOOR, UNCHANGED_SECONDS, PEAK_MB = 3.0, 2.0, 250


def main() -> None:
    """Measure on both engines, report."""
    with tempfile.TemporaryDirectory(prefix="preau-bench-") as var, ephemeral_postgresql() as postgresql:
        for engine, url in (("SQLite", f"sqlite:///{var}/bench.sqlite3"), ("PostgreSQL", postgresql)):
            environment = {**os.environ, "DATABASE_URL": url, "PREAU_VAR": var, "PREAU_DEVELOPMENT": "1"}
            environment |= {"PREAU_LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "preau.identity.settings"}
            child = [sys.executable, "-m", "benchmarks.import_school", "--child", var]
            said = subprocess.run(child, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
            _report(engine, json.loads(said.splitlines()[-1]))


def _report(engine: str, found: dict[str, float]) -> None:
    ratio = found["import"] / found["floor"]
    report(
        Figure(
            f"import of {PUPILS} pupils, {engine}: preview + apply",
            f"≤ {TIMES_THE_FLOOR:g} × the bulk upsert of the same rows",
            f"{ratio:.2f} × ({found['import']:.2f} s; floor {found['floor']:.2f} s for {found['rows']:.0f} rows)",
            ratio <= TIMES_THE_FLOOR,
        ),
        Figure(
            f"the same files again, {engine}",
            f"≤ {UNCHANGED_SECONDS:g} s, nothing written",
            f"{found['again']:.2f} s, {found['written']:.0f} rows written",
            found["again"] <= UNCHANGED_SECONDS and not found["written"],
        ),
        Figure(
            f"peak memory of the import, {engine}",
            f"≤ {PEAK_MB} MB",
            f"{found['peak']:.0f} MB",
            found["peak"] <= PEAK_MB,
        ),
    )


def child(var: Path) -> dict[str, float]:
    """One engine: import, import again, floor. Seconds of wall clock in one thread, megabytes at the highest."""
    import django  # the settings are in the environment

    django.setup()
    from django.core.management import call_command

    from preau import clock
    from preau.identity.imports import runs

    _write_files(var / "files")
    call_command("migrate", verbosity=0)
    call_command("school", "add", "0991234D", stdout=open(os.devnull, "w"))  # noqa: SIM115
    contents = [(path.name, path.read_bytes()) for path in sorted((var / "files").iterdir())]
    at = clock.now()

    def whole() -> None:
        # The preview and the apply of a head: the files are read once for each.
        runs.read(contents, at=at)
        runs.apply_now(contents, by="bench:1", at=at, confirms_shrinking=False)

    first = timed(whole)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = _all_rows()
    before = {model: model.objects.count() for model in _models()}
    # The operator's command: read, compare, nothing to do.
    again = timed(lambda: runs.apply_now(contents, by="bench:1", at=at, confirms_shrinking=False))
    written = sum(abs(model.objects.count() - number) for model, number in before.items())
    return {
        "import": first, "again": again, "written": written, "peak": peak,
        "rows": sum(len(found) for _, found in rows), "floor": _floor(rows),
    }  # fmt: skip


def timed(act: Callable[[], Any]) -> float:
    """Seconds `act` takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _models() -> list[Any]:
    from preau.identity.accounts.models import Account, GuardianRecord, UsernameStem
    from preau.identity.audit.models import Event
    from preau.identity.directory.models import Division, Enrolment, Guardian, Guardianship, Pupil
    from preau.identity.staff.models import StaffRecord, Tutorship

    people = [Division, Pupil, Enrolment, Guardian, Guardianship]
    return [*people, StaffRecord, Tutorship, UsernameStem, Account, GuardianRecord, Event]


def _all_rows() -> list[tuple[Any, list[Any]]]:
    return [(model, list(model.objects.all())) for model in _models()]


def _floor(rows: list[tuple[Any, list[Any]]]) -> float:
    """The bare upsert of what the import wrote, in one transaction, on empty tables."""
    from django.db import transaction

    with transaction.atomic():
        for model, _ in reversed(rows):
            model.objects.all().delete()

    def upsert() -> None:
        with transaction.atomic():
            for model, found in rows:
                fields = [field.name for field in model._meta.concrete_fields if not field.primary_key]
                model.objects.bulk_create(
                    found, batch_size=2000, update_conflicts=True, unique_fields=["pk"], update_fields=fields
                )

    return timed(upsert)


def _write_files(folder: Path) -> None:
    if not folder.exists():
        command = [sys.executable, "-m", "preau", "demo", "write-files", "--pupils", str(PUPILS), "--seed", "7"]
        subprocess.run([*command, "--into", str(folder)], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    if "--child" in sys.argv:
        print(json.dumps(child(Path(sys.argv[-1]))))
    else:
        main()
