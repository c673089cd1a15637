"""Every address, visited by everybody: the site answers what docs/reference/access.md says, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.urls import path

from preau import clock
from tests.house import access_matrix as matrix
from tests.house.access_matrix import Scene
from tests.house.source import report, text

FAR = ("other_head", "other_deputy", "other_delegate", "other_form_tutor", "far_support")
pytestmark = pytest.mark.django_db
OUR_NAMES = ("BELKACEM", "COULIBALY", "FAURE", "LE GOFF", "REFERMÉE")


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    """The two schools, made once: every knock is forgotten. The instant they were made is that of the requests."""
    at = clock.now()
    nowhere = override_settings(STAFF_PORTAL_ISSUER=matrix.NO_PORTAL, FRANCECONNECT_ISSUER=matrix.NO_FRANCECONNECT)
    with pytest.MonkeyPatch.context() as frozen, nowhere, django_db_blocker.unblock(), transaction.atomic():
        frozen.setattr(clock, "now", lambda: at)
        made = matrix.set_the_scene(at)
        for who in (*matrix.CAST, *FAR):
            made.browser(who)  # whoever came in during a test would be forgotten after it
        yield made
        transaction.set_rollback(True)


def test_everybody_meets_at_every_address_what_the_table_says(scene: Scene) -> None:
    problems = matrix.differences(matrix.written(text(matrix.PAGE)), matrix.met(scene))
    assert not problems, (
        f"read docs/reference/access.md again, then `python -m tests.house.access_matrix`:{report(problems)}"
    )


def test_the_page_is_drawn_as_it_is_read() -> None:
    page = text(matrix.PAGE)
    assert matrix.drawn(matrix.written(page)) == page


def test_the_comparison_sees_a_door_left_open_a_new_address_and_one_that_has_gone() -> None:
    page = matrix.written(text(matrix.PAGE))
    row = ("console:guardian", "GET")
    assert page[row]["tutor"] == "refus" and not matrix.differences(page, page)
    opened = {**page, row: {**page[row], "tutor": "page"}}
    assert len(matrix.differences(page, opened)) == 1
    without = {name: line for name, line in page.items() if name != row}
    assert matrix.differences(without, page) == ["console:guardian GET: no line in the table"]
    assert matrix.differences(page, without) == ["console:guardian GET: a line without an address"]
    added = [*matrix.get_resolver().url_patterns, path("neuve/<int:pk>/", lambda request, pk: None, name="new")]
    assert ("new", "/neuve/<int:pk>/", True) in list(matrix.addresses(added))


def test_every_address_that_names_a_thing_says_which() -> None:
    """A number in an address is somebody's: a new one joins the table of things that belong to a school."""
    every = {name for name, _, _ in matrix.addresses()}
    with_words = {name for name, _, takes in matrix.addresses() if takes}
    with_number = {name for name, shape, _ in matrix.addresses() if "<int:" in shape}
    assert with_words == set(matrix.OBJECTS | matrix.OTHERS | matrix.OWN)
    assert with_number == set(matrix.OBJECTS | matrix.OWN)
    assert every >= matrix.TICKED


@pytest.mark.parametrize("who", FAR)
def test_a_number_of_another_school_answers_as_one_that_does_not_exist(scene: Scene, who: str) -> None:
    ours, nowhere = scene.numbers["ours"], dict.fromkeys(scene.numbers["ours"], matrix.NOWHERE)
    allowed = {"introuvable", matrix.NEVER} | (set() if who == "other_head" else {"refus"})
    problems, refused = [], 0
    for name in matrix.OBJECTS:
        for method in matrix.METHODS:
            client = scene.browser(who)
            real, made_up = (matrix.visit(client, name, method, things) for things in (ours, nowhere))
            # A form tutor is led to the list of the division before any number is looked at.
            aside = who == "other_form_tutor" and name == "console:pupil" and matrix.kind(real) == "→ suite"
            refused += matrix.kind(real) == "introuvable"
            if matrix.kind(real) != matrix.kind(made_up) or not (aside or matrix.kind(real) in allowed):
                problems.append(f"{method} {name}: {matrix.kind(real)}, and {matrix.kind(made_up)} for no number")
            if real.headers.get("Location") != made_up.headers.get("Location"):
                problems.append(f"{method} {name}: leads elsewhere than a number that does not exist")
    assert refused and not problems, report(problems)


def test_the_same_numbers_open_for_those_of_the_school(scene: Scene) -> None:
    """Otherwise the test above would see nothing: the things are there."""
    for short, who in (("ours", "head"), ("theirs", "other_head")):
        for name in matrix.OBJECTS:
            answers = {
                matrix.kind(matrix.visit(scene.browser(who), name, method, scene.numbers[short]))
                for method in matrix.METHODS
            }
            assert answers & {"page", "→ suite", "à reprendre"} and "introuvable" not in answers, (name, answers)


def read_by(scene: Scene, who: str) -> Iterator[tuple[str, str]]:
    """Each page that somebody may open when the numbers of our school are asked for, with its words."""
    for name, _, _ in matrix.addresses():
        for method in matrix.METHODS:
            answer: Any = matrix.visit(scene.browser(who), name, method, scene.numbers["ours"])
            if not answer.streaming:
                yield f"{method} {name}", answer.content.decode(errors="replace").replace("\u00a0", " ")


@pytest.mark.parametrize("who", [*FAR, "anonymous"])
def test_nobody_from_elsewhere_reads_a_name_of_ours(scene: Scene, who: str) -> None:
    """Numbers also travel in forms and in queries: whoever writes ours there is shown nobody."""
    assert any("COULIBALY" in words for _, words in read_by(scene, "head")), "the names are there to be read"
    problems = [f"{page}: {name}" for page, words in read_by(scene, who) for name in OUR_NAMES if name in words]
    assert not problems, report(problems)


def test_a_form_tutor_reads_no_guardian_and_no_pupil_of_another_division(scene: Scene) -> None:
    pages = list(read_by(scene, "tutor"))
    assert any("COULIBALY" in words for _, words in pages)
    problems = [
        f"{page}: {name}" for page, words in pages for name in ("FAURE", "LE GOFF", "REFERMÉE") if name in words
    ]
    assert not problems, report(problems)
    elsewhere = {**scene.numbers["ours"], "pupil": scene.world.accounts["Hugo"].pk}
    for method in matrix.METHODS:
        answer = matrix.visit(scene.browser("tutor"), "distribution:reset", method, elsewhere)
        assert matrix.kind(answer) == "introuvable"
