"""Which guardians may vouch for a pupil who forgot their password, and for which pupils."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from preau.identity.accounts.models import Account, GuardianRecord, Kind
from preau.identity.accounts.states import State
from preau.identity.directory.models import Guardianship


def pupils_of(guardian: Account, *, day: date, at: datetime) -> list[Account]:
    """The pupils' accounts a guardian may vouch for."""
    if guardian.kind != Kind.GUARDIAN or guardian.state != State.ACTIVE:
        return []
    links = _links(day, at).filter(guardian__record__account=guardian)
    accounts = Account.objects.select_related("pupil").filter(pupil__in=links.values("enrolment__pupil"))
    return [account for account in accounts.order_by("pk") if can_be_vouched_for(account, day=day)]


def guardians_of(pupil: Account, *, day: date, at: datetime) -> list[Account]:
    """The guardians' accounts that may vouch for a pupil; none when nobody may."""
    if not can_be_vouched_for(pupil, day=day):
        return []
    return _guardians(pupil, day=day, at=at)


def told(pupil: Account, *, day: date, at: datetime) -> list[Account]:
    """Of these, those with a proved address."""
    return [guardian for guardian in guardians_of(pupil, day=day, at=at) if guardian.has_confirmed_email()]


def can_be_vouched_for(account: Account, *, day: date) -> bool:
    """An active account, a minor, whose file is not protected."""
    pupil = account.pupil
    return (
        account.kind == Kind.PUPIL
        and account.state == State.ACTIVE
        and pupil is not None
        and not pupil.is_adult_on(day)
        and pupil.protected_at is None
    )


def _guardians(pupil: Account, *, day: date, at: datetime) -> list[Account]:
    links = _links(day, at).filter(enrolment__pupil=pupil.pupil_id)
    records = GuardianRecord.objects.filter(guardian__in=links.values("guardian"))
    active = Account.objects.guardians().filter(state=State.ACTIVE)
    return list(active.filter(pk__in=records.values("account")).order_by("pk"))


def _links(day: date, at: datetime) -> "QuerySet[Guardianship]":
    """Legal links in force, of guardians who are not in their first two days (design.md §6.5)."""
    settled = Q(guardian__alone_from_at=None) | Q(guardian__alone_from_at__lte=at)
    # Nor in the 72 hours during which an account that FranceConnect alone opened can be undone (accounts/alone.py).
    opening = "guardian__record__account__alone_opening"
    settled &= Q(**{opening: None}) | Q(**{f"{opening}__settles_at__lte": at})
    return Guardianship.objects.legal().active_on(day).filter(settled, guardian__is_body=False)
