"""Long work: asked in a transaction, done by the worker, told as it goes, taken up again after a crash."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails
from django_tasks_db.models import DBTaskResult

from preau import clock
from preau.identity.jobs import progress as pages
from preau.identity.jobs import reaper, run, tidying
from preau.identity.jobs.models import SILENCE, Job, State
from preau.identity.jobs.run import Progress, Superseded, UnknownKind, start
from tests.rooms.identity.jobs import kinds

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    with kinds.known(kinds.counting, kinds.failing):
        yield


def counting(at: datetime, upto: int = 3) -> Job:
    return start("test.counting", by="staff:1", at=at, uai="0991234D", total=upto, upto=upto)


def test_work_is_done_by_the_worker_and_its_result_kept(at: datetime) -> None:
    job = counting(at)
    assert (job.state, job.done, job.total) == (State.WAITING, 0, 3)
    call_command("worker", once=True)
    job.refresh_from_db()
    assert (job.state, job.done, job.words, job.result) == (State.DONE, 3, "3", {"counted": 3})
    assert job.is_over() and job.is_done() and job.ended_at


def test_work_asked_in_a_transaction_that_fails_was_never_asked(at: datetime) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        counting(at)
        1 / 0  # noqa: B018
    assert not Job.objects.exists() and not DBTaskResult.objects.exists()


def test_an_unknown_kind_is_refused(at: datetime) -> None:
    with pytest.raises(UnknownKind):
        start("nobody.does_this", by="staff:1", at=at)


def test_an_error_is_kept_by_its_name_and_its_words_nowhere(at: datetime, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    job = start("test.failing", by="staff:1", at=at)
    call_command("worker", once=True)
    job.refresh_from_db()
    assert (job.state, job.trouble) == (State.FAILED, "ValueError")
    kept = [str(row) for row in [*Job.objects.values(), *DBTaskResult.objects.values()]]
    assert kinds.SECRET not in caplog.text + "".join(kept)
    assert "tests/rooms/identity/jobs/kinds.py" in caplog.text


def test_work_is_never_done_twice(at: datetime) -> None:
    job = counting(at)
    call_command("worker", once=True)
    run.perform.call(job.pk)
    assert Job.objects.get(pk=job.pk).tries == 1


def taken_and_forsaken(at: datetime, tries: int = 1) -> Job:
    """A job whose worker died at `at`, as the database shows it."""
    job = counting(at)
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, heartbeat_at=at, started_at=at, tries=tries)
    DBTaskResult.objects.filter(id=job.task).update(status="RUNNING", started_at=at)
    return job


def test_the_work_of_a_worker_that_died_is_taken_up_again() -> None:
    job = taken_and_forsaken(clock.now() - SILENCE - timedelta(seconds=1))
    call_command("worker", once=True)
    job.refresh_from_db()
    assert (job.state, job.tries, job.result) == (State.DONE, 2, {"counted": 3})


def test_a_worker_that_still_beats_is_left_alone() -> None:
    now = clock.now()
    job = taken_and_forsaken(now)
    assert reaper.take_up_again(at=now + SILENCE) == 0
    assert Job.objects.get(pk=job.pk).state == State.RUNNING


def test_a_clock_that_went_back_hides_no_dead_worker() -> None:
    now = clock.now()
    job = taken_and_forsaken(now)
    assert reaper.take_up_again(at=now - timedelta(days=6000)) == 1
    assert Job.objects.get(pk=job.pk).state == State.WAITING


def test_a_worker_killed_before_it_took_the_job_loses_nothing() -> None:
    job = counting(clock.now())
    DBTaskResult.objects.filter(id=job.task).update(status="RUNNING")
    assert reaper.take_up_again(at=clock.now()) == 1
    call_command("worker", once=True)
    assert Job.objects.get(pk=job.pk).is_done()


def test_work_that_killed_three_workers_is_stopped() -> None:
    job = taken_and_forsaken(clock.now() - timedelta(hours=1), tries=3)
    call_command("worker", once=True)
    job.refresh_from_db()
    assert (job.state, job.trouble, job.result) == (State.FAILED, "WorkerDied", None)


def test_a_worker_believed_dead_that_comes_back_may_not_write() -> None:
    job = taken_and_forsaken(clock.now())
    late = Progress(Job.objects.get(pk=job.pk), clock.now())
    Job.objects.filter(pk=job.pk).update(tries=2)
    with pytest.raises(Superseded):
        late.tell(done=1, words="trop tard")
    assert Job.objects.get(pk=job.pk).done == 0


def test_what_is_over_for_long_is_forgotten(at: datetime) -> None:
    old, waiting = counting(at), counting(at)
    Job.objects.filter(pk=old.pk).update(state=State.DONE, ended_at=at)
    DBTaskResult.objects.filter(id=old.task).update(status="SUCCESSFUL")
    tidying.forget_finished(at=at + timedelta(days=91))
    assert list(Job.objects.all()) == [waiting]
    assert [task.id for task in DBTaskResult.objects.all()] == [waiting.task]


def asked(job: Job, *, accept: str = "text/html", is_htmx: bool = False) -> "pages.HttpResponse":
    headers = {"accept": accept, **({"HX-Request": "true"} if is_htmx else {})}
    request = RequestFactory().get("/gestion/travail/1", headers=headers)
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    return pages.answer(request, job)


def test_progress_comes_back_by_itself_without_script_until_the_end(at: datetime) -> None:
    job = counting(at)
    assert '<noscript><meta http-equiv="refresh" content="2">' in asked(job).content.decode()
    call_command("worker", once=True)
    page = asked(Job.objects.get(pk=job.pk)).content.decode()
    assert "http-equiv" not in page and "C’est fait." in page


def test_progress_is_a_fragment_for_htmx_and_facts_for_a_program(at: datetime) -> None:
    job = counting(at)
    fragment = asked(job, is_htmx=True).content.decode()
    assert "<html" not in fragment and 'hx-trigger="every 2s"' in fragment
    assert json.loads(asked(job, accept="application/json").content)["total"] == 3
    call_command("worker", once=True)
    assert asked(Job.objects.get(pk=job.pk), is_htmx=True).headers["HX-Refresh"] == "true"
