"""What is known of somebody who says they forgot, on the four walks.

Until a code was typed back, or a guardian vouched, nothing that is shown and nothing that is done depends on whether
anybody matched (design.md §6.10): one reading by what was typed, and the same everywhere after it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from preau import clock
from preau.identity import keys
from preau.identity.accounts import channels
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, FranceConnectLink, Kind
from preau.identity.accounts.states import State
from preau.identity.directory.models import School
from preau.identity.recovery import limits
from preau.identity.recovery.forms import STUCK
from preau.identity.recovery.limits import Pace
from preau.identity.signin import authenticator, codes, device, help, network
from preau.identity.signin.codes import Sending
from preau.journeys import drafts
from preau.journeys.drafts import Trail
from preau.journeys.served import JourneyOver
from preau.journeys.step import Known


@dataclass(kw_only=True)
class Asker(Known):
    """Somebody who typed a username, or nothing yet."""

    kind: Kind
    journey: str
    request: HttpRequest
    trail: Trail

    @property
    def day(self) -> date:
        """The civil date."""
        return clock.today(self.at)

    @property
    def is_pupil(self) -> bool:
        """To whom one speaks."""
        return self.kind == Kind.PUPIL

    @property
    def username(self) -> str:
        """What was typed, folded."""
        return str(self.answers.get("identifiant", {}).get("username", ""))

    @cached_property
    def account(self) -> Account | None:
        """Whose username it is, in this profile; never a closed account's."""
        found = Account.objects.select_related("pupil").filter(username=self.username, kind=self.kind)
        return found.exclude(state=State.CLOSED).first()

    @property
    def chosen(self) -> str:
        """How they chose to prove themselves."""
        return str(self.answers.get("moyen", {}).get("way", ""))

    @property
    def way(self) -> Way:
        """By which channel the first code goes."""
        return Way.SMS if self.chosen == Way.SMS else Way.EMAIL

    @property
    def other_way(self) -> Way:
        """The other one."""
        return Way.SMS if self.way is Way.EMAIL else Way.EMAIL

    @property
    def is_stuck(self) -> bool:
        """They said that they can receive nothing any more."""
        return self.answers.get("code", {}).get("wish") == STUCK

    def has_proved_channel(self, way: Way) -> bool:
        """Whether there is somebody to write to by that way."""
        account = self.account
        if account is None:
            return False
        return account.has_confirmed_email() if way is Way.EMAIL else account.has_confirmed_mobile()

    def address(self, way: Way) -> str:
        """Where a code goes, or a place where nobody is, of its own for each username."""
        account = self.account
        if account is not None and self.has_proved_channel(way):
            return account.email if way is Way.EMAIL else account.mobile
        nobody = keys.pseudonym("recovery/nobody", self.kind, self.username)
        if way is Way.EMAIL:
            return f"{nobody[:16]}@nobody.invalid"
        # ARCEP reserves 01 99 00 xx xx for fiction: a number that no account can have proved.
        return f"+3319900{int(nobody, 16) % 10_000:04d}"

    def purpose(self, way: Way) -> str:
        """What a code is for: this username, at this very address. It dies when either changes."""
        return f"recovery/{_short('code', self.kind, self.username, way, self.address(way))}"

    def is_proved(self, way: Way) -> bool:
        """The code sent by that way was typed back on this walk."""
        page = "code" if way is self.way else "second-code"
        return self.answers.get(page, {}).get("proved") == self.purpose(way)

    @property
    def known_device(self) -> str:
        """The device, when its holder is known from it: it has a day of its own, that no stranger spends (§6.11)."""
        own = device.of(self.request)
        return own.number if own.is_familiar(self.account) else ""

    def send(self, way: Way) -> Pace:
        """Ask for a code by that way. What is answered depends on what was typed, and on the device, only."""
        own, near = device.of(self.request), network.of(self.request)
        about = (self.kind, self.username, way, self.known_device)
        pace = limits.paced("code", *about, device=own, network=near, at=self.at)
        if pace is not Pace.FREE:
            return pace
        account = self.account
        asked = codes.ask(
            trail=self.trail,
            purpose=self.purpose(way),
            way=way,
            address=self.address(way),
            on=account.key if account is not None and self.has_proved_channel(way) else "",
            device=own,
            network=near,
            at=self.at,
            holder=self.known_device,
        )
        # The other refusals would tell that the address is somebody else's too, or where its number is.
        return Pace.CROWDED if asked.sending is Sending.CROWDED else Pace.FREE

    # From here on the identity is half proved: reading more is allowed, and so is saying more. -----------------------
    @property
    def holder(self) -> Account:
        """Whose account it is, once half proved. Raises `JourneyOver` when it went away meanwhile."""
        if self.account is None:
            raise JourneyOver
        return self.account

    @property
    def is_overtaken(self) -> bool:
        """Something happened to the account since this walk began: another recovery, a reset, a block."""
        return self.holder.credentials_changed_at > datetime.fromisoformat(self.trail.facts["begun_at"])

    @property
    def is_shut(self) -> bool:
        """Blocked, disabled, or never activated."""
        return self.holder.state != State.ACTIVE

    @cached_property
    def has_rights(self) -> bool:
        """A child, or a school, is left."""
        return Account.objects.filter(pk=self.holder.pk).with_rights_on(self.day).exists()

    @cached_property
    def opens_by_franceconnect_only(self) -> bool:
        """No password of ours was ever chosen: FranceConnect opens the account."""
        is_linked = FranceConnectLink.objects.filter(account=self.holder).exists()
        return is_linked and not self.holder.has_usable_password()

    @cached_property
    def needs_second_proof(self) -> bool:
        """Somebody else holds the channel that was proved (design.md §6.8), an absorbed account not being else; or the
        schools know another mobile: an operator may have given that number again."""
        if self.way is Way.SMS and channels.is_another_mobile_known(self.holder):
            return True
        own = Account.objects.filter(merged_into__kept=self.holder, merged_into__undone_at=None)
        address = self.address(self.way)
        return channels.is_held_by_others(self.holder, *own, way=self.way, address=address)

    @cached_property
    def has_authenticator(self) -> bool:
        """A code is asked after the password."""
        return authenticator.is_on(self.holder)

    @property
    def has_second_channel(self) -> bool:
        """Another proved channel may say the same."""
        return self.has_proved_channel(self.other_way)

    @cached_property
    def school(self) -> School | None:
        """Who can help."""
        return help.school_of(self.holder, day=self.day)


def _short(*parts: str) -> str:
    return keys.pseudonym("recovery/purpose", *parts)[:24]


def begin(request: HttpRequest, *, journey: str, first: str) -> HttpResponse:
    """Open a walk in this browser, at its first page. `first` is the URL name that takes a ``page``."""
    at: datetime = request.at  # type: ignore[attr-defined]
    response = redirect(first, page="commencer")
    drafts.begin(response, journey=journey, facts={"begun_at": at.isoformat()}, at=at)
    device.greet(request, response)
    return response
