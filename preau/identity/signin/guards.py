"""Who may pass: a signed-in holder to whom nothing more is asked."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from preau.identity.signin import obligations, return_address, sessions
from preau.identity.signin.models import Session

P = ParamSpec("P")
AGAIN = "de-nouveau"  # ?de-nouveau=1: prove who you are even if a visit lasts


def turned_back(request: HttpRequest, *, back_to: str) -> HttpResponse | None:
    """The page to show first, or None when the person may pass.

    `back_to` is our own path, where they will return: a page, or the request of a service (``/oidc/authorize?…``).
    """
    session = sessions.current(request)
    if session is None:
        return to_the_door(back_to)
    address = obligations.next_address(session, at=request.at)  # type: ignore[attr-defined]
    if not address:
        return None
    going_to(session, back_to)
    return redirect(address)


def to_the_door(back_to: str = "", *, again: bool = False) -> HttpResponse:
    """To the choice of profile, and back. `again`: even somebody signed in must prove themselves."""
    address = return_address.added_to(reverse("signin:profile"), return_address.checked(back_to))
    if again:
        address += f"{'&' if '?' in address else '?'}{AGAIN}=1"
    return redirect(address)


def going_to(session: Session, address: str) -> None:
    """Remember where this visit was going."""
    if session.going_to != (checked := return_address.checked(address)):
        session.going_to = checked
        session.save(update_fields=["going_to"])


def signed_in(
    view: Callable[Concatenate[HttpRequest, Session, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A view for the holder of an account: it receives their visit after the request."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        back_to = request.get_full_path() if request.method == "GET" else ""
        refusal = turned_back(request, back_to=back_to)
        if refusal is not None:
            return refusal
        session: Any = sessions.current(request)
        return view(request, session, *args, **kwargs)

    return guarded
