"""Reading again the metadata of services at their own addresses: the last good copy stays until a better comes."""

from contextlib import suppress
from datetime import datetime, timedelta

from preau.identity.federation import fetching, profiles, troubles
from preau.identity.federation.checks import CannotRegister
from preau.identity.federation.fetching import CannotFetch
from preau.identity.federation.models import RelyingParty, SamlProfile, Trouble
from preau.identity.federation.profiles import Copy, NotTheSame
from preau.identity.federation.troubles import Cause

EVERY = timedelta(days=1)
# A site that is down is asked again some hours later, not each minute.
AGAIN_AFTER = timedelta(hours=6)
_BY = "system:clock"


class CannotRefresh(Exception):
    """The last good copy stays; the sentence says why. `surprises`: what the operator may answer for."""

    def __init__(self, sentence: str, surprises: list[str] | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.surprises = sentence, surprises or []


def fetched(url: str, *, at: datetime, entity_id: str = "") -> Copy:
    """The metadata at `url`. Raises `CannotRefresh`."""
    try:
        return profiles.read(fetching.fetch(url), at=at, entity_id=entity_id)
    except (CannotFetch, CannotRegister) as trouble:
        raise CannotRefresh(str(trouble)) from trouble


def take(party: RelyingParty, copy: Copy, *, by: str, at: datetime, is_vouched_for: bool = False) -> list[str]:
    """Replace the metadata of a service. Returns what changed. Raises `CannotRefresh`: the last copy stays."""
    try:
        return profiles.read_again(party, copy, by=by, at=at, is_vouched_for=is_vouched_for)
    except CannotRegister as trouble:
        raise CannotRefresh(str(trouble)) from trouble
    except NotTheSame as trouble:
        raise CannotRefresh(str(trouble), trouble.surprises) from trouble


def refresh(party: RelyingParty, *, by: str, at: datetime, is_vouched_for: bool = False) -> list[str]:
    """Read it at its own address. Returns what changed. Raises `CannotRefresh`, noted as a trouble of the service."""
    try:
        copy = fetched(party.saml.metadata_url, at=at, entity_id=party.saml.entity_id)
        return take(party, copy, by=by, at=at, is_vouched_for=is_vouched_for)
    except CannotRefresh as trouble:
        troubles.note(Cause.METADATA_UNREADABLE, party=party, detail=trouble.sentence, at=at)
        raise


def refresh_due(*, at: datetime) -> bool:
    """The worker's chore: one service, the one read longest ago. True when it did: there may be more."""
    failed_lately = Trouble.objects.filter(cause=Cause.METADATA_UNREADABLE, at__gt=at - AGAIN_AFTER).values("party")
    due = (
        SamlProfile.objects.filter(party__disabled_at=None, metadata_read_at__lte=at - EVERY)
        .exclude(metadata_url="")
        .exclude(party__in=failed_lately.exclude(party=None))
    )
    profile = due.select_related("party").order_by("metadata_read_at").first()
    if profile is None:
        return False
    with suppress(CannotRefresh):  # noted: the operator reads it on the service's page
        refresh(profile.party, by=_BY, at=at)
    return True
