"""The screens of an import, through HTTP: who may, what is shown, and that nothing is written before « Appliquer »."""

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from preau import clock
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.accounts.origins import Origin
from preau.identity.directory.models import Academy, Pupil
from preau.identity.imports import plan, runs
from preau.identity.imports.models import ImportRun, Stage
from preau.identity.jobs.models import Job
from preau.identity.staff.models import Role
from tests.rooms.identity.console.world import World
from tests.rooms.identity.imports.build import OTHER_UAI, UAI, SchoolFiles

SCHOOL = SchoolFiles()
HOME = "/gestion/imports/"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, at: datetime) -> datetime:
    """A morning of November 2026, frozen: the instant of every request."""
    monkeypatch.setattr(clock, "now", lambda: at)
    return at


@pytest.fixture
def town(db: None, at: datetime, settings) -> World:
    """Two empty schools, and those who work there."""
    settings.DEMO_NUMBERS = True
    world = World(at)
    academy = Academy.objects.create(code="099", name="Académie Fictive")
    world.school("ours", UAI, "Collège Élise-Deroche", (), academy)
    world.school("theirs", OTHER_UAI, "Collège Jeanne-Barret", (), academy)
    world.member("vasseur", Role.HEAD, "ours")
    world.member("benali", Role.DEPUTY, "ours")
    world.member("leroy", Role.HEAD, "theirs")
    world.member("kervella", Role.FORM_TUTOR, "ours")
    world.member("assist", Role.ACADEMY_SUPPORT, None)
    return world


@pytest.fixture
def head(town: World) -> Client:
    """Claire Vasseur, her own second factor just proved."""
    return town.browser("vasseur", own_factor=True)


def upload(browser: Client, school: SchoolFiles = SCHOOL, **more):
    files = [SimpleUploadedFile(name, content) for name, content in school.all()]
    return browser.post(HOME, {"exports": files, **more})


def given(browser: Client, school: SchoolFiles = SCHOOL) -> ImportRun:
    answer = upload(browser, school)
    run = ImportRun.objects.latest("pk")
    assert answer.url == reverse("imports:run", args=[run.pk])
    return run


def address(name: str, run: ImportRun, *more: str) -> str:
    return reverse(f"imports:{name}", args=[run.pk, *more])


def words(answer) -> str:
    return answer.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def test_files_given_are_read_and_shown_and_nothing_is_written(head):
    page = words(head.get(address("run", given(head))))
    assert "Ce que cet import ferait" in page
    assert "Élèves qui arrivent" in page
    assert "Responsable sans courriel ni mobile" in page
    assert not Pupil.objects.exists()


def test_each_section_names_its_people(head):
    page = words(head.get(address("section", given(head), "pupil-create")))
    assert "BELKACEM Inès" in page
    assert "COULIBALY Adama" in page


def test_a_change_says_from_what_to_what(head, at):
    runs.apply_now(SCHOOL.all(), by="system:command", at=at)
    run = given(head, SCHOOL.with_person(0, TEL_PORTABLE="0639980055"))
    page = words(head.get(address("section", run, "guardian-change")))
    assert "<del><bdi>+33639980021</bdi></del> → <ins><bdi>+33639980055</bdi></ins>" in page


def test_what_is_shown_is_applied_by_the_worker_then_reported(head):
    run = given(head)
    assert head.post(address("apply", run)).url == address("run", run)
    page = head.get(address("run", run))
    assert "Vous pouvez quitter cette page" in words(page)
    assert 'http-equiv="refresh"' in words(page)
    run.refresh_from_db()
    call_command("worker", once=True)
    assert "Import appliqué" in words(head.get(address("run", run)))
    assert (Pupil.objects.count(), Account.objects.count()) == (3, 6)


def test_after_the_import_points_keep_their_names_and_lines_are_gone(head):
    run = given(head)
    before = words(head.get(address("points", run, "no_channel")))
    head.post(address("apply", run))
    run.refresh_from_db()
    call_command("worker", once=True)
    after = words(head.get(address("points", run, "no_channel")))
    assert "COULIBALY Moussa" in before and "COULIBALY Moussa" in after
    assert head.get(address("section", run, "pupil-create")).status_code == 404


def test_a_work_that_stopped_says_so_and_may_be_done_again(head, at):
    run = given(head)
    head.post(address("apply", run))
    run.refresh_from_db()
    Job.objects.filter(pk=run.job).update(state="failed", ended_at=at)
    page = words(head.get(address("run", run)))
    assert "L’import s’est arrêté" in page and "Appliquer l’import" in page
    head.post(address("apply", run))
    call_command("worker", once=True)
    assert "Import appliqué" in words(head.get(address("run", run)))


