"""What the account page shows: prepared here, so that the template only places words."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from preau.identity.accounts.models import Account, Kind
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory.models import Enrolment, Guardian, Pupil, School
from preau.identity.signin.help import school_of

_LINES = 20


@dataclass(frozen=True)
class AccountPage:
    """A holder and what is theirs."""

    account: Account
    holder: Pupil | Guardian | None
    school: School | None
    mobile: str
    enrolments: list[Enrolment]
    events: list[dict[str, Any]]

    @property
    def is_pupil(self) -> bool:
        """Whose page it is changes the words."""
        return self.account.kind == Kind.PUPIL

    @property
    def waiting_email(self) -> str:
        """The address to confirm, if any."""
        return self.account.pending_email


def prepare(account: Account, *, day: date, at: datetime) -> AccountPage:
    """Read what the page needs."""
    holder = account.holder()
    if account.kind == Kind.PUPIL:
        enrolments = list(account.enrolments(day))
    else:
        enrolments = [link.enrolment for link in account.guardianships(day)]
    return AccountPage(
        account=account,
        holder=holder,
        school=school_of(account, day=day),
        mobile=holder.mobile if isinstance(holder, Guardian) else "",
        enrolments=enrolments,
        events=[_line(event, account, at=at) for event in Event.objects.about(account.key)[:_LINES]],
    )


def _line(event: Event, account: Account, *, at: datetime) -> dict[str, Any]:
    """An event in the holder's words: what, when, and by what kind of person; never which person, never the facts."""
    who = event.by.partition(":")[0]
    return {
        "at": event.at,
        "words": Events(event.name).label,
        "device": event.facts.get("device", "") if event.name == Events.SIGNED_IN else "",
        "by": "" if event.by == account.key else who,
    }
