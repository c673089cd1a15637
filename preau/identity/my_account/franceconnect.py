"""The page of FranceConnect: what is linked, what would be, and how to end it."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau import clock
from preau.identity.accounts.lifecycle import AlreadyLinked
from preau.identity.accounts.models import Account, FranceConnectLink, Kind
from preau.identity.franceconnect import sealing
from preau.identity.my_account import linking
from preau.identity.signin import franceconnect as door
from preau.identity.signin.guards import signed_in
from preau.identity.signin.help import school_of
from preau.identity.signin.models import Session
from preau.identity.signin.step_up import recently_proved
from preau.journeys import drafts
from preau.journeys.models import Draft


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def franceconnect(request: HttpRequest, session: Session) -> HttpResponse:
    """What is linked; or which identity would be, to be confirmed by a button."""
    account = session.account
    draft = _draft(request, account)
    if account.kind != Kind.GUARDIAN:
        return redirect("my_account:home")
    if draft is not None:
        return _confirm(request, session, draft)
    context = {
        "account": account,
        "link": FranceConnectLink.objects.filter(account=account).first(),
        "can_unlink": linking.can_unlink(account),
        "is_offered": bool(door.address()),
        "done": request.GET.get("fait", ""),
    }
    return render(request, "my_account/franceconnect.html", context)


@require_GET
@signed_in
@recently_proved
def leave(request: HttpRequest, session: Session) -> HttpResponse:
    """To FranceConnect, which will bring back who they are."""
    address = door.address(purpose=door.LINK, going_to=reverse("my_account:franceconnect"))
    if not address:
        raise Http404
    return redirect(address)


@require_POST
@signed_in
@recently_proved
def unlink(request: HttpRequest, session: Session) -> HttpResponse:
    """End it."""
    account = session.account
    try:
        linking.unlink(account, by=account.key, at=_at(request))
    except linking.LastWayIn:
        return redirect(reverse("my_account:franceconnect") + "?fait=seul")
    return redirect(reverse("my_account:franceconnect") + "?fait=detache")


@recently_proved
def _confirm(request: HttpRequest, session: Session, draft: Draft) -> HttpResponse:
    """The identity that came back, and the button."""
    account, identity = session.account, sealing.unseal(draft.facts["identity"])
    context: dict[str, Any] = {"identity": identity, "ref": draft.ref, "account": account, "cause": ""}
    context["school"] = school_of(account, day=clock.today(_at(request)))
    if not linking.is_named_alike(account, identity):
        context["cause"] = "name"
    elif request.POST.get("parcours", "") == draft.ref:
        page = reverse("my_account:franceconnect")
        try:
            linking.link(account, identity, by=account.key, at=_at(request))
        except AlreadyLinked:
            context["cause"] = "taken"
        else:
            draft.finish(page)
            return redirect(page + "?fait=relie")
    if context["cause"] or "annuler" in request.POST:
        draft.finish(reverse("my_account:franceconnect"))
    if "annuler" in request.POST:
        return redirect("my_account:franceconnect")
    status = 403 if context["cause"] else 200
    return render(request, "my_account/confirm_franceconnect.html", context, status=status)


def _draft(request: HttpRequest, account: Account) -> Draft | None:
    """What FranceConnect brought to this browser for this account, not answered yet."""
    draft = drafts.of_browser(request, door.LINKING)
    return draft if draft and not draft.outcome and draft.facts.get("account") == account.pk else None


def _at(request: HttpRequest) -> datetime:
    at: datetime = request.at  # type: ignore[attr-defined]
    return at