def test_a_double_click_applies_once(head):
    run = given(head)
    assert head.post(address("apply", run)).url == head.post(address("apply", run)).url
    assert type(run).objects.get(pk=run.pk).stage == Stage.ASKED


def test_a_refused_file_says_why_and_what_to_do(head):
    head.post(HOME, {"exports": [SimpleUploadedFile("Eleves.xml", SCHOOL.eleves()[:-40])]})
    page = words(head.get(address("run", ImportRun.objects.get())))
    assert "« Eleves.xml » : Ce fichier est coupé ou modifié" in page
    assert "Rien n’a été écrit" in page


def test_a_hostile_name_stays_a_word(head):
    run = given(head, SCHOOL.with_pupil(0, NOM_DE_FAMILLE="<script>alert(1)</script>", PRENOM="=1+1"))
    page = head.get(address("section", run, "pupil-create")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; =1+1" in page


def test_no_file_is_a_question_left_open(head):
    page = words(head.post(HOME, {}))
    assert "Choisissez un fichier" in page
    assert not ImportRun.objects.exists()


def test_another_year_is_imported_when_it_is_asked(head):
    old = SCHOOL.but(year=2025)
    assert given(head, old).stage == Stage.REFUSED
    upload(head, old, year="2025")
    assert ImportRun.objects.latest("pk").stage == Stage.READY


def test_an_import_may_be_abandoned(head):
    run = given(head)
    assert head.post(address("abandon", run)).url == HOME
    assert "Import abandonné" in words(head.get(address("run", run)))


def test_the_history_lists_the_imports_of_the_school(head):
    given(head)
    page = words(head.get(HOME))
    assert "2026-2027" in page and "à relire" in page


# Who may --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["kervella", "assist"])
def test_only_those_who_answer_for_the_school_import(town, name):
    assert town.browser(name, own_factor=True).get(HOME).status_code == 403


def test_a_visitor_is_shown_the_door(town):
    assert Client().get(HOME).status_code == 302


def test_the_import_of_another_school_does_not_exist(town, head):
    run = given(head)
    stranger = town.browser("leroy", own_factor=True)
    for name, more in (("run", ()), ("section", ("pupil-create",)), ("points", ("no_channel",))):
        assert stranger.get(address(name, run, *more)).status_code == 404
    for name in ("apply", "approve", "abandon"):
        assert stranger.post(address(name, run)).status_code == 404
    assert stranger.get(HOME).content.decode().count("à relire") == 0


def test_applying_asks_our_own_second_factor(town):
    browser = town.browser("vasseur")
    run = given(browser)
    answer = browser.post(address("apply", run), headers={"referer": f"http://testserver{address('run', run)}"})
    assert answer.url.startswith(reverse("staff:second_facteur"))
    run.refresh_from_db()
    assert run.stage == Stage.READY


# Somebody has to look -------------------------------------------------------------------------------------------------
def test_a_base_that_shrinks_is_applied_only_when_confirmed(head, at, monkeypatch):
    monkeypatch.setattr("preau.identity.imports.reconcile.SHRINKING_FROM", 1)
    runs.apply_now(SCHOOL.all(), by="system:command", at=at)
    run = given(head, SCHOOL.but(pupils=SCHOOL.pupils[:1], placements=SCHOOL.placements[:1]))
    assert "La base rétrécit" in words(head.get(address("run", run)))
    answer = head.post(address("apply", run))
    assert answer.status_code == 409
    assert "les élèves actifs de 3 à 1" in words(answer)
    assert head.post(address("apply", run), {"confirms_shrinking": "on"}).status_code == 302


def test_above_a_number_of_watched_changes_another_person_approves(town, head, at, monkeypatch):
    runs.apply_now(SCHOOL.all(), by="system:command", at=at)
    account = Account.objects.get(records__guardian__source_key="700201")
    lifecycle.activate(account, origin=Origin.SCHOOL, by=account.key, at=at)
    monkeypatch.setattr(plan, "WATCHED_AT_MOST", 0)
    run = given(head, SCHOOL.with_person(0, TEL_PORTABLE="0639980055"))
    page = words(head.get(address("run", run)))
    assert "Une seconde personne doit approuver" in page and "J’ai relu" not in page
    assert head.post(address("apply", run)).status_code == 409
    assert head.post(address("approve", run)).status_code == 409
    deputy = town.browser("benali", own_factor=True)
    assert "J’ai relu, j’approuve" in words(deputy.get(address("run", run)))
    assert deputy.post(address("approve", run)).status_code == 302
    assert "approuvé par" in words(head.get(address("run", run)))
    assert head.post(address("apply", run)).status_code == 302
