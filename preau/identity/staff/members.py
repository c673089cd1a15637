"""The verbs of staff: arriving from the portal, asking for an access, confirming, revoking, suspending.

A portal subject is linked to a school and to a line of its STS base on the head's confirmation, never by name.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from preau import clock
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.directory.models import Academy, School
from preau.identity.messaging import outbox
from preau.identity.staff.claims import ClaimedGrant, PortalPerson
from preau.identity.staff.models import Grant, GrantQuerySet, Role, Source, StaffMember, StaffRecord, StaffSession

# What one may ask a head for. A head is named by the portal; academy support and the operator by command.
ASKABLE = (Role.DEPUTY, Role.DELEGATE, Role.FORM_TUTOR)


class CannotConfirm(Exception):
    """The head's choice does not hold; `sentence` says what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@transaction.atomic
def arrive(person: PortalPerson, *, issuer: str, at: datetime) -> StaffMember:
    """The portal brought `person`: know them, and make their portal grants what the portal says today."""
    member, _ = StaffMember.objects.select_for_update().update_or_create(
        issuer=issuer,
        subject=person.subject,
        defaults={
            "surname": person.surname[:100],
            "first_name": person.first_name[:100],
            "email": person.email[:254],
            "school": School.objects.filter(uai__in=person.postings).first(),
            "seen_at": at,
        },
    )
    _follow_portal(member, person.grants, at=at)
    return member


def _follow_portal(member: StaffMember, claimed: Iterable[ClaimedGrant], *, at: datetime) -> None:
    """Open, change and revoke the grants that come from the portal; those a head or the operator gave stay."""
    wanted = {(str(grant.role), grant.uai): grant for grant in claimed}
    known = set(School.objects.filter(uai__in=[uai for _, uai in wanted]).values_list("uai", flat=True))
    wanted = {key: grant for key, grant in wanted.items() if key[1] in known}
    held = {
        (grant.role, grant.school_id): grant
        for grant in Grant.objects.filter(member=member, revoked_at=None).select_related("member")
    }
    for key, existing in held.items():
        if existing.source == Source.PORTAL and key not in wanted:
            revoke(existing, by="system:portal", at=at)
    for key, claim in wanted.items():
        dates = {"starts_on": claim.starts_on, "ends_on": claim.ends_on}
        mine = held.get(key)
        if mine is None:
            _open(member, Role(claim.role), school=known_school(claim.uai), source=Source.PORTAL, at=at, **dates)
        elif mine.source == Source.PORTAL or mine.confirmed_at is None:
            Grant.objects.filter(pk=mine.pk).update(
                source=Source.PORTAL, confirmed_at=mine.confirmed_at or at, confirmed_by="system:portal", **dates
            )


def known_school(uai: str) -> School:
    """The school of this code. Raises `School.DoesNotExist`."""
    return School.objects.get(uai=uai)


def _open(member: StaffMember, role: Role, *, school: School, source: Source, at: datetime, **dates: Any) -> Grant:
    grant = Grant.objects.create(
        member=member, role=role, school=school, source=source, asked_at=at, confirmed_at=at,
        confirmed_by="system:portal", **dates,
    )  # fmt: skip
    record(Events.ACCESS_CONFIRMED, by="system:portal", on=member.key, at=at, uai=school.uai, role=role.value)
    return grant


@transaction.atomic
def ask(member: StaffMember, *, school: School, role: Role, at: datetime) -> Grant:
    """Ask the head of `school` for an access. Asking twice changes nothing; a grant already held is returned."""
    assert role in ASKABLE, role
    grant, is_new = Grant.objects.get_or_create(
        member=member, role=role, school=school, revoked_at=None, defaults={"source": Source.HEAD, "asked_at": at}
    )
    if is_new:
        record(Events.ACCESS_ASKED, by=member.key, on=member.key, at=at, uai=school.uai, role=role.value)
        _tell_heads("staff/access_asked", school, at=at, grant=grant.pk)
    return grant


