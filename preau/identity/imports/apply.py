"""A plan into the directory, the accounts and the journal, in one transaction. Nothing here decides: the plan did.

The only writer of what a base says. Rows are written in bulk, and only those that differ.
"""
# size: one function per kind of row, in the order in which they need one another

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, GuardianRecord
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.record import record_many
from preau.identity.directory import corrections, names
from preau.identity.directory.models import (
    Academy,
    Closing,
    Correction,
    Division,
    Enrolment,
    Guardian,
    Guardianship,
    Pupil,
    School,
    guardians_with_rights,
)
from preau.identity.imports import gathering, settling, telling
from preau.identity.imports.plan import Change, Deed, Of, Plan, Watch
from preau.identity.imports.records import SchoolRow
from preau.identity.imports.snapshot import IDENTITY, Snapshot
from preau.identity.imports.vigilance import WAITS
from preau.identity.imports.wanted import SELF
from preau.identity.staff.models import StaffRecord, Tutorship

_BULK = 2000
_ENROLMENT = ("entered_on", "left_on", "exit_reason", "email", "mobile")
_GUARDIAN = (
    "title", "birth_name", "used_name", "first_name", "email", "mobile", "mobile_given", "phone", "address", "is_body",
)  # fmt: skip
_CONTACTS = ("email", "mobile", "mobile_given", "phone", "address")
_PUPIL_EVENTS = {
    Deed.CREATE: Events.PUPIL_ARRIVED,
    Deed.CHANGE: Events.PUPIL_CHANGED,
    Deed.LEAVE: Events.PUPIL_LEFT,
    Deed.RETURN: Events.PUPIL_RETURNED,
}


@transaction.atomic
def write(plan: Plan, known: Snapshot, *, schools: list[SchoolRow], by: str, at: datetime) -> dict[str, int]:
    """Do what `plan` says, `known` being the snapshot it was made from. Returns what became of the accounts."""
    return _Writer(plan, known, by=by, at=at).write(schools)


