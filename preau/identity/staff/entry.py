"""Who may open a page of the desk: ``@staff_may(Deed.…)``.

In order: a living visit, a member who is not suspended, a grant in force, a second factor, the permission table, our
own factor proved just now for the deeds that always ask it, and room in the quota. The page then finds on its request
``member``, ``grant``, ``day`` and ``at``, and applies the scope with ``permissions.within(…, request.grant, …)``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from preau import clock
from preau.identity.staff import factors, quotas, sessions
from preau.identity.staff.models import Grant, StaffMember, StaffSession
from preau.identity.staff.permissions import ALWAYS_OWN_FACTOR, WORDS, Deed, may

PARAMETER = "suite"
_LONGEST = 2000
P = ParamSpec("P")


class DeskRequest(HttpRequest):
    """A request of the desk, once `staff_may` let it in."""

    at: datetime
    day: date
    member: StaffMember
    grant: Grant
    visit: StaffSession


View = Callable[Concatenate[DeskRequest, P], HttpResponse]


@dataclass(frozen=True)
class Need:
    """What a page asks of who opens it."""

    deed: Deed | None
    own_factor: bool


def staff_may(
    deed: Deed, *, only_looks: bool = False, own_factor: bool = False
) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Let in who may do `deed`.

    `only_looks`: the page shows and does nothing, so even a deed of ALWAYS_OWN_FACTOR asks no step-up. `own_factor`:
    ask our own factor, proved under ten minutes ago, for this page too (bulk resets).
    """
    return _guard(Need(deed, own_factor or (deed in ALWAYS_OWN_FACTOR and not only_looks)))


def staff_only(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in any member of staff with a grant in force and a second factor, whatever they may do."""
    return _guard(Need(None, False))(view)


def _guard(need: Need) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            refused = refusal(request, need)
            return refused or view(cast(DeskRequest, request), *args, **kwargs)

        return guarded

    return decorate


def refusal(request: Any, need: Need) -> HttpResponse | None:
    """What stands in the way, as the answer to give; None when the way is free: the request then knows its member."""
    visit, at = sessions.current(request), request.at
    if visit is None:
        return _towards("staff:entree", request)
    if visit.member.suspended_at is not None:
        return render(request, "staff/suspended.html", {"visit": visit}, status=403)
    grant = sessions.grant_of(visit, at=at)
    if grant is None:
        return _towards("staff:choisir", request)
    if not has_second_factor(visit):
        return _towards("staff:second_facteur", request)
    if need.deed is not None and not may(grant, need.deed):
        words = {"visit": visit, "grant": grant, "deed": WORDS[need.deed]}
        return render(request, "staff/not_your_role.html", words, status=403)
    if need.own_factor and not factors.is_recent(visit.own_factor_at, at=at):
        return _towards("staff:second_facteur", request, encore="1")
    if need.deed is not None and (event := quotas.reached(grant, need.deed, at=at)):
        quotas.stop(grant, event, at=at)
        return render(request, "staff/suspended.html", {"visit": visit}, status=403)
    request.visit, request.member, request.grant, request.day = visit, visit.member, grant, clock.today(at)
    return None


def has_second_factor(visit: StaffSession) -> bool:
    """A real factor was proved in this visit: the portal's, fresh when the visit began, or ours."""
    return bool(visit.portal_factor) or visit.own_factor_at is not None


def way_back(request: HttpRequest) -> str:
    """Where to return once the obstacle is passed: this page, or for a form the page that holds it."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host():
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def asked_for(request: HttpRequest) -> str:
    """The page of ours that ``?suite=`` asks to return to; the desk's first page when it names none of ours."""
    asked = request.POST.get(PARAMETER) or request.GET.get(PARAMETER) or ""
    return checked(asked) or reverse("console:cockpit")


def checked(path: str) -> str:
    """`path` when it is an address of this site, otherwise empty (no open redirect)."""
    is_ours = path.startswith("/") and len(path) <= _LONGEST and url_has_allowed_host_and_scheme(path, None)
    return path if is_ours else ""


def _towards(name: str, request: HttpRequest, **more: str) -> HttpResponse:
    back = checked(way_back(request))
    query = urlencode({**({PARAMETER: back} if back else {}), **more})
    return redirect(f"{reverse(name)}?{query}" if query else reverse(name))
