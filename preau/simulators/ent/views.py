"""The ENT's pages, and the doors that SAML uses."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from preau.simulators.ent import faults, messages, provider, reading, words
from preau.simulators.ent.visits import Visit, memory
from preau.simulators.ent.xml import NotBelieved

# Cookies ignore ports: the name says whose they are.
COOKIE, ASKED = "ent-les-rives", "ent-les-rives-demande"
SHAPE: dict[str, Any] = {"httponly": True, "samesite": "Lax", "path": "/ent/"}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The door; or who is signed in, and everything that was said of them."""
    visit = _visit(request)
    if visit is None:
        return render(request, "ent/door.html", {"faults": faults.FAULTS})
    told = visit.attributes
    context = {"visit": visit, "name": words.greeting(told), "profile": words.profile(told), "lines": words.lines(told)}
    return render(request, "ent/home.html", context)


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to Préau with a signed question, wrong on purpose when `panne` says how."""
    asked, at = messages.new_id(), request.at  # type: ignore[attr-defined]
    try:
        address = faults.question(provider.preau(), asked, request.GET.get("panne", ""), at=at)
    except provider.Unreachable:
        return _refused(request, "Préau ne répond pas. Réessayez quand il est ouvert.", status=503)
    memory.ask(asked, at=at)
    response = HttpResponseRedirect(address)
    response.set_cookie(ASKED, asked, max_age=3600, **SHAPE)
    return response


@csrf_exempt
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Préau's answer, by a form of its own page: believed or not, then taken to the browser's own cookies."""
    try:
        asked, visit = reading.response(request.POST.get("SAMLResponse", ""), at=request.at)  # type: ignore[attr-defined]
    except NotBelieved as refusal:
        return _refused(request, str(refusal))
    if not memory.answered(asked):
        return _refused(request, "Cette réponse a déjà servi, ou ne répond à aucune demande de cet ENT.")
    return HttpResponseRedirect(f"{reverse('ent:enter')}?mot={memory.arrive(asked, visit)}", status=303)


@require_GET
def enter(request: HttpRequest) -> HttpResponse:
    """The browser that asked comes back with the answer."""
    token = memory.enter(request.GET.get("mot", ""), request.COOKIES.get(ASKED, ""))
    if not token:
        return _refused(request, "Cette connexion a été commencée dans un autre navigateur.")
    response = redirect("ent:home")
    response.set_cookie(COOKIE, token, **SHAPE)
    response.delete_cookie(ASKED, path="/ent/", samesite="Lax")
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Out of here, then out of Préau: a signed LogoutRequest, carried by the browser."""
    visit = _visit(request)
    memory.leave(request.COOKIES.get(COOKIE, ""))
    if visit is None:
        return redirect("ent:home")
    try:
        to = provider.preau()
    except provider.Unreachable:
        return render(request, "ent/out.html", {"is_both": False, "identity_url": settings.IDENTITY_URL})
    asked = messages.logout_request(to, visit, at=request.at)  # type: ignore[attr-defined]
    response = HttpResponseRedirect(messages.to_query(to.sign_out, asked), status=303)
    response.delete_cookie(COOKIE, path="/ent/", samesite="Lax")
    return response


@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    """Out of both, when Préau itself says so; of the ENT alone otherwise. Préau may ask here too (HTTP-Redirect)."""
    if "SAMLRequest" in request.GET:
        return _asked_to_leave(request)
    is_both = _visit(request) is None and reading.is_out_of_preau(request.META.get("QUERY_STRING", ""))
    return render(request, "ent/out.html", {"is_both": is_both, "identity_url": settings.IDENTITY_URL})


@csrf_exempt
@require_POST
def told(request: HttpRequest) -> HttpResponse:
    """Préau's machine says that a visit is over: signed out there, or at another service."""
    at = request.at  # type: ignore[attr-defined]
    try:
        ending = reading.ending(request.body, at=at)
    except NotBelieved:
        return HttpResponse(status=400)
    memory.end(ending.name_id, ending.session_indexes)
    answered = messages.logout_response(ending.request_id, to="", at=at)
    return HttpResponse(messages.enveloped(answered), content_type="text/xml; charset=utf-8")


@require_safe
def metadata(request: HttpRequest) -> HttpResponse:
    """What an operator registers it with."""
    return HttpResponse(messages.metadata(), content_type="application/samlmetadata+xml")


def _asked_to_leave(request: HttpRequest) -> HttpResponse:
    """End the visits that Préau names, and send the browser back there with our answer."""
    at = request.at  # type: ignore[attr-defined]
    try:
        ending = reading.carried(request.META.get("QUERY_STRING", ""), at=at)
        to = provider.preau().sign_out
    except (NotBelieved, provider.Unreachable):
        return _refused(request, "Cette demande de déconnexion n’est pas de Préau. Vous êtes encore connecté.")
    memory.end(ending.name_id, ending.session_indexes)
    said = messages.logout_response(ending.request_id, to=to, at=at)
    back = messages.to_query(to, said, ending.relay_state, name="SAMLResponse")
    return HttpResponseRedirect(back, status=303)


def _visit(request: HttpRequest) -> Visit | None:
    return memory.visit(request.COOKIES.get(COOKIE, ""), at=request.at)  # type: ignore[attr-defined]


def _refused(request: HttpRequest, why: str, *, status: int = 400) -> HttpResponse:
    return render(request, "ent/refused.html", {"why": why}, status=status)