class _Writer:
    """One import being written: the plan, and the numbers of the rows as they come to exist."""

    def __init__(self, plan: Plan, known: Snapshot, *, by: str, at: datetime) -> None:
        self.plan, self.known, self.by, self.at, self.uai = plan, known, by, at, plan.uai
        self.divisions: dict[str, int] = {}
        self.pupils = {key: behind.pupil for key, behind in known.known_pupils.items()}
        self.enrolments = {key: behind.enrolment for key, behind in known.known_pupils.items()}
        self.guardians = {key: behind.guardian for key, behind in known.known_guardians.items()}

    def write(self, schools: list[SchoolRow]) -> dict[str, int]:
        self._school(schools)
        self._divisions()
        self._pupils()
        self._guardians()
        self._links()
        self._staff()
        for one in self.plan.settled:
            correction = Correction.objects.get(pk=one.correction)
            corrections.settle(correction, Closing(one.closing), by=self.by, at=self.at)
        counts = self._accounts()
        self._watched()
        return counts

    # The school -------------------------------------------------------------------------------------------------------
    def _school(self, schools: list[SchoolRow]) -> None:
        for change in self.plan.of(Of.SCHOOL):
            facts = {name: after for name, _, after in change.changed()}
            if code := facts.pop("academy", ""):
                name = next((row.academy_name for row in schools if row.academy == code), "")
                facts["academy"], _ = Academy.objects.get_or_create(code=code, defaults={"name": name or code})
            School.objects.filter(pk=self.uai).update(**facts)

    def _divisions(self) -> None:
        changes = self.plan.of(Of.DIVISION)
        gone = [change.key[0] for change in changes if change.deed is Deed.REMOVE]
        Division.objects.filter(school=self.uai, code__in=gone).delete()
        rows = [
            Division(school_id=self.uai, code=change.key[0], label=change.after.label, grade=change.after.grade)
            for change in changes
            if change.after
        ]
        _upsert(Division, rows, unique=("school", "code"), update=("label", "grade"))
        self.divisions = dict(Division.objects.filter(school=self.uai).values_list("code", "pk"))

    # Pupils -----------------------------------------------------------------------------------------------------------
    def _pupils(self) -> None:
        changes = self.plan.of(Of.PUPIL)
        self._identities([change for change in changes if _touches(change, IDENTITY) and not change.pupil])
        for change in changes:
            if change.pupil:
                self.pupils[change.key[0]] = change.pupil
        # A transfer: the pupil exists already; names follow the newest base once no older school holds them.
        self._identities([change for change in changes if change.pupil and self._is_ours(change)])
        rows = [
            Enrolment(
                school_id=self.uai,
                source_key=change.key[0],
                pupil_id=self.pupils[change.key[0]],
                division_id=self.divisions.get(change.after.division),
                **{name: getattr(change.after, name) for name in _ENROLMENT},
            )
            for change in changes
        ]
        written = _upsert(Enrolment, rows, unique=("school", "source_key"), update=("division", *_ENROLMENT))
        self.enrolments.update({row.source_key: row.pk for row in written})
        for deed, event in _PUPIL_EVENTS.items():
            self._record(event, (change for change in changes if change.deed is deed), "pupil", self.pupils)
        seen_twice = {change.key[0]: self.known.elsewhere[change.after.ine] for change in changes if change.pupil}
        for key, other in seen_twice.items():
            for uai in other.schools:
                on = [f"pupil:{self.pupils[key]}"]
                record_many(Events.PUPIL_SEEN_ELSEWHERE, by=self.by, on=on, at=self.at, uai=uai, school=self.uai)

    def _is_ours(self, change: Change) -> bool:
        return not self.known.elsewhere[change.after.ine].schools

    def _identities(self, changes: list[Change]) -> None:
        new: list[tuple[str, Pupil]] = []
        old: list[tuple[str, Pupil]] = []
        for change in changes:
            facts: dict[str, Any] = {name: getattr(change.after, name) for name in IDENTITY}
            row = Pupil(**facts, search=names.search_key(facts["birth_name"], facts["used_name"], facts["first_name"]))
            row.pk = self.pupils.get(change.key[0])
            (old if row.pk else new).append((change.key[0], row))
        Pupil.objects.bulk_create([row for _, row in new], batch_size=_BULK)
        self.pupils.update({key: row.pk for key, row in new})
        _upsert(Pupil, [row for _, row in old], unique=("id",), update=(*IDENTITY, "search"))

    # Guardians --------------------------------------------------------------------------------------------------------
    def _guardians(self) -> None:
        changes = self.plan.of(Of.GUARDIAN)
        rows = []
        for change in changes:
            facts = {name: getattr(change.after, name) for name in _GUARDIAN}
            search = names.search_key(facts["birth_name"], facts["used_name"], facts["first_name"])
            rows.append(Guardian(school_id=self.uai, source_key=change.key[0], search=search, **facts))
        written = _upsert(Guardian, rows, unique=("school", "source_key"), update=(*_GUARDIAN, "search"))
        self.guardians.update({row.source_key: row.pk for row in written})
        new = [change for change in changes if change.deed is Deed.CREATE]
        moved = [change for change in changes if change.deed is Deed.CHANGE and _touches(change, _CONTACTS)]
        renamed = [change for change in changes if change.deed is Deed.CHANGE and not _touches(change, _CONTACTS)]
        self._record(Events.GUARDIAN_ARRIVED, new, "guardian", self.guardians)
        self._record(Events.CONTACT_CHANGED, moved, "guardian", self.guardians)
        self._record(Events.GUARDIAN_CHANGED, renamed, "guardian", self.guardians)

    def _links(self) -> None:
        changes = self.plan.of(Of.LINK)
        rows = [
            Guardianship(
                guardian_id=self.guardians[change.key[0]],
                enrolment_id=self.enrolments[change.key[1]],
                level=change.after.level,
                is_legal=change.after.is_legal,
                kinship=change.after.kinship,
                ended_at=self.at if change.after.is_ended else None,
            )
            for change in changes
        ]
        fields = ("level", "is_legal", "kinship", "ended_at")
        _upsert(Guardianship, rows, unique=("guardian", "enrolment"), update=fields)
        was, opened, ended = self.known, [], []
        for change in changes:
            before = bool(change.before and change.before.opens_a_right)
            fact = (f"guardian:{self.guardians[change.key[0]]}", {"pupil": f"pupil:{self.pupils[change.key[1]]}"})
            if before and not change.after.opens_a_right:
                ended.append(fact)
            # A family that arrives whole is told by its arrivals; a new link inside a known family stands alone.
            elif not before and change.after.opens_a_right and change.key[1] in was.pupils:
                opened.append(fact)
        record_many(Events.GUARDIANSHIP_ADDED, by=self.by, on=opened, at=self.at, uai=self.uai)
        record_many(Events.GUARDIANSHIP_ENDED, by=self.by, on=ended, at=self.at, uai=self.uai)

    # Staff ------------------------------------------------------------------------------------------------------------
    def _staff(self) -> None:
        rows = []
        for change in self.plan.of(Of.STAFF):
            facts = change.after or change.before
            rows.append(
                StaffRecord(
                    school_id=self.uai, source_type=change.key[0], source_key=change.key[1], surname=facts.surname,
                    first_name=facts.first_name, title=facts.title, function=facts.function,
                    gone_on=None if change.after else self.plan.day,
                )
            )  # fmt: skip
        fields = ("surname", "first_name", "title", "function", "gone_on")
        _upsert(StaffRecord, rows, unique=("school", "source_type", "source_key"), update=fields)
        mandates = self.plan.of(Of.TUTOR)
        if not mandates:
            return
        people = {
            (kind, key): pk
            for kind, key, pk in StaffRecord.objects.filter(school=self.uai).values_list(
                "source_type", "source_key", "pk"
            )
        }
        given = [change for change in mandates if change.after]
        _upsert(
            Tutorship,
            [
                Tutorship(
                    record_id=people[change.key[:2]], division_id=self.divisions[change.key[2]],  # type: ignore[index]
                    starts_on=change.after.starts_on, ends_on=change.after.ends_on,
                )
                for change in given
            ],
            unique=("record", "division"),
            update=("starts_on", "ends_on"),
        )  # fmt: skip
        taken = [change for change in mandates if change.deed is Deed.REMOVE]
        for change in taken:
            Tutorship.objects.filter(record=people[change.key[:2]], division__code=change.key[2]).delete()  # type: ignore[index]
        for event, changes in ((Events.TUTOR_NAMED, given), (Events.TUTOR_ENDED, taken)):
            on = [(f"record:{people[c.key[:2]]}", {"division": c.key[2]}) for c in changes]  # type: ignore[index]
            record_many(event, by=self.by, on=on, at=self.at, uai=self.uai)

    # Accounts ---------------------------------------------------------------------------------------------------------
    def _accounts(self) -> dict[str, int]:
        """Those who gained a right have an account; those who lost the last one are disabled at once."""
        told: dict[str, Any] = {"by": self.by, "at": self.at, "uai": self.uai}
        day = self.plan.day
        pupils = Pupil.objects.filter(
            models.Exists(Enrolment.objects.of_school(self.uai).active_on(day).filter(pupil=models.OuterRef("pk"))),
            account=None,
            deceased=False,
        )
        opened_pupils = lifecycle.open_for_pupils(list(pupils.order_by("search", "pk")), **told)
        # Whoever answers only for themselves signs in with their pupil's account (design §5: one human, one sign-in).
        others = (
            Guardianship.objects.legal().active_on(day).exclude(kinship=SELF).filter(guardian=models.OuterRef("pk"))
        )
        guardians = list(guardians_with_rights(day, uai=self.uai).filter(models.Exists(others), record=None))
        gathered = gathering.gather_known(guardians, **told)
        opened_guardians = lifecycle.open_for_guardians(guardians, **told)
        closed = self._close_the_deceased()
        return {
            "pupils_opened": len(opened_pupils),
            "guardians_opened": len(opened_guardians),
            "guardians_gathered": gathered,
            "closed": closed,
            **settling.settle(self.uai, day=day, by=self.by, at=self.at),
        }

    def _close_the_deceased(self) -> int:
        """Exit reason 43: closed in silence, no letter ever."""
        dead = [self.pupils[c.key[0]] for c in self.plan.of(Of.PUPIL) if c.after.deceased]
        accounts = Account.objects.filter(pupil__in=dead).exclude(state=State.CLOSED)
        return lifecycle.close(list(accounts), by=self.by, at=self.at, uai=self.uai)

    def _watched(self) -> None:
        """design §6.5: who is new beside an active guardian waits; who is concerned is told."""
        waiting = {self.guardians[one.guardian] for one in self.plan.watched if one.why is not Watch.CONTACT_CHANGED}
        active = GuardianRecord.objects.filter(guardian__in=waiting, account__state=State.ACTIVE)
        waiting -= set(active.values_list("guardian_id", flat=True))
        Guardian.objects.filter(pk__in=waiting).update(alone_from_at=self.at + WAITS)
        telling.tell(self.plan, self.known, guardians=self.guardians, pupils=self.pupils, at=self.at)

    def _record(self, event: Events, changes: Iterable[Change], kind: str, keys: dict[str, int]) -> None:
        """One event per person touched. Names of columns only: the journal holds no value of the base."""
        on = []
        for change in changes:
            columns = [name for name, _, _ in change.changed()] if change.before is not None else []
            on.append((f"{kind}:{keys[change.key[0]]}", {"columns": columns} if columns else {}))
        record_many(event, by=self.by, on=on, at=self.at, uai=self.uai)


def _touches(change: Change, columns: tuple[str, ...]) -> bool:
    if change.before is None:
        return True
    return any(getattr(change.before, name) != getattr(change.after, name) for name in columns)


def _upsert(
    model: type[models.Model], rows: list[Any], *, unique: tuple[str, ...], update: tuple[str, ...]
) -> list[Any]:
    """Write rows that are new or differ: one statement for both."""
    if not rows:
        return []
    return model._default_manager.bulk_create(
        rows, batch_size=_BULK, update_conflicts=True, unique_fields=list(unique), update_fields=list(update)
    )
