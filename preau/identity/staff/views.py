"""The way in and out of the desk: the portal's door, the grant, the second factor."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau import clock
from preau.identity.staff import claims, entry, factors, members, portal, second_factor, sessions
from preau.identity.staff.forms import AskForm, ChooseForm, FactorForm
from preau.identity.staff.models import StaffSession

ATTEMPT_COOKIE = f"{settings.COOKIE_PREFIX}staff-attempt"


@require_GET
def entrance(request: HttpRequest) -> HttpResponse:
    """The door: one button."""
    suite = entry.checked(request.GET.get(entry.PARAMETER, ""))
    query = f"?{urlencode({entry.PARAMETER: suite})}" if suite else ""
    return render(request, "staff/entrance.html", {"query": query, "is_arrival": True})


@require_GET
def leave_for_portal(request: Any) -> HttpResponse:
    """Send the browser to the portal, with an attempt sealed in its cookie."""
    attempt = portal.begin(going_to=entry.checked(request.GET.get(entry.PARAMETER, "")), at=request.at)
    try:
        response = redirect(portal.way_there(attempt, return_url=_return_url(), again="encore" in request.GET))
    except portal.PortalError as error:
        return _refused(request, error)
    response.set_cookie(
        ATTEMPT_COOKIE, portal.seal(attempt), max_age=int(portal.ATTEMPT_LIVES.total_seconds()),
        secure=settings.HTTPS, httponly=True, samesite="Lax",
    )  # fmt: skip
    return response


@require_GET
def come_back(request: Any) -> HttpResponse:
    """The portal's answer: who it brings, or why nobody came."""
    try:
        attempt = portal.unseal(request.COOKIES.get(ATTEMPT_COOKIE, ""), at=request.at)
        arrival = portal.come_back(attempt, request.GET.dict(), return_url=_return_url(), at=request.at)
    except portal.PortalError as error:
        return _refused(request, error)
    person = claims.read(arrival.claims, day=clock.today(request.at))
    member = members.arrive(person, issuer=settings.STAFF_PORTAL_ISSUER, at=request.at)
    factor = factors.of_portal(arrival.amr, proved_at=arrival.authenticated_at, at=request.at)
    proof = sessions.Proof(factor, arrival.authenticated_at if factor else None, arrival.id_token)
    response = redirect(attempt.going_to or reverse("console:cockpit"))
    response.delete_cookie(ATTEMPT_COOKIE, samesite="Lax")
    sessions.open(request, response, member, proof=proof, at=request.at)
    return response


@require_http_methods(["GET", "POST"])
def choose(request: Any) -> HttpResponse:
    """With which grant to work; who has none is led to ask for one."""
    visit = sessions.current(request)
    if visit is None:
        return redirect("staff:entree")
    grants = visit.member.grants.in_force(clock.today(request.at)).select_related("school", "academy")
    if not grants:
        return redirect("staff:demander_un_acces")
    form = ChooseForm(grants, request.POST or None)
    if form.is_valid():
        sessions.use(visit, form.cleaned_data["grant"])
        return redirect(entry.asked_for(request))
    return render(request, "staff/choose.html", {"form": form, "visit": visit, "suite": entry.asked_for(request)})


@require_http_methods(["GET", "POST"])
def ask_access(request: Any) -> HttpResponse:
    """Ask a head for an access, and see what one asked for."""
    visit = sessions.current(request)
    if visit is None:
        return redirect("staff:entree")
    form = AskForm(request.POST or None, initial={"school": visit.member.school_id})
    if form.is_valid():
        members.ask(visit.member, school=form.cleaned_data["school"], role=form.cleaned_data["role"], at=request.at)
        return redirect("staff:demander_un_acces")
    waiting = visit.member.grants.waiting().select_related("school")
    return render(request, "staff/ask_access.html", {"form": form, "visit": visit, "waiting": waiting})


@require_http_methods(["GET", "POST"])
def second_factor_page(request: Any) -> HttpResponse:
    """Prove our own factor, then go back to the page that asked for it."""
    visit = sessions.current(request)
    if visit is None:
        return redirect("staff:entree")
    suite = entry.asked_for(request)
    if not second_factor.has_enrolled(visit.member):
        return _enrol_first(request, visit, suite)
    form = FactorForm(request.POST or None)
    if form.is_valid():
        try:
            second_factor.prove(visit, code=form.cleaned_data["code"], at=request.at)
            return redirect(suite)
        except second_factor.FactorError as error:
            form.add_error("code", error.sentence)
    context = {"form": form, "visit": visit, "suite": suite, **second_factor.held_by(visit.member)}
    return render(request, "staff/second_factor.html", context)


@require_http_methods(["GET", "POST"])
def enrol_factor(request: Any) -> HttpResponse:
    """Scan the square or type the key, then type a first code."""
    visit = sessions.current(request)
    if visit is None:
        return redirect("staff:entree")
    form, suite = FactorForm(request.POST or None), entry.asked_for(request)
    try:
        seed = second_factor.begin_enrolment(visit, at=request.at)
        if form.is_valid():
            second_factor.finish_enrolment(visit, code=form.cleaned_data["code"], at=request.at)
            return redirect(suite)
    except second_factor.WrongCode as error:
        form.add_error("code", error.sentence)
    except second_factor.FactorError as error:
        return render(request, "staff/no_factor.html", {"visit": visit, "sentence": error.sentence}, status=403)
    return render(request, "staff/enrol.html", {"form": form, "seed": seed, "suite": suite, "visit": visit})


@require_POST
def sign_out(request: Any) -> HttpResponse:
    """Leave the desk, then the portal. A page in between: a form's answer may not lead to another site (our CSP)."""
    response = HttpResponse()
    ended = sessions.end(request, response, at=request.at)
    back = settings.PUBLIC_URL + reverse("staff:au_revoir")
    way_out = portal.way_out(id_token=ended.id_token if ended else "", return_url=back)
    response.content = render(request, "staff/goodbye.html", {"way_out": way_out}).content
    if way_out:
        response.headers["Refresh"] = f"0; url={way_out}"
    return response


@require_GET
def goodbye(request: HttpRequest) -> HttpResponse:
    """Back from the portal: signed out of both."""
    return render(request, "staff/goodbye.html", {})


def _enrol_first(request: HttpRequest, visit: StaffSession, suite: str) -> HttpResponse:
    at = request.at  # type: ignore[attr-defined]
    if second_factor.may_add(visit, at=at):
        return redirect(f"{reverse('staff:enregistrer')}?{urlencode({entry.PARAMETER: suite})}")
    words = {"visit": visit, "suite": suite, "sentence": second_factor.PortalFactorNeeded.sentence}
    return render(request, "staff/no_factor.html", words, status=403)


def _refused(request: Any, error: portal.PortalError) -> HttpResponse:
    members.note_refusal(type(error).__name__, at=request.at)
    response = render(request, "staff/refused.html", {"sentence": error.sentence}, status=403)
    response.delete_cookie(ATTEMPT_COOKIE, samesite="Lax")
    return response


def _return_url() -> str:
    return settings.PUBLIC_URL + reverse("staff:retour")
