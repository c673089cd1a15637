"""The records somebody may claim, found by what was proved: a number or an address of the base, a school and a child.

One reading each, whatever is found: from outside, a number of the base and any other cost the same (design §6.10).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import Q, QuerySet

from preau.identity.accounts.models import Account
from preau.identity.directory import names
from preau.identity.directory.claims import Child, Record
from preau.identity.directory.models import Guardian, Guardianship


@dataclass(frozen=True)
class Claimable:
    """Records of human guardians with a child today, and the accounts they belong to."""

    records: tuple[Record, ...] = ()
    # May not be claimed alone: added since less than 48 h beside an active guardian, or the file is protected.
    held: frozenset[int] = frozenset()
    accounts: dict[int, Account] = field(default_factory=dict)
    guardians: dict[int, Guardian] = field(default_factory=dict)


def by_mobile(numbers: Sequence[str], *, day: date, at: datetime) -> Claimable:
    """Whose number in the base is one of these (E.164): several ways to read what was typed."""
    return _read(_links(day).filter(guardian__mobile__in=[*numbers, ""]).exclude(guardian__mobile=""), at=at)


def by_email(address: str, *, day: date, at: datetime) -> Claimable:
    """Whose address in the base is this one (folded)."""
    return _read(_links(day).filter(guardian__email=address).exclude(guardian__email=""), at=at)


def by_child(uai: str, first_name_folded: str, *, day: date, at: datetime) -> Claimable:
    """Who answers for a pupil of that first name in one school; `first_name_folded` as directory/names.py folds."""
    found = list(_links(day).filter(guardian__school=uai))
    pupils = {
        link.enrolment.pupil_id for link in found if _is_called(link.enrolment.pupil.first_name, first_name_folded)
    }
    guardians = {link.guardian_id for link in found if link.enrolment.pupil_id in pupils}
    return _read([link for link in found if link.guardian_id in guardians], at=at)


def of_accounts(accounts: Collection[int], *, day: date, at: datetime) -> Claimable:
    """Every record of these accounts."""
    return _read(_links(day).filter(guardian__record__account__in=accounts), at=at)


def _is_called(first_name: str, folded: str) -> bool:
    from_base = names.fold(first_name)
    return bool(folded) and folded in {from_base, names.first_given(first_name)}


def _links(day: date) -> "QuerySet[Guardianship]":
    return (
        Guardianship.objects.legal()
        .active_on(day)
        .filter(Q(guardian__is_body=False), guardian__record__isnull=False)
        .select_related("guardian__record__account", "enrolment__pupil")
        .order_by("guardian_id", "pk")
    )


def _read(links: Iterable[Guardianship], *, at: datetime) -> Claimable:
    records: dict[int, Record] = {}
    accounts: dict[int, Account] = {}
    guardians: dict[int, Guardian] = {}
    held: set[int] = set()
    for link in links:
        guardian, pupil = link.guardian, link.enrolment.pupil
        account = guardian.record.account
        accounts[account.pk] = account
        guardians[guardian.pk] = guardian
        child = Child(pupil.pk, pupil.birth_on, link.kinship)
        known = records.get(guardian.pk) or Record(
            account=account.pk,
            guardian=guardian.pk,
            school=guardian.school_id,
            birth_name=guardian.birth_name,
            used_name=guardian.used_name,
            first_name=guardian.first_name,
            title=guardian.title,
        )
        records[guardian.pk] = replace(known, children=known.children | {child})
        if pupil.protected_at is not None or (guardian.alone_from_at is not None and guardian.alone_from_at > at):
            held.add(account.pk)
    return Claimable(tuple(records.values()), frozenset(held), accounts, guardians)
