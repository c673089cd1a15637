"""Who would receive something: name, children, address, division. Read in a few queries, whatever their number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch
from django.db.models.functions import Lower

from preau.clock import today
from preau.design import text
from preau.identity.accounts.models import Account, AccountQuerySet, GuardianRecord, Kind
from preau.identity.directory.models import Enrolment, Guardian, Guardianship, Pupil

TITLES = {"MME": "Madame", "M.": "Monsieur"}


@dataclass(frozen=True)
class Child:
    """A child as a letter names it."""

    first_name: str
    surname: str
    division: str

    @property
    def name(self) -> str:
        """« Inès Belkacem »."""
        return text.person_name(self.first_name, self.surname)


@dataclass
class Recipient:
    """One account of a school, as it is addressed on one day. Memory only."""

    account: Account
    first_name: str
    surname: str
    title: str = ""
    lines: list[str] = field(default_factory=list)
    email: str = ""
    is_email_shared: bool = False
    has_mobile: bool = False
    is_body: bool = False
    children: list[Child] = field(default_factory=list)
    division: str = ""
    has_rights: bool = False
    is_held_elsewhere: bool = False
    # design.md §6.5: just added, or changed, beside an active guardian, who has been told and may still say no.
    is_recent: bool = False
    # A child has a protected file: nothing leaves by itself, the head hands it over (directory/protection.py).
    is_protected: bool = False

    @property
    def name(self) -> str:
        """« Samira BELKACEM »."""
        return f"{text.displayable(self.first_name)} {text.displayable(self.surname).upper()}".strip()

    @property
    def greeting(self) -> str:
        """« Madame, »."""
        return f"{TITLES.get(self.title, 'Madame, Monsieur')},"

    @property
    def envelope(self) -> list[str]:
        """What shows in the window: name, then address."""
        return [f"{TITLES.get(self.title, '')} {self.name}".strip(), *self.lines]

    def has_own_email(self) -> bool:
        """An address nobody else of the base holds, nor just brought by an import: a secret may travel to it."""
        return bool(self.email) and not self.is_email_shared and not self.is_recent and not self.is_protected


def read(accounts: AccountQuerySet, *, uai: str, day: date) -> list[Recipient]:
    """The recipients of those of these accounts that one school knows, by division then by name."""
    accounts = accounts.of_school(uai)
    found = [
        *_guardians(accounts.filter(kind=Kind.GUARDIAN), uai=uai, day=day),
        *_pupils(accounts.filter(kind=Kind.PUPIL), uai=uai, day=day),
    ]
    _mark_shared(found, uai=uai)
    return sorted(found, key=lambda one: (one.division, one.surname.upper(), one.first_name.upper(), one.account.pk))


def _guardians(accounts: AccountQuerySet, *, uai: str, day: date) -> Iterable[Recipient]:
    links = (
        Guardianship.objects.legal()
        .active_on(day)
        .select_related("enrolment__pupil", "enrolment__division")
        .order_by("enrolment__pupil__birth_on", "enrolment__pupil_id")
    )
    records = GuardianRecord.objects.filter(guardian__school=uai).select_related("guardian").order_by("-guardian_id")
    records = records.prefetch_related(Prefetch("guardian__guardianships", queryset=links, to_attr="living"))
    for account in accounts.prefetch_related(Prefetch("records", queryset=records, to_attr="here")):
        if account.here:
            yield _guardian(account, [record.guardian for record in account.here], day=day)


def _guardian(account: Account, guardians: Sequence[Guardian], *, day: date) -> Recipient:
    newest = guardians[0]
    living: list[Guardianship] = [link for guardian in guardians for link in guardian.living]  # type: ignore[attr-defined]
    children = [_child(link.enrolment) for link in living]
    return Recipient(
        account=account,
        first_name=newest.first_name,
        surname=newest.surname,
        title=newest.title,
        lines=[line for line in newest.address.splitlines() if line.strip()],
        email=(account.email if account.has_confirmed_email() else newest.email).lower(),
        has_mobile=bool(newest.mobile),
        is_body=any(guardian.is_body for guardian in guardians),
        children=children,
        # Handed over by the class of the eldest.
        division=children[0].division if children else "",
        has_rights=bool(living),
        is_protected=any(link.enrolment.pupil.is_protected() for link in living),
        is_recent=any(one.alone_from_at and today(one.alone_from_at) >= day for one in guardians),
    )


def _child(enrolment: Enrolment) -> Child:
    pupil: Pupil = enrolment.pupil
    return Child(pupil.first_name, pupil.surname, _label(enrolment))


def _label(enrolment: Enrolment) -> str:
    return enrolment.division.code if enrolment.division else ""


def _pupils(accounts: AccountQuerySet, *, uai: str, day: date) -> Iterable[Recipient]:
    deciding = Enrolment.objects.deciding_on(day).filter(pk=OuterRef("pk"))
    here = Enrolment.objects.filter(school=uai).active_on(day).annotate(decides=Exists(deciding))
    here = here.select_related("division").order_by("-id")
    prefetch = Prefetch("pupil__enrolments", queryset=here, to_attr="here")
    for account in accounts.select_related("pupil").prefetch_related(prefetch):
        pupil = account.pupil
        assert pupil is not None
        enrolments: list[Enrolment] = pupil.here  # type: ignore[attr-defined]
        yield Recipient(
            account=account,
            first_name=pupil.first_name,
            surname=pupil.surname,
            email=(
                account.email if account.has_confirmed_email() else enrolments[0].email if enrolments else ""
            ).lower(),
            division=_label(enrolments[0]) if enrolments else "",
            has_rights=bool(enrolments) and not pupil.deceased,
            is_held_elsewhere=bool(enrolments) and not any(one.decides for one in enrolments),  # type: ignore[attr-defined]
        )


def _mark_shared(recipients: Sequence[Recipient], *, uai: str) -> None:
    """An address two people of the base hold, or another account proved, is nobody's own (design.md §6.1)."""
    wanted = {one.email for one in recipients if one.email}
    if not wanted:
        return
    holders: dict[str, set[str]] = {email: set() for email in wanted}
    # Bases are folded on import; what people typed is not: both are compared in small letters.
    low = Lower("email")
    records = Guardian.objects.filter(school=uai).annotate(low=low).filter(low__in=wanted)
    for email, pk, account in records.values_list("low", "pk", "record__account"):
        holders[email].add(f"account:{account}" if account else f"guardian:{pk}")
    enrolments = Enrolment.objects.filter(school=uai).annotate(low=low).filter(low__in=wanted)
    for email, pk, account in enrolments.values_list("low", "pupil", "pupil__account"):
        holders[email].add(f"account:{account}" if account else f"pupil:{pk}")
    here = Account.objects.of_school(uai).exclude(email="").annotate(low=low).filter(low__in=wanted)
    anywhere = Account.objects.filter(email__in=wanted).annotate(low=low)
    for email, pk in [*here.values_list("low", "pk"), *anywhere.values_list("low", "pk")]:
        holders[email].add(f"account:{pk}")
    for one in recipients:
        one.is_email_shared = bool(holders.get(one.email, set()) - {one.account.key})
