"""Who may pass: a signed-in holder to whom nothing more is asked."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from preau.identity.accounts.models import Kind
from preau.identity.signin import obligations, return_address, sessions
from preau.identity.signin.models import Session

P = ParamSpec("P")
AGAIN = "de-nouveau"  # ?de-nouveau=1: prove who you are even if a visit lasts
# ?profil=eleve: whose form to open at once (EduConnect's `profil` and `acr_values`, specs/protocols.md §1.10).
HINT = "profil"
PROFILES = {"eleve": Kind.PUPIL, "responsable": Kind.GUARDIAN}
_NAMES = {kind: name for name, kind in PROFILES.items()}


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


def to_the_door(back_to: str = "", *, again: bool = False, kind: Kind | None = None) -> HttpResponse:
    """To the choice of profile, or to the form of `kind`, and back. `again`: even somebody signed in must prove
    themselves."""
    return redirect(_door(back_to, again=again, kind=kind))


def choice(request: HttpRequest) -> str:
    """The choice of profile, from one of the forms: the way back is not lost, nor that one must prove oneself again."""
    return _door(return_address.given(request), again=is_again(request))


def hinted(request: HttpRequest) -> Kind | None:
    """Whose form this request says to open, if it says so."""
    return PROFILES.get(request.GET.get(HINT, ""))


def is_again(request: HttpRequest) -> bool:
    """Whether whoever is signed in came to prove it again."""
    return AGAIN in request.GET or AGAIN in request.POST


def _door(back_to: str, *, again: bool, kind: Kind | None = None) -> str:
    said = {
        return_address.PARAMETER: return_address.checked(back_to),
        AGAIN: "1" if again else "",
        HINT: _NAMES[kind] if kind else "",
    }
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{reverse('signin:profile')}{'?' if query else ''}{query}"


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
