"""A sensitive deed asks for a recent proof: who left a visit open on a shared computer loses nothing that matters.

    @signed_in
    @recently_proved
    def change_mobile(request: HttpRequest, session: Session) -> HttpResponse: …

Whoever proved themselves less than ten minutes ago passes (`is_enough` says when signing in does not count). Others go
to « /connexion/confirmer/ », prove themselves by one of the means their account has, and come back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from preau.identity.accounts import alone
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.signin import guards, return_address, sessions
from preau.identity.signin.models import Session

P = ParamSpec("P")
RECENT = timedelta(minutes=10)
# In the address one comes back to: what had been sent was not done, the page says so (signin/come_back.html).
UNDONE = "reprise"


@dataclass(frozen=True)
class Means:
    """A way to prove oneself again, beside the password.

    `page` names the address where it happens, with `query` if any; it ends with `proved`. `is_held_by` is the dotted
    path of a question on the account, asked only when the page of choice is shown.
    """

    words: str | Promise
    hint: str | Promise
    page: str
    is_held_by: str
    query: str = ""

    @property
    def address(self) -> str:
        """Where it begins."""
        return reverse(self.page) + self.query


MEANS: tuple[Means, ...] = (
    # One line per means, in the order in which they are offered.
    Means(
        _("Une clé d’accès"),
        _("Le doigt, le visage ou le code de déverrouillage de l’appareil"),
        "signin:passkey_again",
        "preau.identity.signin.passkeys.has_some",
    ),
    Means(
        _("Le code de l’application"),
        _("Six chiffres sur le téléphone"),
        "signin:code_again",
        "preau.identity.signin.authenticator.is_on",
    ),
    Means(
        "FranceConnect",
        _("Il vous demandera de nouveau qui vous êtes"),
        "signin:franceconnect",
        "preau.identity.signin.franceconnect.is_linked",
        query="?pour=preuve",
    ),
)


def is_recent(session: Session, at: datetime) -> bool:
    """The holder proved who they are less than ten minutes ago, by signing in or since."""
    return at - session.authenticated_at < RECENT


def is_enough(session: Session, at: datetime) -> bool:
    """A recent proof; and where nobody would be told of the deed, one made on purpose, not that of signing in.

    A pupil who walks away from a school's computer has just signed in. Whoever sits down next would give an address of
    their own, or a key, and no channel would tell the pupil.
    """
    can_be_told = session.account.has_confirmed_email() or session.account.has_confirmed_mobile()
    return is_recent(session, at) and (can_be_told or session.authenticated_at > session.started_at)


def recently_proved(
    view: Callable[Concatenate[HttpRequest, Session, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Session, P], HttpResponse]:
    """A view (under `signed_in`) for who proved themselves recently. Others are asked, then come back to it."""

    @wraps(view)
    def guarded(request: HttpRequest, session: Session, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return turned_back(request, session) or view(request, session, *args, **kwargs)

    return guarded


def turned_back(request: HttpRequest, session: Session) -> HttpResponse | None:
    """The way to the page that asks again, or None when the proof is recent.

    Nothing sensitive is done while an account that FranceConnect alone opened can be undone: a page says until when.
    """
    held_until = alone.held_until(session.account, at=request.at)  # type: ignore[attr-defined]
    if held_until is not None:
        return render(request, "signin/held.html", {"held_until": held_until}, status=403)
    if is_enough(session, request.at):  # type: ignore[attr-defined]
        return None
    back_to = _comes_back_to(request)
    # Kept beside the visit too: a way through FranceConnect forgets the address.
    guards.going_to(session, back_to)
    return redirect(return_address.added_to(reverse("signin:confirm"), back_to))


def proved(request: HttpRequest, session: Session, *, amr: str, at: datetime) -> HttpResponse:
    """The holder has just proved themselves by `amr` (RFC 8176): the visit is renewed, and goes where it was going."""
    with transaction.atomic():
        sessions.renew(session, amr=amr, at=at)
        record(Events.PROVED_AGAIN, by=session.account.key, on=session.account.key, at=at, amr=amr)
    return onwards(request, session)


def onwards(request: HttpRequest, session: Session) -> HttpResponse:
    """Back to where one was, or to one's account."""
    return redirect(_destination(request, session) or reverse("my_account:home"))


def context(request: HttpRequest, session: Session) -> dict[str, Any]:
    """What the page that asks again shows: the means, and whether something has to be sent again afterwards."""
    destination = _destination(request, session)
    return {
        "account": session.account,
        "means": offered(session.account),
        "going_to": destination,
        "is_undone": f"{UNDONE}=1" in urlsplit(destination).query.split("&"),
        "again": f"{reverse('signin:profile')}?{guards.AGAIN}=1",
    }


def offered(account: Account, means: tuple[Means, ...] = MEANS) -> list[Means]:
    """The means this account has, beside its password."""
    return [one for one in means if import_string(one.is_held_by)(account)]


def _destination(request: HttpRequest, session: Session) -> str:
    return return_address.given(request) or return_address.checked(session.going_to)


def _comes_back_to(request: HttpRequest) -> str:
    """The page asked for; for what was sent, the page that held the form: a deed is not done by coming back."""
    if request.method in ("GET", "HEAD"):
        return return_address.checked(request.get_full_path())
    came_from = urlsplit(request.META.get("HTTP_REFERER", ""))
    ours = came_from.netloc == request.get_host()
    page = return_address.checked(f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path)
    page = (page if ours else "") or return_address.checked(request.path)
    if not page or UNDONE in page:
        return page
    return f"{page}{'&' if '?' in page else '?'}{UNDONE}=1"
