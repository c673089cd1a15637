"""The verbs of an import: prepare (and show), approve, ask, apply, abandon.

An import is either not applied at all or applied whole: everything a run writes in the directory, the accounts and the
journal is in one transaction with the run's own state, so that a worker killed at any instant leaves before or after.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from preau import clock
from preau.identity.accounts.models import Account, GuardianRecord
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory import school_year
from preau.identity.directory.models import Enrolment, Guardian, Guardianship, Pupil, School
from preau.identity.imports import apply, context, formats, lines, loading
from preau.identity.imports.causes import Cause, Refused
from preau.identity.imports.models import Anomaly, ImportFile, ImportRun, Stage
from preau.identity.imports.plan import Plan
from preau.identity.imports.reconcile import reconcile
from preau.identity.imports.records import Export
from preau.identity.imports.snapshot import Snapshot
from preau.identity.jobs import run as jobs
from preau.identity.jobs.models import Job
from preau.identity.jobs.models import State as JobState

log = logging.getLogger(__name__)
Files = Sequence[tuple[str, bytes]]
JOB = "imports.apply"
_NAME = 120
# A preview that nobody applied holds people's names: not for ever.
UNREAD_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Reading:
    """Files read and compared: the plan, what it was made from, and the school."""

    school: School
    export: Export
    known: Snapshot
    plan: Plan


def read(files: Files, *, at: datetime, day: date | None = None, year: int | None = None, uai: str = "") -> Reading:
    """Read files and compare them with the directory; nothing is written. Raises `Refused`.

    `uai`: the school they must be of (the operator's); otherwise the one they name. `year`: the school year they must
    be of; the current one when not given. `day`: who is active is judged on it; today when not given.
    """
    export = formats.read(files)
    school = School.objects.filter(pk=uai or context.school_of(export)).first()
    return compare(_known(school, export), export, at=at, day=day, year=year)


def _known(school: School | None, export: Export) -> School:
    if school is None:
        raise Refused(Cause.UNKNOWN_SCHOOL, given=context.school_of(export))
    return school


def compare(
    school: School, export: Export, *, at: datetime, day: date | None = None, year: int | None = None
) -> Reading:
    """The plan of an export for a school as it is now. Raises `Refused`."""
    today = clock.today(at)
    known = loading.load(school, export, day=day or today)
    running = year or school_year.of(today)
    plan = reconcile(export, known, year=running, day=day or today, demo_numbers=settings.DEMO_NUMBERS)
    return Reading(school, export, known, plan)


# Preparing ------------------------------------------------------------------------------------------------------------
@transaction.atomic
def prepare(
    files: Files, *, uai: str, by: str, at: datetime, day: date | None = None, year: int | None = None
) -> ImportRun:
    """Keep the files of a school with what they would do, or why they are refused. Another import being read ends."""
    school = School.objects.select_for_update().get(pk=uai)
    for other in ImportRun.objects.of_school(uai).unfinished():
        if other.stage == Stage.READY or has_stopped(other):
            _end(other, Stage.ABANDONED, at=at)
    run = ImportRun(school=school, by=by, made_at=at, judged_on=day or clock.today(at), stage=Stage.READY)
    try:
        reading = read(files, at=at, day=day, year=year, uai=uai)
    except Refused as refused:
        run.stage, run.ended_at, run.cause = Stage.REFUSED, at, refused.cause
        run.facts = {**_json(refused.facts), **({"file": refused.file} if refused.file else {})}
        run.save()
        record(Events.IMPORT_REFUSED, by=by, on=school.key, at=at, uai=uai, run=run.pk, cause=refused.cause.value)
        return run
    _measure(run, reading)
    run.digest = reading.plan.digest
    run.keep_lines(lines.lines(reading.plan, reading.known))
    run.save()
    _keep_files(run, reading, files, with_content=True)
    _keep_anomalies(run, reading)
    record(Events.IMPORT_PREVIEWED, by=by, on=school.key, at=at, uai=uai, run=run.pk)
    return run


def _measure(run: ImportRun, reading: Reading) -> None:
    """The numbers of what an import would do."""
    plan = reading.plan
    run.year, run.watched = plan.year, len(plan.watched)
    run.counts, run.totals, run.doubts, run.shrinking = plan.counts, plan.totals(), plan.doubts(), plan.shrinking
    run.needs_second_person = plan.needs_second_person


def _keep_files(run: ImportRun, reading: Reading, files: Files, *, with_content: bool) -> None:
    """What each file was; and its bytes while somebody still has to decide."""
    ImportFile.objects.bulk_create(
        ImportFile(
            run=run,
            name=name[-_NAME:],
            kind=facts.kind,
            exported_at=_not_after(run.made_at, facts.exported_at),
            size=len(content),
            content=content if with_content else None,
        )
        # In the order they were given: two files may bear one name.
        for (name, content), facts in zip(files, reading.export.files, strict=True)
    )


def _keep_anomalies(run: ImportRun, reading: Reading) -> None:
    """What somebody should look at."""
    rows = (
        Anomaly(run=run, doubt=one.doubt, of=one.of, source_key=one.key, facts=dict(one.facts))
        for one in reading.plan.remarks
    )
    Anomaly.objects.bulk_create(rows, batch_size=2000)


def _not_after(at: datetime, exported_at: datetime | None) -> datetime | None:
    """A file dated of tomorrow by mistake must not make all others look old."""
    return min(exported_at, at) if exported_at else None


# Deciding -------------------------------------------------------------------------------------------------------------
@transaction.atomic
def approve(run: ImportRun, *, by: str, at: datetime) -> ImportRun:
    """A second person has read the preview of a watched import. Raises `Refused` when it is the same, or too late."""
    locked = _locked(run)
    if locked.is_over() or locked.stage != Stage.READY:
        raise Refused(Cause.ALREADY_CLOSED)
    if by == locked.by:
        raise Refused(Cause.NEEDS_SECOND_PERSON, watched=locked.watched)
    locked.approved_by, locked.approved_at = by, at
    locked.save(update_fields=["approved_by", "approved_at"])
    record(Events.IMPORT_APPROVED, by=by, on=locked.school.key, at=at, uai=locked.school_id, run=locked.pk)
    return locked


@transaction.atomic
def ask(run: ImportRun, *, by: str, at: datetime, confirms_shrinking: bool = False) -> ImportRun:
    """Have the worker apply what was shown; again when it had to stop. A second press asks nothing more.

    Raises `Refused`.
    """
    locked = _locked(run)
    if locked.stage == Stage.ASKED and not has_stopped(locked):
        return locked
    if locked.is_over():
        raise Refused(Cause.ALREADY_CLOSED)
    may_be_applied(locked, confirms_shrinking=confirms_shrinking)
    locked.stage, locked.asked_by, locked.asked_at = Stage.ASKED, by, at
    locked.job = jobs.start(JOB, by=by, at=at, uai=locked.school_id, run=locked.pk).pk
    locked.save(update_fields=["stage", "asked_by", "asked_at", "job"])
    return locked


def has_stopped(run: ImportRun) -> bool:
    """Asked, and the worker could not do it (a full disk, a database that went away): nothing was written."""
    return run.stage == Stage.ASKED and Job.objects.filter(pk=run.job or 0, state=JobState.FAILED).exists()


def may_be_applied(run: ImportRun, *, confirms_shrinking: bool) -> None:
    """Raises `Refused` when somebody has to look first: a base that shrinks, too many watched changes."""
    if run.shrinking and not confirms_shrinking:
        raise Refused(Cause.NEEDS_CONFIRMATION, sizes=run.shrinking)
    if run.is_waiting_for_second_person():
        raise Refused(Cause.NEEDS_SECOND_PERSON, watched=run.watched)


@transaction.atomic
def abandon(run: ImportRun, *, at: datetime) -> None:
    """Nobody wants this import any more: its files and lines go. One being applied is left to its end."""
    locked = _locked(run)
    if locked.stage == Stage.READY or has_stopped(locked):
        _end(locked, Stage.ABANDONED, at=at)


def forget_unread(*, at: datetime) -> int:
    """Abandon the imports nobody applied. Returns how many (jobs/catalogue.py)."""
    unread = list(ImportRun.objects.filter(stage=Stage.READY, made_at__lt=at - UNREAD_FOR))
    for run in unread:
        abandon(run, at=at)
    return len(unread)


# Applying -------------------------------------------------------------------------------------------------------------
def perform(progress: Any) -> dict[str, Any]:
    """The worker's way in (jobs/catalogue.py): apply the import named by the job. May be called again after a crash."""
    run = apply_asked(progress.arguments["run"], at=progress.at)
    return {"stage": run.stage, "cause": run.cause}


def apply_now(
    files: Files,
    *,
    by: str,
    at: datetime,
    day: date | None = None,
    year: int | None = None,
    confirms_shrinking: bool = False,
) -> tuple[Reading, ImportRun | None]:
    """Read and apply at once, for who has the machine in hand. No run when there is nothing to do. Raises `Refused`."""
    export = formats.read(files)
    with transaction.atomic():
        locked = School.objects.select_for_update().filter(pk=context.school_of(export)).first()
        reading = compare(_known(locked, export), export, at=at, day=day, year=year)
        if reading.plan.is_empty:
            return reading, None
        run = ImportRun(school=reading.school, by=by, made_at=at, judged_on=reading.plan.day, stage=Stage.READY)
        _measure(run, reading)
        may_be_applied(run, confirms_shrinking=confirms_shrinking)
        run.asked_by, run.asked_at = by, at
        run.save()
        _keep_files(run, reading, files, with_content=False)
        _keep_anomalies(run, reading)
        write(run, reading, by=by, at=at)
        return reading, run


@transaction.atomic
def apply_asked(pk: int, *, at: datetime) -> ImportRun:
    """Apply an import that was asked, or refuse it: all of it in this transaction. Done already: nothing."""
    School.objects.select_for_update().get(imports=pk)
    run = _locked(ImportRun(pk=pk))
    if run.stage != Stage.ASKED:
        return run
    stored = list(run.files.order_by("pk").values_list("name", "content"))
    try:
        export = formats.read([(name, bytes(content or b"")) for name, content in stored])
        reading = compare(run.school, export, at=at, day=run.judged_on, year=run.year)
        if reading.plan.digest != run.digest:
            raise Refused(Cause.PLAN_CHANGED)
    except Refused as refused:
        run.cause, run.facts = refused.cause, _json(refused.facts)
        _end(run, Stage.REFUSED, at=at)
        record(Events.IMPORT_REFUSED, by=run.asked_by, on=run.school.key, at=at, uai=run.school_id, run=pk)
        return run
    write(run, reading, by=run.asked_by, at=at)
    return run


def write(run: ImportRun, reading: Reading, *, by: str, at: datetime) -> None:
    """Apply a reading under its run, in the caller's transaction."""
    accounts = apply.write(reading.plan, reading.known, schools=reading.export.schools, by=by, at=at)
    run.counts = {**run.counts, **accounts}
    _end(run, Stage.APPLIED, at=at)
    facts = {"run": run.pk, "totals": run.totals, "accounts": accounts}
    record(Events.IMPORT_APPLIED, by=by, on=run.school.key, at=at, uai=run.school_id, **facts)
    _tell_the_planner()
    log.info("import %s of %s applied", run.pk, run.school_id)


def _tell_the_planner() -> None:
    """Measure the tables again: until an engine does it by itself, a list of the desk would cost it a second."""
    with connection.cursor() as cursor:
        for model in (Pupil, Enrolment, Guardian, Guardianship, Account, GuardianRecord):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _end(run: ImportRun, stage: Stage, *, at: datetime) -> None:
    """Nothing more will happen: what shows people goes."""
    run.stage, run.ended_at, run.lines = stage, at, None
    run.save()
    run.files.update(content=None)


def _locked(run: ImportRun) -> ImportRun:
    return ImportRun.objects.select_for_update(of=("self",)).select_related("school").get(pk=run.pk)


def _json(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in facts.items()}
