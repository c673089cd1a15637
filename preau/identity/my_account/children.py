"""« Mes enfants »: who they are, the children of another account to add, and a gathering to undo."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau import clock
from preau.identity.accounts import lifecycle, merging
from preau.identity.accounts.models import Account, Kind, Merge
from preau.identity.accounts.states import ForbiddenMove
from preau.identity.my_account import child_by_proof
from preau.identity.my_account.forms import OtherAccountForm
from preau.identity.signin import authenticator, captcha, device, network
from preau.identity.signin.guards import signed_in
from preau.identity.signin.help import school_of
from preau.identity.signin.models import Session
from preau.identity.signin.proof import Found, prove
from preau.identity.signin.step_up import recently_proved
from preau.identity.support import tickets


@require_GET
@signed_in
def children(request: HttpRequest, session: Session) -> HttpResponse:
    """The children, what waits to be gathered, what can still be undone."""
    account, at = session.account, request.at  # type: ignore[attr-defined]
    day = clock.today(at)
    if account.kind != Kind.GUARDIAN:
        raise Http404
    context = {
        "account": account,
        "links": account.guardianships(day),
        "waiting": merging.waiting(account),
        "undoable": merging.undoable(account, at=at),
        "school": school_of(account, day=day),
        "done": request.GET.get("fait", ""),
    }
    return render(request, "my_account/children.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@recently_proved
def add(request: HttpRequest, session: Session) -> HttpResponse:
    """« Ajouter des élèves depuis un autre compte », with that account’s own credentials."""
    account, at = session.account, request.at  # type: ignore[attr-defined]
    if account.kind != Kind.GUARDIAN:
        raise Http404
    form = OtherAccountForm(request.POST or None)
    if form.is_valid():
        done = _gathered(request, account, form)
        if done:
            return redirect(f"{reverse('my_account:children')}?fait={done}")
    school = school_of(account, day=clock.today(at))
    context = {"form": form, "account": account, "school": school}
    return render(request, "my_account/add_children.html", context, status=422 if form.errors else 200)


def _gathered(request: HttpRequest, account: Account, form: OtherAccountForm) -> str:
    """What was done, or empty after a sentence in the form."""
    at = request.at  # type: ignore[attr-defined]
    proof = prove(
        username=form.cleaned_data["username"], typed=form.cleaned_data["password"], profile=Kind.GUARDIAN,
        device=device.of(request), network=network.of(request), at=at, answer=request.POST.get(captcha.FIELD, ""),
    )  # fmt: skip
    other = proof.account
    if other is None or proof.found not in (Found.LETTER, Found.OWN):
        form.refuse(proof)
        return ""
    if proof.found is Found.OWN and authenticator.is_on(other):
        form.refuse_without_code()
        return ""
    try:
        merging.judge(account, other, day=clock.today(at), at=at)
        if proof.found is Found.LETTER:
            merging.gather(account, other, by=account.key, at=at)
            return "ajout"
        merging.ask(account, other, by=account.key, at=at)
        return "demande"
    except (merging.NotOnePerson, lifecycle.CannotMerge, ForbiddenMove):
        form.refuse_other_person()
    except merging.Frozen:
        form.refuse_frozen()
    except merging.Unreachable:
        return "injoignable"
    return ""


@require_GET
@signed_in
@recently_proved
def add_by_proof(request: HttpRequest, session: Session) -> HttpResponse:
    """Without that account’s credentials: begin the walk."""
    if session.account.kind != Kind.GUARDIAN:
        raise Http404
    response = redirect("my_account:add_child", page=child_by_proof.WHERE)
    device.greet(request, response)
    return child_by_proof.begin(response, session.account, at=request.at)  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def stuck(request: HttpRequest, session: Session) -> HttpResponse:
    """« Pourquoi ça bloque ? »: no code arrived; a ticket for the school, whoever matched."""
    known = child_by_proof.walk_of(request)
    if known is None:
        return redirect("my_account:children")
    if request.method == "POST":
        child_by_proof.hand_ticket(known)
        known.trail.remember(known.trail.answers)
        return redirect("my_account:child_stuck")
    facts = known.trail.facts
    back = reverse("my_account:add_child", args=[child_by_proof.Code.name])
    context = {"back": back, "has_ticket": "ticket" in facts, **tickets.words(facts)}
    return render(request, "my_account/child_stuck.html", context)


@require_POST
@signed_in
def cancel(request: HttpRequest, session: Session, number: int) -> HttpResponse:
    """Either account says no to what waits."""
    asked = next((one for one in merging.waiting(session.account) if one.pk == number), None)
    if asked is None:
        raise Http404
    is_cancelled = merging.cancel(asked, by=session.account.key, at=request.at)  # type: ignore[attr-defined]
    return redirect(f"{reverse('my_account:children')}?fait={'abandon' if is_cancelled else 'trop-tard'}")


@require_POST
@signed_in
@recently_proved
def undo(request: HttpRequest, session: Session, number: int) -> HttpResponse:
    """The two accounts are two again."""
    merged = get_object_or_404(Merge.objects.select_related("kept", "absorbed"), pk=number, kept=session.account)
    is_undone = lifecycle.unmerge(merged, by=session.account.key, at=request.at)  # type: ignore[attr-defined]
    # A letter that was never used died with the gathering: nothing signs in to that account until there is another.
    undone = "annule-lettre" if merged.absorbed.activated_at is None else "annule"
    return redirect(f"{reverse('my_account:children')}?fait={undone if is_undone else 'trop-tard'}")


@require_http_methods(["GET", "HEAD", "POST"])
def undo_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """From the message to the absorbed account: shown, then undone by the button only (mail scanners follow links)."""
    at, merged = request.at, merging.behind(token)  # type: ignore[attr-defined]
    is_open = merged is not None and merging.is_undoable(merged, at=at)
    is_done = request.method == "POST" and merged is not None and merging.undo_by_link(merged, at=at)
    context = {"merged": merged, "is_open": is_open, "is_done": is_done}
    status = 404 if merged is None else 200 if is_open else 410
    return render(request, "my_account/undo_by_link.html", context, status=status)
