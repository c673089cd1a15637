"""Arriving, asking, confirming, revoking: what the portal says and what a head decides."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from preau.identity.audit.models import Event
from preau.identity.messaging import email
from preau.identity.messaging.catalogue import MESSAGES
from preau.identity.messaging.models import Outgoing
from preau.identity.staff import letters, members
from preau.identity.staff.claims import Claimed, ClaimedGrant, PortalPerson
from preau.identity.staff.models import Grant, Role, Source, StaffMember, StaffRecord
from preau.identity.staff.permissions import TABLE, Deed
from tests.rooms.identity.console.world import ISSUER, World, make_world


def person(*grants: ClaimedGrant, **more: str) -> PortalPerson:
    """Somebody the portal brings."""
    said = {"subject": "nouveau", "surname": "MARCHAND", "first_name": "Odile", "email": "odile@example.org"}
    return PortalPerson(**{**said, "function": "", "postings": ("0991234D",), "grants": grants, **more})  # type: ignore[arg-type]


def in_force(member: StaffMember, day: date) -> set[tuple[str, str | None]]:
    """The grants of a member that open something."""
    return {(grant.role, grant.school_id) for grant in member.grants.in_force(day)}


def test_what_the_portal_no_longer_says_ends_at_the_next_arrival(world: World) -> None:
    head = ClaimedGrant(Claimed.HEAD, "0991234D")
    member = members.arrive(person(head), issuer=ISSUER, at=world.at)
    assert in_force(member, world.day) == {("head", "0991234D")}
    assert members.arrive(person(), issuer=ISSUER, at=world.at) == member
    assert in_force(member, world.day) == set()
    members.arrive(person(head), issuer=ISSUER, at=world.at)
    assert in_force(member, world.day) == {("head", "0991234D")}


def test_what_a_head_gave_stays_whatever_the_portal_says(world: World) -> None:
    member = world.grants["deputy"].member
    members.arrive(person(subject="deputy"), issuer=ISSUER, at=world.at)
    assert in_force(member, world.day) == {("deputy", "0991234D")}


def test_a_school_we_do_not_know_gives_nothing(world: World) -> None:
    member = members.arrive(person(ClaimedGrant(Claimed.HEAD, "0010001W")), issuer=ISSUER, at=world.at)
    assert not member.grants.exists()


def test_the_dates_of_the_portal_are_followed(world: World) -> None:
    ends = world.day - timedelta(1)
    member = members.arrive(person(ClaimedGrant(Claimed.DELEGATE, "0991234D", None, ends)), issuer=ISSUER, at=world.at)
    assert in_force(member, world.day) == set() and in_force(member, ends) == {("delegate", "0991234D")}
    members.arrive(person(ClaimedGrant(Claimed.DELEGATE, "0991234D")), issuer=ISSUER, at=world.at)
    assert in_force(member, world.day) == {("delegate", "0991234D")}


def test_the_same_subject_of_another_portal_is_another_person(world: World) -> None:
    mine = members.arrive(person(subject="head"), issuer=ISSUER, at=world.at)
    other = members.arrive(person(subject="head"), issuer="https://elsewhere.example", at=world.at)
    assert mine == world.grants["head"].member and other != mine and not other.grants.exists()


def test_asking_tells_the_head_and_opens_nothing(world: World) -> None:
    member = members.arrive(person(), issuer=ISSUER, at=world.at)
    for _ in range(2):
        members.ask(member, school=world.schools["ours"], role=Role.DELEGATE, at=world.at)
    assert in_force(member, world.day) == set() and Event.objects.filter(name="staff.access_asked").count() == 1
    outgoing = Outgoing.objects.get(message="staff/access_asked")
    assert outgoing.on == world.grants["head"].member.key
    envelope = letters.to_member(outgoing, world.at)
    assert envelope is not None and envelope.to == "head@example.org"


def test_a_form_tutor_is_never_linked_by_name_the_head_chooses_the_line(world: World) -> None:
    record = world.grants["tutor"].record
    assert record is not None
    twin = members.arrive(person(subject="twin", surname=record.surname, first_name="Test"), issuer=ISSUER, at=world.at)
    asked = members.ask(twin, school=world.schools["ours"], role=Role.FORM_TUTOR, at=world.at)
    assert asked.record is None and asked.divisions_on(world.day) == []
    with pytest.raises(members.CannotConfirm, match="Choisissez"):
        members.confirm(asked, record_of=None, by="staff:1", at=world.at)
    with pytest.raises(members.CannotConfirm, match="déjà un accès"):
        members.confirm(asked, record_of=record, by="staff:1", at=world.at)
    members.revoke(world.grants["tutor"], by="staff:1", at=world.at)
    confirmed = members.confirm(asked, record_of=record, by="staff:1", at=world.at)
    assert confirmed.divisions_on(world.day) == [world.divisions["ours", "5E B"].pk]


def test_a_line_of_another_school_is_refused(world: World) -> None:
    elsewhere = StaffRecord.objects.create(
        school=world.schools["theirs"], source_type="epp", source_key="1", surname="X", first_name="Y"
    )
    member = members.arrive(person(), issuer=ISSUER, at=world.at)
    asked = members.ask(member, school=world.schools["ours"], role=Role.FORM_TUTOR, at=world.at)
    with pytest.raises(members.CannotConfirm, match="pas de votre établissement"):
        members.confirm(asked, record_of=elsewhere, by="staff:1", at=world.at)


def test_a_refused_request_cannot_be_confirmed_and_can_be_made_again(world: World) -> None:
    member = members.arrive(person(), issuer=ISSUER, at=world.at)
    asked = members.ask(member, school=world.schools["ours"], role=Role.DELEGATE, at=world.at)
    members.revoke(asked, by="staff:1", at=world.at)
    with pytest.raises(members.CannotConfirm):
        members.confirm(asked, record_of=None, by="staff:1", at=world.at)
    assert members.ask(member, school=world.schools["ours"], role=Role.DELEGATE, at=world.at).pk != asked.pk


def test_mandates_are_judged_by_their_dates_on_the_day(world: World) -> None:
    grant = world.grants["tutor"]
    assert grant.record is not None
    mandate = grant.record.tutorships.get()
    mandate.starts_on, mandate.ends_on = world.day, world.day
    mandate.save()
    assert grant.divisions_on(world.day) == [mandate.division_id]
    assert grant.divisions_on(world.day - timedelta(1)) == grant.divisions_on(world.day + timedelta(1)) == []


def test_each_message_to_staff_is_readable(world: World, mailoutbox: list) -> None:  # type: ignore[type-arg]
    member = world.grants["deputy"].member
    asked = members.ask(member, school=world.schools["ours"], role=Role.DELEGATE, at=world.at)
    members.confirm(asked, record_of=None, by=world.grants["head"].member.key, at=world.at)
    members.suspend(member, reason="essai", by="x:1", at=world.at, uai="0991234D")
    Outgoing.objects.bulk_create(
        Outgoing(message=f"staff/factor_{one}", on=member.key, posted_at=world.at, due_at=world.at)
        for one in ("enrolled", "removed")
    )
    outgoing = list(Outgoing.objects.filter(message__startswith="staff/"))
    assert {one.message for one in outgoing} == {name for name in MESSAGES if name.startswith("staff/")}
    for one in outgoing:
        envelope = letters.to_member(one, world.at)
        assert envelope is not None
        email.send(one.message, envelope)
    for sent in mailoutbox:
        assert "{{" not in sent.body and "Bonjour Test" in sent.body and len(sent.to) == 1 and sent.subject


def test_a_message_whose_reason_has_gone_does_not_leave(world: World) -> None:
    member = members.arrive(person(), issuer=ISSUER, at=world.at)
    asked = members.ask(member, school=world.schools["ours"], role=Role.DELEGATE, at=world.at)
    members.revoke(asked, by="staff:1", at=world.at)
    assert letters.to_member(Outgoing.objects.get(message="staff/access_asked"), world.at) is None


class Delegations(RuleBasedStateMachine):
    """A27: whatever is asked, confirmed and revoked, nobody has a right that nobody entitled gave."""

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.at = datetime.fromisoformat("2026-11-24T09:00+00:00")
        self.world = make_world(self.at)
        self.people = [members.arrive(person(subject=f"p{number}"), issuer=ISSUER, at=self.at) for number in range(3)]
        self.given: set[tuple[int, str, str | None]] = set()

    @rule(who=st.integers(0, 2), role=st.sampled_from(members.ASKABLE), short=st.sampled_from(["ours", "theirs"]))
    def ask(self, who: int, role: Role, short: str) -> None:
        members.ask(self.people[who], school=self.world.schools[short], role=role, at=self.at)

    @rule(short=st.sampled_from(["ours", "theirs"]))
    def confirm(self, short: str) -> None:
        grant = Grant.objects.waiting().of_school(self.world.schools[short].uai).filter(source=Source.HEAD).first()
        if grant is None:
            return
        try:
            members.confirm(grant, record_of=None, by="staff:1", at=self.at)
        except members.CannotConfirm:
            assert grant.role == Role.FORM_TUTOR
        else:
            self.given.add((grant.member_id, grant.role, grant.school_id))

    @rule(who=st.integers(0, 2))
    def revoke(self, who: int) -> None:
        for grant in Grant.objects.filter(member=self.people[who], revoked_at=None):
            members.revoke(grant, by="staff:1", at=self.at)
            self.given.discard((grant.member_id, grant.role, grant.school_id))

    @rule(who=st.integers(0, 2))
    def come_back(self, who: int) -> None:
        members.arrive(person(subject=f"p{who}"), issuer=ISSUER, at=self.at)

    @invariant()
    def nobody_has_more_than_what_a_head_gave(self) -> None:
        grants = Grant.objects.in_force(self.world.day).filter(member__in=self.people)
        held = {(grant.member_id, grant.role, grant.school_id) for grant in grants}
        assert held == self.given
        # And a head has every right they can give.
        for role in {role for _, role, _ in held}:
            assert all(Role.HEAD in roles for deed, roles in TABLE.items() if role in roles and deed in Deed)

    def teardown(self) -> None:
        """Each run leaves nothing to the next."""
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)


@pytest.mark.django_db
def test_delegation_cannot_grow() -> None:
    run_state_machine_as_test(Delegations, settings=settings(max_examples=8, stateful_step_count=25, deadline=None))
