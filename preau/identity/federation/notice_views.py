"""The answer to the page before a service, and « Services que j’ai utilisés »."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from preau.design import moulds
from preau.identity.accounts.models import Kind
from preau.identity.federation import consents, notice_page, used
from preau.identity.federation.models import RelyingParty
from preau.identity.federation.saml.sso import unseen
from preau.identity.signin import return_address, sessions
from preau.identity.signin.guards import signed_in
from preau.identity.signin.models import Session


@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Yes or no, then back to the request that waits: it is judged again there."""
    session, at = sessions.current(request), _at(request)
    said = request.POST.get(notice_page.ANSWER)
    try:
        pending = notice_page.read(request.POST.get(notice_page.PARAMETER, ""), session, at=at)
    except notice_page.NotThisOne:
        return unseen(render(request, "federation/notice_over.html", status=400))
    if session is None or said not in (notice_page.YES, notice_page.NO):
        return unseen(render(request, "federation/notice_over.html", status=400))
    _remember(session, pending, said, at=at)
    return unseen(_onwards(request, pending.on_yes if said == notice_page.YES else pending.on_no))


@require_GET
@signed_in
def used_parties(request: HttpRequest, session: Session) -> HttpResponse:
    """The services I used, what each learnt, what I agreed to."""
    account, at = session.account, _at(request)
    context = {"found": used.by(account, at=at), "is_pupil": account.kind == Kind.PUPIL, "at": at}
    return render(request, "federation/used_parties.html", {**context, "done": request.GET.get("fait", "")})


@require_POST
@signed_in
def withdraw(request: HttpRequest, session: Session, client_id: str) -> HttpResponse:
    """Take back what I agreed to."""
    party, account = get_object_or_404(RelyingParty, client_id=client_id), session.account
    is_changed = consents.withdraw(account, party, by=account.key, at=_at(request))
    return redirect(f"{reverse('federation:used_parties')}?fait={'retire' if is_changed else 'deja'}")


def _remember(session: Session, pending: notice_page.Pending, said: str, *, at: datetime) -> None:
    account = session.account
    party = get_object_or_404(RelyingParty.objects.in_use(), client_id=pending.client_id)
    if said == notice_page.NO:
        consents.refuse(account, party, by=account.key, at=at)
        return
    try:
        consents.accept(
            account, party, names=pending.names, is_agreement=pending.is_question, shown_at=pending.shown_at,
            by=account.key, at=at,
        )  # fmt: skip
    except consents.TakenBackSince:
        return  # nothing is remembered: the request shows the page of today


def _onwards(request: HttpRequest, address: str) -> HttpResponse:
    if return_address.leaves_the_site(address):
        # CSP 3 §6.4.1: form-action is checked on every redirect of a form's answer, as after signing in.
        page = moulds.filled(request, "signin/onwards.html", {"going_to": address})
        page["Refresh"] = f"0; url={address}"
        return page
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def _at(request: HttpRequest) -> datetime:
    at: datetime = request.at  # type: ignore[attr-defined]
    return at
