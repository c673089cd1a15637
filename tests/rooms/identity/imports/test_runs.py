"""An import on its way: prepared, approved, asked, applied by the worker; refused at any step without a trace."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.accounts.origins import Origin
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Guardian, Pupil, School
from preau.identity.imports import plan, runs, schools, sentences
from preau.identity.imports.causes import Cause, Doubt, Refused
from preau.identity.imports.models import Anomaly, ImportFile, ImportRun, Stage, last_exports
from preau.identity.imports.records import Kind
from preau.identity.jobs.models import Job
from tests.rooms.identity.imports.build import OTHER_UAI, UAI, SchoolFiles

pytestmark = pytest.mark.django_db
HEAD, DEPUTY = "staff:1", "staff:2"
SCHOOL = SchoolFiles()


@pytest.fixture(autouse=True)
def school(settings, at) -> School:
    settings.DEMO_NUMBERS = True
    return schools.add(UAI, by="system:command", at=at)


def prepared(at, files: SchoolFiles = SCHOOL, by: str = HEAD) -> ImportRun:
    return runs.prepare(files.all(), uai=UAI, by=by, at=at)


def applied(at, files: SchoolFiles = SCHOOL) -> ImportRun:
    run = runs.ask(prepared(at, files), by=HEAD, at=at, confirms_shrinking=True)
    return runs.apply_asked(run.pk, at=at)


def test_preparing_shows_everything_and_writes_nothing_in_the_directory(at):
    run = prepared(at)
    assert (run.stage, run.totals["pupil"]) == (Stage.READY, {"create": 3})
    assert not Pupil.objects.exists()
    names = {line["name"] for line in run.shown_lines() if line["section"] == "pupil-create"}
    assert names == {"BELKACEM Inès", "BELKACEM Hugo", "COULIBALY Adama"}
    assert Event.objects.filter(name=Events.IMPORT_PREVIEWED, on=f"school:{UAI}").exists()


def test_the_preview_says_what_changes_from_what_to_what(at):
    applied(at)
    run = prepared(at, SCHOOL.with_pupil(2, DATE_SORTIE="20/12/2026").with_person(0, TEL_PORTABLE="0639980055"))
    lines = {line["section"]: line for line in run.shown_lines()}
    assert lines["pupil-change"]["columns"] == [["left_on", "—", "20/12/2026"]]
    assert lines["guardian-change"]["columns"] == [["mobile", "+33639980021", "+33639980055"]]


def test_what_was_shown_is_applied_by_the_worker(at):
    run = runs.ask(prepared(at), by=HEAD, at=at)
    job = Job.objects.get(pk=run.job)
    assert (run.stage, job.kind, job.uai, job.arguments) == (Stage.ASKED, "imports.apply", UAI, {"run": run.pk})
    done = runs.apply_asked(run.pk, at=at + timedelta(minutes=1))
    assert (done.stage, Pupil.objects.count(), Account.objects.count()) == (Stage.APPLIED, 3, 6)
    assert Event.objects.get(name=Events.IMPORT_APPLIED).by == HEAD


def test_a_second_press_asks_nothing_more(at):
    run = prepared(at)
    first, second = runs.ask(run, by=HEAD, at=at), runs.ask(run, by=HEAD, at=at)
    assert (first.job, Job.objects.count()) == (second.job, 1)


def test_a_worker_that_comes_twice_applies_once(at):
    run = applied(at)
    before = Event.objects.count()
    assert runs.apply_asked(run.pk, at=at).stage == Stage.APPLIED
    assert Event.objects.count() == before


def test_an_import_whose_work_stopped_may_be_asked_again(at):
    run = runs.ask(prepared(at), by=HEAD, at=at)
    Job.objects.filter(pk=run.job).update(state="failed", ended_at=at, trouble="OperationalError")
    assert runs.has_stopped(run)
    again = runs.ask(run, by=HEAD, at=at)
    assert (again.job != run.job, again.stage) == (True, Stage.ASKED)
    assert runs.apply_asked(run.pk, at=at).stage == Stage.APPLIED


def test_files_and_names_go_once_the_import_has_ended(at):
    run = applied(at)
    assert list(ImportFile.objects.filter(run=run).values_list("content", flat=True)) == [None] * 6
    assert run.shown_lines() == []
    assert last_exports(UAI).keys() == {Kind.PUPILS, Kind.GUARDIANS, Kind.STRUCTURES, Kind.NOMENCLATURE, Kind.SCHOOL}


def test_another_plan_than_the_one_shown_is_never_applied(at):
    run = runs.ask(prepared(at, SCHOOL.with_pupil(0, PRENOM="Ines")), by=HEAD, at=at)
    runs.apply_now(SCHOOL.all(), by="system:command", at=at)
    done = runs.apply_asked(run.pk, at=at)
    assert (done.stage, done.cause) == (Stage.REFUSED, Cause.PLAN_CHANGED)
    assert Pupil.objects.get(ine="990000101DJ").first_name == "Inès"


def test_a_refused_file_is_remembered_with_its_cause_and_nothing_of_its_content(at):
    run = runs.prepare([("Eleves.xml", SCHOOL.eleves()[:-40])], uai=UAI, by=HEAD, at=at)
    assert (run.stage, run.cause) == (Stage.REFUSED, Cause.MALFORMED)
    assert "« Eleves.xml » :" in sentences.of_cause(run.cause, run.facts, file=run.facts["file"]).replace("\xa0", " ")
    assert not ImportFile.objects.exists()
    assert Event.objects.get(name=Events.IMPORT_REFUSED).facts["cause"] == "malformed"


def test_the_files_of_another_school_are_refused_at_the_desk(at):
    run = prepared(at, SCHOOL.but(uai=OTHER_UAI))
    assert (run.stage, run.cause) == (Stage.REFUSED, Cause.OTHER_SCHOOL)


def test_an_older_file_than_the_last_applied_is_refused(at):
    applied(at)
    run = prepared(at, SCHOOL.but(exported="23/11/2026 08:00:00"))
    assert (run.stage, run.cause) == (Stage.REFUSED, Cause.OLDER_EXPORT)
    assert "24 novembre 2026" in sentences.of_cause(run.cause, run.facts)


def test_an_import_prepared_anew_ends_the_one_that_was_being_read(at):
    first, second = prepared(at), prepared(at)
    first.refresh_from_db()
    assert (first.stage, second.stage) == (Stage.ABANDONED, Stage.READY)
    with pytest.raises(Refused):
        runs.ask(first, by=HEAD, at=at)


def test_an_import_nobody_wants_leaves_nothing_of_anybody(at):
    run = prepared(at)
    runs.abandon(run, at=at)
    run.refresh_from_db()
    assert (run.stage, run.lines) == (Stage.ABANDONED, None)
    assert not ImportFile.objects.exclude(content=None).exists()


def test_a_preview_nobody_applies_is_forgotten_after_a_week(at):
    run = prepared(at)
    assert runs.forget_unread(at=at + timedelta(days=6)) == 0
    assert runs.forget_unread(at=at + timedelta(days=8)) == 1
    run.refresh_from_db()
    assert (run.stage, run.lines) == (Stage.ABANDONED, None)


def test_two_files_may_bear_one_name(at):
    files = [("export.xml", SCHOOL.eleves()), ("export.xml", SCHOOL.responsables())]
    run = runs.prepare(files, uai=UAI, by=HEAD, at=at)
    assert list(run.files.order_by("pk").values_list("kind", flat=True)) == ["pupils", "guardians"]


def test_what_should_be_looked_at_is_kept_by_row_never_by_name(at):
    run = prepared(at, SCHOOL.with_pupil(0, ID_NATIONAL=None, NOM_DE_FAMILLE="KO?LU"))
    found = set(Anomaly.objects.filter(run=run).values_list("doubt", "source_key"))
    assert {(Doubt.NO_INE, "500101"), (Doubt.LOST_LETTERS, "500101")} <= found
    assert "LU" not in repr(list(Anomaly.objects.values()))


# Somebody has to look -------------------------------------------------------------------------------------------------
def test_a_shrinking_base_waits_for_a_confirmation(at, monkeypatch):
    monkeypatch.setattr("preau.identity.imports.reconcile.SHRINKING_FROM", 1)
    applied(at)
    run = prepared(at, SCHOOL.but(pupils=SCHOOL.pupils[:1], placements=[]))
    assert run.shrinking["pupils"] == [3, 1] or run.shrinking["pupils"] == (3, 1)
    with pytest.raises(Refused) as caught:
        runs.ask(run, by=HEAD, at=at)
    assert "les élèves actifs de 3 à 1" in sentences.refusal(caught.value)
    assert runs.ask(run, by=HEAD, at=at, confirms_shrinking=True).stage == Stage.ASKED


@pytest.fixture
def watched(at, monkeypatch) -> ImportRun:
    """An import with more watched changes than one pair of eyes may let through."""
    applied(at)
    account = Account.objects.get(records__guardian__source_key="700201")
    lifecycle.activate(account, origin=Origin.SCHOOL, by=account.key, at=at)
    monkeypatch.setattr(plan, "WATCHED_AT_MOST", 0)
    return prepared(at, SCHOOL.with_person(0, TEL_PORTABLE="0639980055"))


def test_above_a_number_of_watched_changes_a_second_person_approves(watched, at):
    with pytest.raises(Refused) as caught:
        runs.ask(watched, by=HEAD, at=at)
    assert caught.value.cause is Cause.NEEDS_SECOND_PERSON
    runs.approve(watched, by=DEPUTY, at=at)
    assert runs.ask(watched, by=HEAD, at=at).stage == Stage.ASKED
    assert Event.objects.get(name=Events.IMPORT_APPROVED).by == DEPUTY


def test_nobody_approves_their_own_import(watched, at):
    with pytest.raises(Refused):
        runs.approve(watched, by=HEAD, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportRun.objects.filter(pk=watched.pk).update(approved_by=HEAD)


def test_an_import_that_ended_is_not_approved_any_more(watched, at):
    runs.abandon(watched, at=at)
    with pytest.raises(Refused) as caught:
        runs.approve(watched, by=DEPUTY, at=at)
    assert caught.value.cause is Cause.ALREADY_CLOSED


def test_nothing_is_written_when_applying_fails_half_way(at, monkeypatch):
    """Whatever breaks, the directory, the accounts, the journal and the run stand as before."""
    run = runs.ask(prepared(at), by=HEAD, at=at)
    before = Event.objects.count()

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("preau.identity.imports.apply.telling.tell", broken)
    with pytest.raises(RuntimeError):
        runs.apply_asked(run.pk, at=at)
    run.refresh_from_db()
    assert (run.stage, Guardian.objects.count(), Event.objects.count()) == (Stage.ASKED, 0, before)
    monkeypatch.undo()
    assert runs.apply_asked(run.pk, at=at).stage == Stage.APPLIED