@transaction.atomic
def confirm(grant: Grant, *, record_of: StaffRecord | None, by: str, at: datetime) -> Grant:
    """The head says that this person is who they say, and for a form tutor which line of STS is theirs.

    Raises `CannotConfirm`.
    """
    grant = Grant.objects.select_for_update().get(pk=grant.pk)
    if grant.revoked_at is not None:
        raise CannotConfirm("Cette demande a été refusée ou retirée entre-temps. La personne peut la refaire.")
    if grant.role == Role.FORM_TUTOR and record_of is None:
        raise CannotConfirm("Choisissez dans la liste la personne de l’emploi du temps qui fait cette demande.")
    if record_of is not None:
        if record_of.school_id != grant.school_id:
            raise CannotConfirm("Cette personne n’est pas de votre établissement.")
        if taken_records(record_of.school_id).exclude(member=grant.member_id).filter(record=record_of).exists():
            raise CannotConfirm(
                "Cette personne a déjà un accès, sous une autre identité du portail. Retirez-le d’abord."
            )
    grant.record, grant.confirmed_at, grant.confirmed_by = record_of, at, by
    grant.save(update_fields=["record", "confirmed_at", "confirmed_by"])
    facts = {"role": grant.role, **({"record": f"record:{record_of.pk}"} if record_of else {})}
    record(Events.ACCESS_CONFIRMED, by=by, on=grant.member.key, at=at, uai=grant.school_id or "", **facts)
    outbox.post("staff/access_confirmed", on=grant.member.key, at=at, grant=grant.pk)
    return grant


def taken_records(uai: str | None) -> GrantQuerySet:
    """Grants of a school that name a line of its STS base and are not revoked."""
    return Grant.objects.filter(school=uai, revoked_at=None, record__isnull=False)


@transaction.atomic
def revoke(grant: Grant, *, by: str, at: datetime) -> None:
    """End an access, or refuse one that was asked for. Acts on open visits at once: they are judged at each use."""
    if Grant.objects.filter(pk=grant.pk, revoked_at=None).update(revoked_at=at):
        record(Events.ACCESS_REVOKED, by=by, on=grant.member.key, at=at, uai=grant.school_id or "", role=grant.role)


@transaction.atomic
def give(
    member: StaffMember, *, role: Role, school: School | None = None, academy: Academy | None = None,
    record_of: StaffRecord | None = None, by: str, at: datetime,
) -> Grant:  # fmt: skip
    """By command only: academy support, the operator; the first accesses of a demo."""
    grant, _ = Grant.objects.update_or_create(
        member=member, role=role, school=school, academy=academy, revoked_at=None,
        defaults={
            "record": record_of, "source": Source.OPERATOR, "asked_at": at, "confirmed_at": at, "confirmed_by": by,
        },
    )  # fmt: skip
    uai = school.uai if school else ""
    record(Events.ACCESS_CONFIRMED, by=by, on=member.key, at=at, uai=uai, role=role.value)
    return grant


@transaction.atomic
def suspend(
    member: StaffMember, *, reason: str, by: str, at: datetime, uai: str = "",
    event: Events = Events.STAFF_SUSPENDED, **facts: Any,
) -> None:  # fmt: skip
    """Nothing more at the desk for this person until somebody reinstates them; their heads are told."""
    if not StaffMember.objects.filter(pk=member.pk, suspended_at=None).update(
        suspended_at=at, suspended_reason=reason[:200]
    ):
        return
    member.suspended_at, member.suspended_reason = at, reason[:200]
    StaffSession.objects.filter(member=member, ended_at=None).update(ended_at=at)
    record(event, by=by, on=member.key, at=at, uai=uai, **facts)
    if school := School.objects.filter(uai=uai).first():
        _tell_heads("staff/suspended", school, at=at, member=member.pk)


@transaction.atomic
def reinstate(member: StaffMember, *, by: str, at: datetime, uai: str = "") -> None:
    """Let a suspended person work again; their quotas start from nothing."""
    if StaffMember.objects.filter(pk=member.pk, suspended_at__isnull=False).update(
        suspended_at=None, suspended_reason="", reinstated_at=at
    ):
        record(Events.STAFF_REINSTATED, by=by, on=member.key, at=at, uai=uai)


def _tell_heads(message: str, school: School, *, at: datetime, **facts: Any) -> None:
    heads = (
        Grant.objects.in_force(clock.today(at)).of_school(school.uai).filter(role=Role.HEAD).select_related("member")
    )
    for grant in heads:
        outbox.post(message, on=grant.member.key, at=at, school=school.uai, **facts)


@transaction.atomic
def note_refusal(cause: str, *, at: datetime) -> None:
    """Somebody came from the portal and was not let in; who is not known. Journal only."""
    record(Events.STAFF_REFUSED, by="system:portal", on="system:portal", at=at, cause=cause)
