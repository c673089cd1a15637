"""What was done to an account, and by whom, in its holder's words: a role, never a name; never what the facts hold.

design.md §6.9: people can read what was done to their own account. Separated parents: only the holder's own keys are
read, so that nothing of another guardian can show; a protected file (design.md §5) hides its school's events too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext

from preau.identity.accounts.models import Account, Kind
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.federation.models import RelyingParty
from preau.identity.staff.models import Grant, Role

PER_PAGE = 30
_SCHOOL = frozenset((Role.HEAD, Role.DEPUTY, Role.DELEGATE))


@dataclass(frozen=True)
class Line:
    """Something that happened: when, what, with which service, from which kind of device, by what kind of person
    (empty: the holder).
    """

    at: datetime
    words: str
    party: str
    device: str
    by: str

    @property
    def sentence(self) -> str:
        """What, and with which service when there is one."""
        return gettext("%(what)s : %(party)s") % {"what": self.words, "party": self.party} if self.party else self.words


def events(account: Account) -> QuerySet[Event]:
    """What is about this account, or about its holder's own records in the schools' bases; newest first."""
    if account.kind == Kind.PUPIL:
        own = [account.key, f"pupil:{account.pupil_id}"]
    else:
        numbers = account.shown_records().values_list("guardian_id", flat=True)
        own = [account.key, *(f"guardian:{number}" for number in numbers)]
    return Event.objects.filter(on__in=own).order_by("-id")


def lines(account: Account, found: Iterable[Event]) -> list[Line]:
    """The same, to be read."""
    seen = list(found)
    roles, parties = _roles(seen), RelyingParty.objects.names(seen)
    return [
        Line(
            at=event.at,
            words=str(Events(event.name).label),
            party=parties.get(event.facts.get("party", ""), ""),
            device=str(event.facts.get("device", "")) if event.name == Events.SIGNED_IN else "",
            by=_by(event, account, roles),
        )
        for event in seen
    ]


def _roles(found: list[Event]) -> dict[str, set[str]]:
    """The roles of the members of staff among the authors."""
    numbers = {int(event.by.partition(":")[2]) for event in found if event.by.startswith("staff:")}
    roles: dict[str, set[str]] = {}
    for number, role in Grant.objects.filter(member__in=numbers).values_list("member_id", "role") if numbers else ():
        roles.setdefault(f"staff:{number}", set()).add(role)
    return roles


def _by(event: Event, account: Account, roles: dict[str, set[str]]) -> str:
    kind = event.by.partition(":")[0]
    if event.by == account.key:
        return ""
    if kind == "staff":
        return _of_staff(roles.get(event.by, set()), is_pupil=account.kind == Kind.PUPIL)
    if event.by == "system:import":
        return gettext("par la base de l’établissement")
    if kind == "account":
        is_pupil = account.kind == Kind.PUPIL
        return gettext("par un de tes responsables") if is_pupil else gettext("depuis un autre compte")
    return gettext("automatiquement")


def _of_staff(roles: set[str], *, is_pupil: bool) -> str:
    if roles & _SCHOOL:
        return gettext("par l’établissement")
    if Role.ACADEMY_SUPPORT in roles:
        return gettext("par l’assistance de l’académie")
    if Role.FORM_TUTOR in roles:
        return gettext("par ton professeur principal") if is_pupil else gettext("par le professeur principal")
    if Role.OPERATOR in roles:
        return gettext("par l’exploitant du service")
    return gettext("par un personnel de l’établissement")
