"""What is known of a person, for one service on one day: read once each, when an attribute asks."""

from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, DateField, OuterRef, Subquery

from preau.identity.accounts.models import Account, Kind
from preau.identity.compiled import Given, Reading
from preau.identity.directory.models import Enrolment, Guardian, Guardianship, Pupil
from preau.identity.federation.models import JoinKey, RelyingParty

# The account's own questions, compiled once (docs/decisions/0009): a response asks them at each sign-on. The person and
# the number that the academy knows them by come with it: one exchange.
_DAY: Any = Given("day", DateField())
_ENROLMENTS = Reading(
    lambda: (
        Account(pupil_id=Given("pupil", BigIntegerField()))
        .enrolments(_DAY)
        .select_related("pupil")
        .annotate(join_key=_known_by(Kind.PUPIL, school="school", source_key="source_key"))
        .order_by("-entered_on", "-pk")
    )
)
_GUARDIAN = Account(pk=Given("account", BigIntegerField()))
_LINKS = Reading(
    lambda: (
        _GUARDIAN.guardianships(_DAY)
        .select_related("guardian")
        .annotate(join_key=_known_by(Kind.GUARDIAN, school="guardian__school", source_key="guardian__source_key"))
    )
)
_RECORD = Reading(lambda: _GUARDIAN.newest_records()[:1])


def _known_by(kind: Kind, *, school: str, source_key: str) -> Subquery:
    known = JoinKey.objects.filter(kind=kind, school=OuterRef(school), source_key=OuterRef(source_key))
    return Subquery(known.values("number"))


class Facts:
    """A person before a service. What the service does not serve (another school, another academy) is not here.

    `authenticated_at` and `amr` are the visit's; without a visit (a preview) they are the preview's.
    """

    def __init__(
        self, account: Account, party: RelyingParty, *, day: date, authenticated_at: datetime, amr: str = "pwd"
    ) -> None:
        self.account, self.party, self.day = account, party, day
        self.authenticated_at, self.amr = authenticated_at, amr

    @property
    def is_pupil(self) -> bool:
        """A pupil's account; otherwise a guardian's."""
        return self.account.kind == Kind.PUPIL

    @property
    def sector(self) -> str:
        """Within what names can be compared: the service's sector, or everywhere."""
        return self.party.compared_within

    @property
    def return_url(self) -> str:
        """Where people leave, without any message (EduConnect's FrEduUrlRetour)."""
        return f"{settings.PUBLIC_URL}/idp/profile/Logout"

    @cached_property
    def holder(self) -> Pupil | Guardian | None:
        """Who it belongs to, as the base writes them."""
        if self._everywhere:
            return self._everywhere[0].pupil
        if self.is_pupil:
            return self.account.pupil
        record = _RECORD.first(account=self.account.pk)
        return record.guardian if record else None

    @cached_property
    def pupil(self) -> Pupil | None:
        """The pupil, for a pupil's account."""
        return self.holder if isinstance(self.holder, Pupil) else None

    @cached_property
    def _everywhere(self) -> list[Enrolment]:
        if not self.is_pupil:
            return []
        return list(_ENROLMENTS.all(pupil=self.account.pupil_id, day=self.day))

    @cached_property
    def enrolments(self) -> list[Enrolment]:
        """A pupil's, in the schools this service serves, the newest first."""
        return [one for one in self._everywhere if self._is_served(one)]

    @cached_property
    def enrolment(self) -> Enrolment | None:
        """The pupil's present school."""
        return self.enrolments[0] if self.enrolments else None

    @cached_property
    def links(self) -> list[Guardianship]:
        """A guardian's legal links to pupils of the schools this service serves."""
        if self.is_pupil:
            return []
        found = _LINKS.all(account=self.account.pk, day=self.day)
        return [link for link in found if self._is_served(link.enrolment)]

    @cached_property
    def shown_links(self) -> list[Guardianship]:
        """Those whose school may be told: a protected file tells no guardian where the child is."""
        return [link for link in self.links if not link.enrolment.pupil.is_protected()]

    @cached_property
    def is_known_here(self) -> bool:
        """Whether anything ties this person to a school that the service serves."""
        return bool(self.enrolments if self.is_pupil else self.links)

    @cached_property
    def join_keys(self) -> list[tuple[str, str]]:
        """(academy, number) by which academies' directories know this person."""
        # Read beside the enrolment, or the link: `join_key`.
        known: list[tuple[str | None, Enrolment | Guardianship]]
        if self.is_pupil:
            known = [(one.school.academy_id, one) for one in self.enrolments]
        else:
            known = [(link.enrolment.school.academy_id, link) for link in self.shown_links]
        numbers = [(academy, getattr(one, "join_key", None)) for academy, one in known]
        return list(dict.fromkeys((academy, number) for academy, number in numbers if academy and number))

    def _is_served(self, enrolment: Enrolment) -> bool:
        return self.party.serves(enrolment)
