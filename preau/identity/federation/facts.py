"""What is known of a person, for one service on one day: read once each, when an attribute asks."""

from datetime import date, datetime
from functools import cached_property

from django.conf import settings
from django.db.models import BigIntegerField, DateField, OuterRef, Subquery

from preau.identity.accounts.models import Account, Kind
from preau.identity.compiled import Given, Reading
from preau.identity.directory.models import Enrolment, Guardian, Guardianship, Pupil
from preau.identity.federation.models import JoinKey, RelyingParty

# The account's own question, compiled once (docs/decisions/0009): a response asks it at each sign-on. The pupil and
# the number that the academy knows them by come with it: one exchange.
_KNOWN_BY = JoinKey.objects.filter(kind=Kind.PUPIL, school=OuterRef("school"), source_key=OuterRef("source_key"))
_ENROLMENTS = Reading(
    lambda: (
        Account(pupil_id=Given("pupil", BigIntegerField()))
        .enrolments(Given("day", DateField()))  # type: ignore[arg-type]  # a place for a day
        .select_related("pupil")
        .annotate(join_key=Subquery(_KNOWN_BY.values("number")))
        .order_by("-entered_on", "-pk")
    )
)


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
        return self._everywhere[0].pupil if self._everywhere else self.account.holder()

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
        found = self.account.guardianships(self.day).select_related("guardian")
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
        if self.is_pupil:
            # Read beside the enrolment: `join_key` (see _ENROLMENTS).
            known = [(one.school.academy_id, getattr(one, "join_key", None)) for one in self.enrolments]
            return list(dict.fromkeys((academy, number) for academy, number in known if academy and number))
        schools = {link.guardian: link.enrolment.school for link in self.shown_links}
        places = {(one.school_id, one.source_key): school.academy_id for one, school in schools.items()}
        found = JoinKey.objects.filter(kind=self.account.kind, school__in=[school for school, _ in places])
        return [
            (academy, one.number)
            for one in found.order_by("pk")
            if (academy := places.get((one.school_id, one.source_key)))
        ]

    def _is_served(self, enrolment: Enrolment) -> bool:
        return self.party.serves(enrolment)
