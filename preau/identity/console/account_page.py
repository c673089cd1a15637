"""The page of one account: who it is, whom they answer for, why they are not in yet, what happened. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils.functional import cached_property

from preau.clock import today
from preau.design import text
from preau.identity.accounts import alone, channel_changes, origins, standing
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.standing import Standing
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.console import story
from preau.identity.directory.models import Enrolment, Guardian, Guardianship, Pupil
from preau.identity.signin import lost_factors
from preau.identity.staff.models import Grant
from preau.identity.staff.permissions import ACTS, Deed, may, within

LONGEST_STORY = 60
# Written about the pupil, who is one and the same in every school: told on the page of the pupil's account.
_DEEDS_ON_A_FILE = (Events.FILE_PROTECTED, Events.FILE_UNPROTECTED)


@dataclass
class AccountPage:
    """What the page shows of one account, to the holder of one grant."""

    account: Account
    grant: Grant
    day: date
    at: datetime

    @property
    def standing(self) -> Standing:
        """Where it stands."""
        return standing.of(self.account, at=self.at)

    @property
    def origin(self) -> str:
        """« Origine du compte »."""
        return origins.LABELS[Origin(self.account.origin)]

    @cached_property
    def records(self) -> list[Guardian]:
        """The holder's records in the schools of the grant."""
        return list(Guardian.objects.filter(record__account=self.account, **_here(self.grant)).order_by("-pk"))

    def enrolments(self) -> list[Enrolment]:
        """Where the pupil is or was enrolled, in the schools of the grant; the newest first."""
        if self.account.pupil_id is None:
            return []
        mine = Enrolment.objects.filter(pupil=self.account.pupil_id, **_here(self.grant))
        return list(mine.select_related("division", "school").order_by("-entered_on", "-pk"))

    def links(self) -> list[Guardianship]:
        """A guardian's links to pupils, or a pupil's to guardians: legal ones, disputed and ended ones included."""
        own = Q(guardian__record__account=self.account) | Q(enrolment__pupil__account=self.account)
        here = Guardianship.objects.filter(own, is_legal=True, **_here(self.grant, "enrolment__school"))
        together = here.select_related("enrolment__pupil__account", "enrolment__division", "guardian__record__account")
        return list(together.order_by("enrolment__pupil__birth_on", "pk"))

    @cached_property
    def person(self) -> "Guardian | Pupil":
        """Whose account it is, as the grant's schools name them."""
        if self.account.pupil is not None:
            return self.account.pupil
        return self.records[0]

    def events(self) -> list[story.Line]:
        """What happened, newest first: what this school did, and what the person did; never another school's deeds."""
        seen = Q(uai="") | (Q(uai=self.grant.school_id) if self.grant.school_id else ~Q(uai=""))
        about = Q(on=self.account.key)
        if self.account.pupil is not None:
            about |= Q(on=self.account.pupil.key, name__in=_DEEDS_ON_A_FILE)
        events = Event.objects.filter(about, seen).exclude(name__in=story.READINGS).order_by("-id")
        return story.told(list(events[:LONGEST_STORY]), uai=None)

    def why_not_in(self) -> Iterator[str]:
        """Each reason why the holder is not in, as a sentence for who answers the phone."""
        temporary = getattr(self.account, "temporary_password", None)
        match self.standing:
            case Standing.UNNOTIFIED:
                yield "Rien ne lui a encore été envoyé."
            case Standing.EXPIRED if temporary is not None:
                made, died = (text.date_in_words(today(one)) for one in (temporary.issued_at, temporary.expires_at))
                yield f"Son mot de passe provisoire, fait le {made}, n’est plus valable depuis le {died}."
            case Standing.EXPIRED:
                yield "Son mot de passe provisoire n’est plus valable."
            case Standing.CONFIRM if self.account.state != State.ACTIVE:  # FranceConnect opens before that
                yield "L’adresse électronique donnée n’est pas encore confirmée\u00a0: le message attend un clic."
            case Standing.BLOCKED:
                yield f"Le compte est bloqué. Motif\u00a0: {self.account.blocked_reason or 'non précisé'}."
            case Standing.DISABLED:
                yield "Plus aucun enfant, ou plus aucune inscription, dans un établissement de Préau."

    @property
    def has_proved_channel(self) -> bool:
        """The holder proved an address or a mobile."""
        return self.account.has_confirmed_email() or self.account.has_confirmed_mobile()

    def is_email_waiting(self) -> bool:
        """A first address is proved, and does not count yet (accounts/channel_changes.py)."""
        change = channel_changes.waiting(self.account, Way.EMAIL)
        return change is not None and change.is_first

    @cached_property
    def held_until(self) -> datetime | None:
        """Until when what FranceConnect alone opened can be undone."""
        return alone.held_until(self.account, at=self.at)

    def deeds(self) -> dict[str, bool]:
        """What this grant may do to this account, now: the names of the template's lines."""
        here = self.standing
        is_pupil, is_open = self.account.pupil_id is not None, self.account.is_open()
        own = Account.objects.filter(pk=self.account.pk)
        can = {deed: may(self.grant, deed) for deed in Deed}
        can |= {deed: can[deed] and within(own, self.grant, deed, self.day).exists() for deed in ACTS}
        return {
            "notify": can[Deed.NOTIFY] and self.account.activated_at is None and is_open,
            "reset": can[Deed.RESET_PUPIL] and is_pupil and is_open,
            "resend": can[Deed.NOTIFY] and here is Standing.CONFIRM,
            "block": can[Deed.BLOCK] and is_open,
            "unblock": can[Deed.BLOCK] and here is Standing.BLOCKED,
            "correct": can[Deed.CORRECT] and (is_pupil or bool(self.records)),
            "protect": can[Deed.PROTECT] and is_pupil,
            "remove_factors": can[Deed.REMOVE_FACTORS] and lost_factors.has_some(self.account),
            "forget_channel": can[Deed.FORGET_CHANNEL] and self.has_proved_channel,
            "undo_opening": can[Deed.UNDO_OPENING] and self.held_until is not None,
            "burn": can[Deed.BURN] and own.with_something_to_burn().exists(),
        }


def _here(grant: Grant, school: str = "school") -> dict[str, str | None]:
    if grant.school_id:
        return {school: grant.school_id}
    return {f"{school}__academy": grant.academy_id}
