"""One person, two schools: a new record joins the same person's account elsewhere (rule: directory/matching.py)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, GuardianRecord
from preau.identity.accounts.states import State
from preau.identity.directory import matching
from preau.identity.directory.matching import Face
from preau.identity.directory.models import Guardian, Guardianship

_AT_ONCE = 5_000


def gather_known(guardians: Sequence[Guardian], *, by: str, at: datetime, uai: str) -> int:
    """Add each record of `guardians` proven to be a known person's to that person's account. Returns how many."""
    if not Guardian.objects.exclude(school=uai).exists():
        return 0
    # A protected file freezes its links: nothing of theirs joins an account by itself.
    frozen = Guardianship.objects.frozen().filter(guardian__in=[one.pk for one in guardians], ended_at=None)
    held_back = set(frozen.values_list("guardian_id", flat=True))
    newcomers = {one.pk: one for one in guardians if one.email and one.mobile and one.pk not in held_back}
    groups = [
        group for group in matching.gatherings(_faces(newcomers)) if any(face.record in newcomers for face in group)
    ]
    records = [face.record for group in groups for face in group]
    account_of = dict(
        GuardianRecord.objects.filter(guardian__in=records)
        .exclude(account__state=State.CLOSED)
        .values_list("guardian_id", "account_id")
    )
    accounts = Account.objects.in_bulk(set(account_of.values()))
    gathered = 0
    for group in groups:
        held = {account_of[face.record] for face in group if face.record in account_of}
        if len(held) != 1:  # nobody has one yet, or two accounts exist: merging them is their holder's decision
            continue
        for face in group:
            if face.record in newcomers and face.record not in account_of:
                lifecycle.gather(newcomers[face.record], into=accounts[next(iter(held))], by=by, at=at)
                gathered += 1
    return gathered


def _faces(newcomers: dict[int, Guardian]) -> list[Face]:
    """Every record, of any school, that holds an e-mail or a mobile of the newcomers: a third holder forbids."""
    found: dict[int, Guardian] = {}
    people = list(newcomers.values())
    for start in range(0, len(people), _AT_ONCE):
        some = people[start : start + _AT_ONCE]
        emails, mobiles = {one.email for one in some}, {one.mobile for one in some}
        found.update({one.pk: one for one in Guardian.objects.filter(Q(email__in=emails) | Q(mobile__in=mobiles))})
    kin: dict[int, set[tuple[int, str]]] = defaultdict(set)
    links = Guardianship.objects.filter(guardian__in=found, ended_at=None)
    for guardian, pupil, kinship in links.values_list("guardian_id", "enrolment__pupil_id", "kinship"):
        kin[guardian].add((pupil, kinship))
    return [
        Face(
            record=one.pk, school=one.school_id, birth_name=one.birth_name, used_name=one.used_name,
            first_name=one.first_name, email=one.email, mobile=one.mobile, title=one.title, is_body=one.is_body,
            kin=frozenset(kin[one.pk]),
        )
        for one in found.values()
    ]  # fmt: skip
