"""How much one person may do: the figures, the windows, who is counted."""

from datetime import timedelta

import pytest

from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.messaging.models import Outgoing
from preau.identity.staff import members, quotas
from preau.identity.staff.models import Grant, Role, StaffMember, StaffSession
from preau.identity.staff.permissions import Deed
from preau.identity.staff.quotas import TABLE, Quota
from tests.rooms.identity.console.world import World
from tests.rooms.identity.staff.conftest import Moving

RESETS = TABLE[Events.PASSWORD_RESET][Role.FORM_TUTOR]


def grant_of(world: World, name: str) -> Grant:
    """The grant, with its member as the database has them now."""
    return Grant.objects.select_related("member", "school").get(pk=world.grants[name].pk)


def did(grant: Grant, times: int, moving: Moving, event: Events = Events.PASSWORD_RESET, **ago: float) -> None:
    """This many deeds in the journal, some time ago."""
    at = moving.at - timedelta(**ago)
    Event.objects.bulk_create(Event(name=event, by=grant.member.key, on="account:1", at=at) for _ in range(times))


@pytest.mark.parametrize("quota", [quota for row in TABLE.values() for quota in row.values()], ids=str)
def test_a_day_holds_more_than_an_hour_and_less_than_a_day_of_hours(quota: Quota) -> None:
    assert 0 < quota.hour < quota.day < 24 * quota.hour


def test_a_form_tutor_resets_a_whole_division_in_an_hour(world: World, moving: Moving) -> None:
    grant = grant_of(world, "tutor")
    did(grant, 36, moving)
    assert quotas.reached(grant, Deed.RESET_PUPIL, at=moving.at) is None


@pytest.mark.parametrize(("times", "stopped"), [(RESETS.hour - 1, False), (RESETS.hour, True)])
def test_the_hour_is_full_at_its_figure_and_not_before(world: World, moving: Moving, times: int, stopped: bool) -> None:
    grant = grant_of(world, "tutor")
    did(grant, times, moving, minutes=59)
    assert (quotas.reached(grant, Deed.RESET_PUPIL, at=moving.at) is Events.PASSWORD_RESET) is stopped


def test_an_hour_later_there_is_room_again_until_the_day_is_full(world: World, moving: Moving) -> None:
    grant = grant_of(world, "tutor")
    did(grant, RESETS.hour, moving, hours=1)
    assert quotas.reached(grant, Deed.RESET_PUPIL, at=moving.at) is None
    did(grant, RESETS.day - RESETS.hour, moving, hours=5)
    assert quotas.reached(grant, Deed.RESET_PUPIL, at=moving.at) is Events.PASSWORD_RESET


def test_the_day_before_does_not_count(world: World, moving: Moving) -> None:
    grant = grant_of(world, "tutor")
    did(grant, 10 * RESETS.day, moving, days=1)
    assert quotas.reached(grant, Deed.RESET_PUPIL, at=moving.at) is None


def test_what_others_did_and_other_deeds_do_not_count(world: World, moving: Moving) -> None:
    grant = grant_of(world, "tutor")
    did(grant_of(world, "head"), 10 * RESETS.day, moving)
    did(grant, 10 * RESETS.day, moving, event=Events.ROSTER_EXPORTED)
    assert quotas.reached(grant, Deed.RESET_PUPIL, at=moving.at) is None


def test_pages_and_records_are_counted_each_on_its_own(world: World, moving: Moving) -> None:
    grant = grant_of(world, "delegate")
    pages, records = TABLE[Events.PAGE_READ][Role.DELEGATE], TABLE[Events.RECORD_READ][Role.DELEGATE]
    did(grant, pages.hour - 1, moving, event=Events.PAGE_READ)
    did(grant, records.hour - 1, moving, event=Events.RECORD_READ)
    assert quotas.reached(grant, Deed.SEE_GUARDIANS, at=moving.at) is None
    did(grant, 1, moving, event=Events.PAGE_READ)
    assert quotas.reached(grant, Deed.SEE_GUARDIANS, at=moving.at) is Events.PAGE_READ


def test_changing_school_does_not_start_the_count_again(world: World, moving: Moving) -> None:
    grant = grant_of(world, "delegate")
    did(grant, TABLE[Events.PAGE_READ][Role.DELEGATE].hour, moving, event=Events.PAGE_READ)
    there = members.give(
        grant.member, role=Role.DELEGATE, school=world.schools["theirs"], by="system:test", at=moving.at
    )
    assert quotas.reached(there, Deed.SEE_GUARDIANS, at=moving.at) is Events.PAGE_READ


def test_stopping_suspends_ends_every_visit_and_tells_the_heads_of_the_school_alone(
    world: World, moving: Moving
) -> None:
    world.browser("tutor"), world.browser("tutor"), world.browser("deputy")
    grant = grant_of(world, "tutor")
    quotas.stop(grant, Events.PASSWORD_RESET, at=moving.at)
    quotas.stop(grant, Events.PASSWORD_RESET, at=moving.at)
    member = StaffMember.objects.get(pk=grant.member_id)
    assert member.suspended_at == moving.at and Events.PASSWORD_RESET.label in member.suspended_reason
    assert [visit.member_id for visit in StaffSession.objects.filter(ended_at=None)] == [
        world.grants["deputy"].member_id
    ]
    event = Event.objects.get(name=Events.QUOTA_REACHED)
    assert (event.on, event.uai, event.facts["counted"]) == (member.key, "0991234D", "accounts.password_reset")
    assert [one.on for one in Outgoing.objects.filter(message="staff/suspended")] == [world.grants["head"].member.key]


def test_a_reinstated_person_starts_from_nothing_and_is_counted_again(world: World, moving: Moving) -> None:
    did(grant_of(world, "tutor"), RESETS.day, moving)
    quotas.stop(grant_of(world, "tutor"), Events.PASSWORD_RESET, at=moving.at)
    moving.at += timedelta(minutes=5)
    members.reinstate(grant_of(world, "tutor").member, by="staff:1", at=moving.at, uai="0991234D")
    grant = grant_of(world, "tutor")
    assert grant.member.suspended_at is None and quotas.reached(grant, Deed.RESET_PUPIL, at=moving.at) is None
    moving.at += timedelta(minutes=5)
    did(grant, RESETS.hour, moving)
    assert quotas.reached(grant, Deed.RESET_PUPIL, at=moving.at) is Events.PASSWORD_RESET
