"""THE permission table: its scopes, on every account, in both directions."""

import pytest
from django.db.models import Q

from preau.identity.accounts.models import Account
from preau.identity.staff.models import Role
from preau.identity.staff.permissions import ALWAYS_OWN_FACTOR, TABLE, WORDS, Deed, Scope, may, reach, scope, within
from tests.rooms.identity.console.world import World

OURS = {"Inès", "Hugo", "Adama", "Samira", "Karim", "Drissa", "Odette"}
THEIRS = {"Théo", "Lucie"}
REACH = {
    "head": OURS, "deputy": OURS, "delegate": OURS, "tutor": {"Inès", "Adama"}, "support": OURS | THEIRS,
    "other_head": THEIRS,
}  # fmt: skip


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("who", REACH)
def test_a_deed_reaches_its_scope_and_nobody_else(world: World, deed: Deed, who: str) -> None:
    grant = world.grants[who]
    reached = set(within(Account.objects.all(), grant, deed, world.day).values_list("pk", flat=True))
    expected = {world.accounts[name].pk for name in REACH[who]} if may(grant, deed) else set()
    assert reached == expected


@pytest.mark.parametrize("who", REACH)
def test_the_scope_as_a_condition_says_the_same(world: World, who: str) -> None:
    grant = world.grants[who]
    condition = reach(grant, Deed.SEE_PUPILS, world.day)
    plain = within(Account.objects.all(), grant, Deed.SEE_PUPILS, world.day)
    assert isinstance(condition, Q) and set(Account.objects.filter(condition)) == set(plain)


def test_a_pupil_in_two_schools_is_reached_by_both_and_their_guardians_by_their_own(world: World) -> None:
    from preau.identity.directory.models import Enrolment

    Enrolment.objects.create(
        pupil=world.enrolments["Inès"].pupil, school=world.schools["theirs"], source_key="99",
        division=world.divisions["theirs", "5E B"],
    )  # fmt: skip
    reached = within(Account.objects.all(), world.grants["other_head"], Deed.SEE_PUPILS, world.day)
    assert set(reached) == {world.accounts[name] for name in ("Théo", "Lucie", "Inès")}


def test_who_left_the_division_is_no_longer_the_tutors(world: World) -> None:
    enrolment = world.enrolments["Inès"]
    enrolment.left_on = world.day
    enrolment.save()
    reached = within(Account.objects.all(), world.grants["tutor"], Deed.RESET_PUPIL, world.day)
    assert set(reached) == {world.accounts["Adama"]}


def test_a_grant_without_its_place_reaches_nothing(world: World) -> None:
    grant = world.grants["support"]
    grant.academy_id = None
    assert not within(Account.objects.all(), grant, Deed.SEE_PUPILS, world.day).exists()


def test_the_table_is_whole_and_readable() -> None:
    assert set(TABLE) == set(WORDS) == set(Deed) and set(Deed) >= ALWAYS_OWN_FACTOR
    assert all(role in Role.values for roles in TABLE.values() for role in roles)
    assert all(scope(deed, Role.FORM_TUTOR) in (Scope.NOWHERE, Scope.OWN_DIVISIONS) for deed in Deed)
    assert {deed for deed in Deed if scope(deed, Role.FORM_TUTOR) is not Scope.NOWHERE} == {
        Deed.SEE_PUPILS, Deed.RESET_PUPIL,
    }  # fmt: skip
    assert not may(None, Deed.SEE_PUPILS)
