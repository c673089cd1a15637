"""The permission table, cell by cell as a head reads it, and the days of a form tutor's mandate."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from preau.identity.accounts.models import Account
from preau.identity.directory.models import Academy
from preau.identity.staff.models import Grant, Role, StaffRecord, Tutorship
from preau.identity.staff.permissions import ALWAYS_OWN_FACTOR, TABLE, Deed, Scope, may, scope, within
from tests.rooms.identity.console.world import World

# S the school, O one's own divisions, A the academy, D the deployment, – nowhere. Written out, not read from the table.
LETTERS = {"S": Scope.SCHOOL, "O": Scope.OWN_DIVISIONS, "A": Scope.ACADEMY, "D": Scope.DEPLOYMENT, "–": Scope.NOWHERE}
COLUMNS = (Role.HEAD, Role.DEPUTY, Role.DELEGATE, Role.FORM_TUTOR, Role.ACADEMY_SUPPORT, Role.OPERATOR)
GRID = {
    Deed.SEE_PUPILS: "SSSOA–",
    Deed.SEE_GUARDIANS: "SSS–A–",
    Deed.NOTIFY: "SSS–––",
    Deed.EXPORT: "SSS–––",
    Deed.RESET_PUPIL: "SSSOA–",
    Deed.BLOCK: "SS––A–",
    Deed.BURN: "SS––A–",
    Deed.IMPORT: "SSS–––",
    Deed.SEE_TICKET: "SSS–A–",
    Deed.UNDO_OPENING: "SSS–A–",
    Deed.CORRECT: "SSS–––",
    Deed.PROTECT: "SS––––",
    Deed.REMOVE_FACTORS: "SSS–––",
    Deed.FORGET_CHANNEL: "SSS–––",
    Deed.CONFIRM_STAFF: "S–––––",
    Deed.SEE_JOURNAL: "SS––––",
    Deed.CONNECT_PARTIES: "–––––D",
    Deed.PREVIEW_RELEASE: "–––––D",
}
CELLS = [
    pytest.param(deed, role, LETTERS[letter], id=f"{deed}-{role}")
    for deed, row in GRID.items()
    for role, letter in zip(COLUMNS, row, strict=True)
]
Tutors = Callable[[date], set[str]]


@pytest.fixture
def tutors(world: World) -> Tutors:
    """The first names the form tutor reaches on a day."""
    names = {account.pk: name for name, account in world.accounts.items()}

    def reached(day: date) -> set[str]:
        grant = Grant.objects.get(pk=world.grants["tutor"].pk)
        return {names[account.pk] for account in within(Account.objects.all(), grant, Deed.SEE_PUPILS, day)}

    return reached


@pytest.mark.parametrize(("deed", "role", "where"), CELLS)
def test_each_cell_of_the_table_is_what_was_decided(deed: Deed, role: Role, where: Scope) -> None:
    assert scope(deed, role) is where
    assert may(Grant(role=role), deed) is (where is not Scope.NOWHERE)


def test_the_grid_forgets_no_deed_and_no_role() -> None:
    assert set(GRID) == set(TABLE) and set(COLUMNS) == set(Role)


def test_an_unknown_role_is_an_error_never_a_right() -> None:
    with pytest.raises(ValueError, match="cleaner"):
        scope(Deed.SEE_PUPILS, "cleaner")


def test_what_changes_who_may_enter_or_leaves_in_a_file_always_asks_our_own_factor() -> None:
    asked = {Deed.EXPORT, Deed.IMPORT, Deed.CORRECT, Deed.PROTECT, Deed.CONFIRM_STAFF, Deed.BURN}
    asked |= {Deed.REMOVE_FACTORS, Deed.FORGET_CHANNEL}
    assert asked | {Deed.CONNECT_PARTIES, Deed.PREVIEW_RELEASE} == ALWAYS_OWN_FACTOR


def test_a_mandate_counts_from_its_first_day_to_its_last_both_included(world: World, tutors: Tutors) -> None:
    first, last = world.day, world.day + timedelta(days=10)
    Tutorship.objects.update(starts_on=first, ends_on=last)
    found = [tutors(day) for day in (first - timedelta(days=1), first, last, last + timedelta(days=1))]
    assert found == [set(), {"Inès", "Adama"}, {"Inès", "Adama"}, set()]


def test_two_mandates_that_follow_each_other_open_one_division_at_a_time(world: World, tutors: Tutors) -> None:
    turn = world.day + timedelta(days=30)
    Tutorship.objects.update(ends_on=turn)
    Tutorship.objects.create(
        record=StaffRecord.objects.get(source_key="tutor"),
        division=world.divisions["ours", "6E A"],
        starts_on=turn + timedelta(days=1),
    )
    assert tutors(turn) == {"Inès", "Adama"}
    assert tutors(turn + timedelta(days=1)) == {"Hugo"}


def test_a_form_tutor_whose_record_nobody_confirmed_reaches_nobody(world: World, tutors: Tutors) -> None:
    Grant.objects.filter(pk=world.grants["tutor"].pk).update(record=None)
    assert tutors(world.day) == set()


def test_the_same_division_code_next_door_is_another_division(world: World) -> None:
    grant = world.tutor("other_tutor", "theirs", "5E B")
    assert set(within(Account.objects.all(), grant, Deed.SEE_PUPILS, world.day)) == {world.accounts["Théo"]}


def test_academy_support_reaches_no_school_of_another_academy(world: World) -> None:
    world.schools["theirs"].academy = Academy.objects.create(code="098", name="Académie voisine")
    world.schools["theirs"].save()
    reached = set(within(Account.objects.all(), world.grants["support"], Deed.SEE_GUARDIANS, world.day))
    assert reached == {account for name, account in world.accounts.items() if name not in ("Théo", "Lucie")}


@pytest.mark.parametrize(("name", "answer"), [("Odette", 200), ("Lucie", 404)])
def test_the_address_of_somebody_elsewhere_answers_that_there_is_nobody(world: World, name: str, answer: int) -> None:
    assert world.browser("head").get(f"/gestion/responsables/{world.accounts[name].pk}/").status_code == answer


@pytest.mark.parametrize("deed", Deed)
def test_the_operator_reaches_nobody(world: World, deed: Deed) -> None:
    grant = world.member("operator", Role.OPERATOR, None)
    assert not within(Account.objects.all(), grant, deed, world.day).exists()
