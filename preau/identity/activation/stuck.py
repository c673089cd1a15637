"""« Pourquoi ça bloque ? »: which walk of this browser is stuck."""

from django.http import HttpRequest
from django.urls import reverse

from preau.identity.activation.claimant import Claimant, hand_ticket
from preau.identity.activation.franceconnect import FRANCECONNECT_JOURNEY
from preau.identity.activation.mobile import MOBILE_JOURNEY
from preau.journeys import drafts
from preau.journeys.drafts import Trail
from preau.journeys.journey import reachable, to_do
from preau.journeys.served import Journey, JourneyOver

JOURNEYS: tuple[Journey, ...] = (FRANCECONNECT_JOURNEY, MOBILE_JOURNEY)


def walk_of(request: HttpRequest) -> tuple[Trail, Claimant] | None:
    """The walk without a letter that this browser is on, if it has typed something."""
    for journey in JOURNEYS:
        trail = drafts.of_browser(request, journey.name)
        if trail is not None and trail.answers:
            try:
                return trail, journey.know(request, trail)  # type: ignore[return-value]
            except JourneyOver:
                continue
    return None


def where_it_stands(request: HttpRequest) -> str:
    """The page where that walk waits."""
    for journey in JOURNEYS:
        trail = drafts.of_browser(request, journey.name)
        if trail is not None and trail.answers:
            try:
                return journey.address(to_do(reachable(journey.walk, journey.know(request, trail))))
            except JourneyOver:
                continue
    return reverse("signin:guardian")


def ticket_for(trail: Trail, known: Claimant) -> None:
    """Give that walk its ticket, once."""
    hand_ticket(known)
    trail.remember(trail.answers)
