"""A pupil who lost everything comes to their form tutor, or to the desk, and leaves with a temporary password."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from preau.clock import today
from preau.design import text
from preau.identity.accounts import lifecycle
from preau.identity.accounts.lifecycle import Secret
from preau.identity.accounts.models import Account, Channel, GuardianRecord, Kind
from preau.identity.accounts.states import State
from preau.identity.directory.models import Enrolment, Guardianship, School
from preau.identity.distribution import expiry, texts
from preau.identity.distribution.models import Notice, Way
from preau.identity.messaging import outbox
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing
from preau.identity.staff.models import Grant, Role, StaffMember


class CannotReset(Exception):
    """One of these accounts is blocked, disabled, closed, or a guardian's: nothing was changed."""


@transaction.atomic
def reset(accounts: Sequence[Account], *, uai: str, by: str, at: datetime) -> list[Secret]:
    """A temporary password of 48 hours for each pupil, in place of whatever opened their account.

    Open sessions end; confirmed e-mail and other factors stay. The pupil, their guardians and the head are told.
    Raises `CannotReset`.
    """
    locked = list(Account.objects.select_for_update().filter(pk__in=[one.pk for one in accounts]).order_by("pk"))
    if any(one.kind != Kind.PUPIL or not one.is_open() for one in locked):
        raise CannotReset
    expires = expiry.expires_at(Channel.TUTOR, at)
    active = [one for one in locked if one.state == State.ACTIVE]
    waiting = [one for one in locked if one.state != State.ACTIVE]
    how = {"channel": Channel.TUTOR, "expires_at": expires, "by": by, "at": at, "uai": uai}
    secrets = [*lifecycle.reset_passwords(active, **how), *lifecycle.notify(waiting, **how)]  # type: ignore[arg-type]
    Notice.objects.bulk_create(Notice(account=one, way=Way.TUTOR, made_at=at, expires_at=expires) for one in locked)
    _tell(locked, uai=uai, by=by, at=at)
    return secrets


def _tell(accounts: Sequence[Account], *, uai: str, by: str, at: datetime) -> None:
    """Whoever may be concerned learns it by a way this reset did not touch (design.md §6.6)."""
    day = today(at)
    for account in accounts:
        if account.has_confirmed_email():
            outbox.post("distribution/reset_pupil", on=account.key, at=at)
        for guardian in _guardians(account, day):
            outbox.post("distribution/reset_child", on=guardian.key, at=at, pupil=account.pk)
    for head in _heads(uai, day):
        if head.key != by:
            outbox.post(
                "distribution/reset_head", on=head.key, at=at, pupils=[one.pk for one in accounts], by=by, uai=uai
            )


def _guardians(pupil: Account, day: date) -> list[Account]:
    """Guardians who sign in and proved an address; of a protected file, none."""
    links = Guardianship.objects.legal().unprotected().active_on(day).filter(enrolment__pupil=pupil.pupil_id)
    records = GuardianRecord.objects.filter(guardian__in=links.values("guardian"))
    proved = Account.objects.filter(state=State.ACTIVE, email_confirmed_at__isnull=False)
    return list(proved.filter(pk__in=records.values("account")).order_by("pk"))


def _heads(uai: str, day: date) -> list[StaffMember]:
    grants = Grant.objects.in_force(day).filter(role=Role.HEAD, school=uai).values("member")
    return list(StaffMember.objects.filter(pk__in=grants).exclude(email="").order_by("pk"))


def school_of(accounts: Sequence[Account], grant: Grant, *, day: date) -> School | None:
    """Where the pupils are helped: the school of who helps, else (academy) the one they are enrolled in together."""
    if grant.school_id:
        return grant.school
    pupils = [one.pupil_id for one in accounts]
    here = Enrolment.objects.active_on(day).filter(pupil__in=pupils, school__academy=grant.academy_id)
    schools = School.objects.filter(pk__in=here.values("school"))
    return schools.order_by("pk").first()


# The messages ---------------------------------------------------------------------------------------------------------
def to_pupil(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """« Ton mot de passe a été réinitialisé »."""
    account = _account(outgoing.on.partition(":")[2])
    if account is None or not account.has_confirmed_email():
        return None
    return Envelope(account.email, {**_of_pupil(account, day=today(at)), "when": texts.moment(outgoing.posted_at)})


def to_guardian(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """« Le mot de passe de votre enfant a été réinitialisé »."""
    guardian, pupil = _account(outgoing.on.partition(":")[2]), _account(outgoing.facts["pupil"])
    if guardian is None or pupil is None or not guardian.has_confirmed_email():
        return None
    if guardian not in _guardians(pupil, today(at)):
        return None
    return Envelope(guardian.email, {**_of_pupil(pupil, day=today(at)), "when": texts.moment(outgoing.posted_at)})


def to_head(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """« Des mots de passe d’élèves ont été réinitialisés »."""
    head = StaffMember.objects.filter(pk=outgoing.on.partition(":")[2]).exclude(email="").first()
    if head is None or head not in _heads(outgoing.facts["uai"], today(at)):
        return None
    author = StaffMember.objects.filter(pk=outgoing.facts["by"].partition(":")[2]).first()
    pupils = [_of_pupil(one, day=today(at)) for pk in outgoing.facts["pupils"] if (one := _account(pk))]
    name = author.name if author else _("Un personnel")
    return Envelope(head.email, {"author": name, "pupils": pupils, "when": texts.moment(outgoing.posted_at)})


def _account(pk: object) -> Account | None:
    return Account.objects.select_related("pupil").filter(pk=pk).first()


def _of_pupil(account: Account, *, day: date) -> dict[str, object]:
    enrolment = account.enrolments(day).first()
    school = enrolment.school if enrolment else None
    pupil = account.pupil
    assert pupil is not None
    return {
        "first_name": text.displayable(pupil.first_name),
        "name": text.person_name(pupil.first_name, pupil.surname),
        "division": enrolment.division.code if enrolment and enrolment.division else "",
        "school_name": school.name if school else "",
        "school_phone": school.phone if school else "",
    }
