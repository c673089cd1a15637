"""2,000 pupils' sheets, four per A4: secrets, digests, QR codes, tagged PDF, against the bare compilation of the pages.

The floor is typst alone, in a process of its own: the same template, the same data already made, the same documents
(one per division), fonts loaded once. What we add is the database (accounts locked, digests, events, notices), the
codes, the pipe and the zip. Memory is the sum of the peaks of the site's process and of the printing child.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import Figure, report

PUPILS = 2000
PER_DIVISION = 28
ROUNDS = 3
MIB = 1024
GOAL_RATIO, GOAL_MEMORY, GOAL_FIRST = 2.0, 300, 1.0

FLOOR = """
import json, resource, sys, time
from preau.design.paper.printer import Printer
documents = json.load(sys.stdin)
printer = Printer()
begun = time.perf_counter()
size = sum(len(printer._compile("sheets", words, 0)) for words in documents)
print(json.dumps({"seconds": time.perf_counter() - begun, "bytes": size}))
"""


def prepare() -> Any:
    """A collège of 2,000 pupils with their accounts, and their sheets planned."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from preau import clock
    from preau.identity.accounts import lifecycle
    from preau.identity.accounts.models import Account
    from preau.identity.directory.models import Academy, Division, Enrolment, Pupil, School
    from preau.identity.distribution import batches, recipients
    from preau.identity.distribution.plan import plan
    from preau.identity.distribution.wishes import Wish

    at = clock.now()
    academy = Academy.objects.create(code="099", name="Académie Fictive")
    school = School.objects.create(uai="0991234D", name="Collège Élise-Deroche", academy=academy, phone="0199001234")
    count = -(-PUPILS // PER_DIVISION)
    divisions = [Division(school=school, code=f"{6 - place % 4}E {place:02}") for place in range(count)]
    divisions = Division.objects.bulk_create(divisions)
    pupils = Pupil.objects.bulk_create(
        Pupil(first_name=f"Anne-Héloïse {place}", birth_name=f"LEFÈVRE {place}") for place in range(PUPILS)
    )
    Enrolment.objects.bulk_create(
        Enrolment(pupil=pupil, school=school, source_key=str(place), division=divisions[place // PER_DIVISION])
        for place, pupil in enumerate(pupils)
    )
    lifecycle.open_for_pupils(pupils, by="system:bench", at=at, uai=school.uai)
    people = recipients.read(Account.objects.all(), uai=school.uai, day=clock.today(at))
    return batches.prepare(plan(people, Wish.SHEETS), school=school, once="1", by="system:bench", at=at)


def whole(batch: Any) -> dict[str, float]:
    """Everything that happens between the click and the last byte."""
    from preau import clock
    from preau.identity.distribution import printing

    begun = time.perf_counter()
    made = printing.download(batch, by="system:bench", at=clock.now(), again=True)
    sizes, first = [], 0.0
    for chunk in made.chunks:
        first = first or time.perf_counter() - begun
        sizes.append(len(chunk))
    return {"seconds": time.perf_counter() - begun, "first": first, "bytes": float(sum(sizes))}


def documents(batch: Any) -> list[str]:
    """The same pages as data already made, with secrets of the same shape."""
    from preau import clock
    from preau.design.paper.printer import square
    from preau.identity.accounts import passwords
    from preau.identity.accounts.lifecycle import Secret
    from preau.identity.distribution import papers, printing

    at = clock.now()
    found = []
    for pile in printing._piles(batch, at=at):
        people = [(one, Secret(one.account, passwords.make_temporary(), at)) for one in pile.people]
        data = papers.sheets(people, school=batch.school, layout="four", title=f"Fiches {pile.division}")
        found.append(json.dumps({**data, "square": square(data["address"])}, ensure_ascii=False))
    return found


def floor(words: list[str]) -> float:
    """Seconds of typst alone, in a fresh process like ours."""
    run = [sys.executable, "-c", FLOOR]
    answer = subprocess.run(run, input=json.dumps(words), capture_output=True, text=True, check=True)
    return float(json.loads(answer.stdout)["seconds"])


def main() -> None:
    """Floor and promise take turns; the best of each counts."""
    with tempfile.TemporaryDirectory(prefix="preau-bench-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(folder) / 'db.sqlite3'}")
        os.environ.update(
            PREAU_DEVELOPMENT="1", PREAU_VAR=folder, PREAU_SECRET="only-for-the-benchmark-" * 3,
            DJANGO_SETTINGS_MODULE="preau.identity.settings",
        )  # fmt: skip
        batch = prepare()
        words = documents(batch)
        bare, ours = [], []
        for _ in range(ROUNDS):
            ours.append(whole(batch))
            bare.append(floor(words))
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
    best, first = min(one["seconds"] for one in ours), min(one["first"] for one in ours)
    child = _child_peak(words)
    ratio = best / min(bare)
    report(
        Figure(
            f"{PUPILS} sheets, 4 per A4, {len(words)} documents in a zip",
            f"≤ {GOAL_RATIO:.0f} × the bare typst compilation",
            f"{best:.1f} s, {ratio:.2f} × {min(bare):.1f} s, {ours[0]['bytes'] / 1e6:.1f} MB",
            ratio <= GOAL_RATIO,
        ),
        Figure(
            "the same, peak memory: site and printing child",
            f"≤ {GOAL_MEMORY} MiB",
            f"{own + child:.0f} MiB ({own:.0f} + {child:.0f})",
            own + child <= GOAL_MEMORY,
        ),
        Figure(
            "the same, first byte of the download",
            f"≤ {GOAL_FIRST:.0f} s",
            f"{first * 1000:.0f} ms",
            first <= GOAL_FIRST,
        ),
    )


def _child_peak(words: list[str]) -> float:
    """Peak memory of the press, doing all of it once more."""
    from preau.design.paper.press import Press

    with Press() as press:
        for data in map(json.loads, words):
            del data["square"]
            press.render("sheets", data)
        assert press._child
        status = Path(f"/proc/{press._child.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / MIB


if __name__ == "__main__":
    main()
