"""At 18 a pupil decides who follows their schooling: they may end their guardians' access, and give it back.

design.md §5. It is written on the pupil: neither the next import nor another school revives what they ended. Whoever is
their own legal guardian (kinship 70) keeps their own link.
"""

from datetime import datetime, timedelta

from django.db import models, transaction

from preau import clock
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.record import record, record_many
from preau.identity.directory.models import Guardianship, Kinship, Pupil
from preau.identity.messaging import outbox

BY_CLOCK = "system:clock"
# A day more than the longest: a first sieve, `Pupil.is_adult_on` decides.
_EIGHTEEN_YEARS = timedelta(days=18 * 366)
# A worker that was stopped catches up; who came of age before is told by their account's first page only.
_TOLD_WITHIN = timedelta(days=30)


class NotAnAdult(Exception):
    """The holder is not an adult pupil: only they decide."""


@transaction.atomic
def end_guardians(account: Account, *, by: str, at: datetime) -> int:
    """End the access of every guardian of this adult pupil, in every school. Returns how many accounts lost it.

    Told to both. Twice changes nothing. Raises `NotAnAdult`.
    """
    pupil = _adult(account, at=at)
    if not Pupil.objects.filter(pk=pupil.pk, guardians_ended_at=None).update(guardians_ended_at=at):
        return 0
    records = _records(pupil)
    record(Events.GUARDIANS_ENDED, by=by, on=account.key, at=at)
    record_many(Events.GUARDIANSHIP_ENDED, by=by, on=records, at=at, pupil=pupil.key)
    told = _accounts(pupil)
    day = clock.today(at)
    idle = Account.objects.filter(pk__in=told, state__in=[State.UNNOTIFIED, State.NOTIFIED, State.ACTIVE])
    lifecycle.disable(idle.exclude(pk__in=Account.objects.with_rights_on(day).values("pk")), by=by, at=at)
    _tell(account, told, is_ended=True, at=at)
    return len(told)


@transaction.atomic
def give_back(account: Account, *, by: str, at: datetime) -> int:
    """The adult pupil opens their schooling to their guardians again. Returns how many accounts see it again.

    Raises `NotAnAdult`.
    """
    _adult(account, at=at)
    return _restore(account, by=by, at=at)


def give_back_for_minors(*, at: datetime) -> int:
    """A birth date was wrong in the base and made somebody an adult: what they ended as one comes back.

    Returns how many pupils (jobs/catalogue.py).
    """
    born_after = clock.today(at) - _EIGHTEEN_YEARS
    wrong = Account.objects.filter(pupil__guardians_ended_at__isnull=False, pupil__birth_on__gt=born_after)
    found = [account for account in wrong.select_related("pupil") if not _is_adult(account, at=at)]
    for account in found:
        with transaction.atomic():
            _restore(account, by=BY_CLOCK, at=at)
    return len(found)


def tell_new_adults(*, at: datetime) -> int:
    """Tell those who have just come of age, once each, that they decide (design.md §5; jobs/catalogue.py).

    Returns how many are told.
    """
    day = clock.today(at)
    born = (day - _EIGHTEEN_YEARS - _TOLD_WITHIN, day)
    found = Account.objects.filter(state=State.ACTIVE, email_confirmed_at__isnull=False, pupil__birth_on__range=born)
    told = 0
    for account in found.select_related("pupil"):
        if _is_adult(account, at=at) and not _is_adult(account, at=at - _TOLD_WITHIN):
            posted = outbox.post("my_account/now_adult", on=account.key, at=at, once=f"now-adult/{account.pk}")
            told += posted is not None
    return told


def _restore(account: Account, *, by: str, at: datetime) -> int:
    pupil = account.pupil
    if pupil is None or not Pupil.objects.filter(pk=pupil.pk, guardians_ended_at__isnull=False).update(
        guardians_ended_at=None
    ):
        return 0
    record(Events.GUARDIANS_RESTORED, by=by, on=account.key, at=at)
    record_many(Events.GUARDIANSHIP_ADDED, by=by, on=_records(pupil), at=at, pupil=pupil.key)
    told = _accounts(pupil)
    back = Account.objects.with_rights_on(clock.today(at)).filter(pk__in=told, state=State.DISABLED)
    lifecycle.enable(back, by=by, at=at)
    _tell(account, told, is_ended=False, at=at)
    return len(told)


def _adult(account: Account, *, at: datetime) -> Pupil:
    if account.pupil is None or not _is_adult(account, at=at):
        raise NotAnAdult
    return account.pupil


def _is_adult(account: Account, *, at: datetime) -> bool:
    return account.pupil is not None and account.pupil.is_adult_on(clock.today(at))


def _links(pupil: Pupil) -> models.QuerySet[Guardianship]:
    """What the schools' bases say of this pupil's guardians, whatever the pupil decided."""
    given = Guardianship.objects.filter(enrolment__pupil=pupil, is_legal=True, disputed_at=None, ended_at=None)
    return given.exclude(kinship=Kinship.SELF)


def _records(pupil: Pupil) -> list[str]:
    return [f"guardian:{number}" for number in _links(pupil).values_list("guardian_id", flat=True).distinct()]


def _accounts(pupil: Pupil) -> list[int]:
    """The guardians' accounts, the pupil's own apart."""
    found = _links(pupil).filter(guardian__record__isnull=False).order_by("guardian__record__account_id")
    return list(found.values_list("guardian__record__account_id", flat=True).distinct())


def _tell(account: Account, told: list[int], *, is_ended: bool, at: datetime) -> None:
    outbox.post("my_account/guardians_ended", on=account.key, at=at, is_ended=is_ended)
    for number in told:
        outbox.post("my_account/access_ended", on=f"account:{number}", at=at, pupil=account.pupil_id, is_ended=is_ended)
