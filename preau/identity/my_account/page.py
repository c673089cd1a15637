"""What the account page shows: prepared here, so that the template only places words."""

from dataclasses import dataclass, field
from datetime import date, datetime

from preau.identity.accounts import closing
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, ChannelChange, Closing, FranceConnectLink, Kind
from preau.identity.directory.models import Enrolment, Guardian, Pupil, School
from preau.identity.my_account import journal
from preau.identity.signin import refused_mail
from preau.identity.signin.help import school_of

_LINES = 5


@dataclass(frozen=True)
class AccountPage:
    """A holder and what is theirs."""

    account: Account
    holder: Pupil | Guardian | None
    school: School | None
    enrolments: list[Enrolment]
    lines: list[journal.Line]
    changes: dict[str, ChannelChange] = field(default_factory=dict)
    franceconnect: FranceConnectLink | None = None
    closing: Closing | None = None
    is_refused: bool = False
    is_adult: bool = False

    @property
    def is_pupil(self) -> bool:
        """Whose page it is changes the words."""
        return self.account.kind == Kind.PUPIL

    @property
    def waiting_email(self) -> str:
        """The first address to confirm, if any."""
        return self.account.pending_email

    @property
    def mobile(self) -> str:
        """The number the holder proved, else the one the school knows."""
        known = self.holder.mobile if isinstance(self.holder, Guardian) else ""
        return self.account.mobile or known

    @property
    def email_change(self) -> ChannelChange | None:
        """A new address that waits."""
        return self.changes.get(Way.EMAIL)

    @property
    def mobile_change(self) -> ChannelChange | None:
        """A new number that waits."""
        return self.changes.get(Way.SMS)


def prepare(account: Account, *, day: date, at: datetime) -> AccountPage:
    """Read what the page needs."""
    holder = account.holder()
    return AccountPage(
        account=account,
        holder=holder,
        school=school_of(account, day=day),
        enrolments=enrolments(account, day=day),
        lines=journal.lines(account, journal.events(account)[:_LINES]),
        changes=waiting(account),
        franceconnect=FranceConnectLink.objects.filter(account=account).first(),
        closing=closing.of(account) if account.kind == Kind.GUARDIAN else None,
        is_refused=refused_mail.is_refused(account),
        is_adult=isinstance(holder, Pupil) and holder.is_adult_on(day),
    )


def enrolments(account: Account, *, day: date) -> list[Enrolment]:
    """A guardian's children, or where a pupil is enrolled."""
    if account.kind == Kind.PUPIL:
        return list(account.enrolments(day))
    return [link.enrolment for link in account.guardianships(day)]


def waiting(account: Account) -> dict[str, ChannelChange]:
    """The changes of address or number that wait, by way."""
    rows = ChannelChange.objects.filter(account=account, ended_at=None).select_related("account")
    return {change.way: change for change in rows if change.is_alive()}


@dataclass(frozen=True)
class Record:
    """What one school's base says of the holder."""

    school: School
    person: Pupil | Guardian
    division: str = ""


def records(account: Account, *, day: date) -> list[Record]:
    """One per school that knows the holder."""
    if account.pupil is not None:
        places = account.enrolments(day)
        return [Record(one.school, account.pupil, one.division.code if one.division else "") for one in places]
    found = account.shown_records().select_related("guardian__school").order_by("guardian_id")
    return [Record(record.guardian.school, record.guardian) for record in found]
