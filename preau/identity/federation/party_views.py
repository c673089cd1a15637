"""The operator's pages about services: parse, ask permission, call one verb, answer."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from preau.identity.federation import party_page as page
from preau.identity.federation import preview, registration, trial, troubles, watch
from preau.identity.federation.checks import CannotRegister
from preau.identity.federation.forms import OidcForm, OidcSettingsForm, PreviewForm, ReleaseForm
from preau.identity.federation.models import Protocol, RelyingParty, Trouble
from preau.identity.staff.desk import Tab, frame
from preau.identity.staff.entry import DeskRequest, staff_may
from preau.identity.staff.permissions import Deed

# The state of the page after an act, as a word in its address.
DONE = frozenset({"raccorde", "change", "coupe", "retabli", "relu"})


# Looking --------------------------------------------------------------------------------------------------------------
@require_GET
@staff_may(Deed.CONNECT_PARTIES, only_looks=True)
def parties(request: DeskRequest) -> HttpResponse:
    """Every service, and what presses."""
    rows = page.rows(at=request.at)
    unknown = Trouble.objects.filter(party=None, at__gt=request.at - page.LATELY).count()
    words: dict[str, Any] = {"rows": rows, "heads": page.HEADS, "pressing": page.pressing(rows), "unknown": unknown}
    return draw(request, "parties", **words)


@require_GET
@staff_may(Deed.CONNECT_PARTIES, only_looks=True)
def party(request: DeskRequest, client_id: str) -> HttpResponse:
    """One service, in plain words."""
    found = party_of(client_id)
    words: dict[str, Any] = {
        "facts": page.facts(found, at=request.at), "technical": page.technical(found), "learnt": page.learnt(found),
        "heads": page.LEARNT_HEADS, "remarks": watch.remarks(found, at=request.at),
        "troubles": page.told(troubles.of(found))[:3], "has_secret": registration.has_secret(found),
        "done": request.GET.get("fait") if request.GET.get("fait") in DONE else "",
        "trial_url": reverse("federation:trial") if trial.is_it(found) and found.disabled_at is None else "",
    }  # fmt: skip
    return draw(request, "party", party=found, **words)


@require_GET
@staff_may(Deed.CONNECT_PARTIES, only_looks=True)
def party_troubles(request: DeskRequest, client_id: str) -> HttpResponse:
    """What went wrong with one service lately."""
    found = party_of(client_id)
    told = page.told(troubles.of(found))
    return draw(request, "troubles", party=found, troubles=told, heads=page.TROUBLE_HEADS)


@require_GET
@staff_may(Deed.CONNECT_PARTIES, only_looks=True)
def strangers(request: DeskRequest) -> HttpResponse:
    """What came from services that nobody connected."""
    told = page.told(Trouble.objects.filter(party=None).order_by("-at", "-pk"))
    return draw(request, "troubles", party=None, troubles=told, heads=page.TROUBLE_HEADS)


@require_http_methods(["GET", "POST"])
@staff_may(Deed.PREVIEW_RELEASE)
def preview_release(request: DeskRequest, client_id: str) -> HttpResponse:
    """What this service would receive for one person."""
    found, form, seen = party_of(client_id), PreviewForm(request.POST or None), None
    if form.is_valid():
        name = form.cleaned_data["username"]
        try:
            seen = preview.look(found, username=name, by=request.member.key, at=request.at)
        except preview.NobodyOfThatName as error:
            form.add_error("username", str(error))
    return draw(request, "preview", party=found, form=form, seen=seen, status=422 if form.errors else 200)


# Acting ---------------------------------------------------------------------------------------------------------------
@require_GET
@staff_may(Deed.CONNECT_PARTIES)
def add(request: DeskRequest) -> HttpResponse:
    """By which protocol."""
    return draw(request, "add")


@require_http_methods(["GET", "POST"])
@sensitive_variables("secret")
@staff_may(Deed.CONNECT_PARTIES)
def add_oidc(request: DeskRequest) -> HttpResponse:
    """Describe a service by OpenID Connect; its secret is shown once."""
    form = OidcForm(request.POST or None)
    if form.is_valid():
        try:
            made, secret = registration.register(**form.facts(), by=request.member.key, at=request.at)
            return draw(request, "secret", party=made, secret=secret, is_new=True)
        except CannotRegister as error:
            form.refuse(error)
    return draw(request, "add_oidc", form=form, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@staff_may(Deed.CONNECT_PARTIES)
def change_release(request: DeskRequest, client_id: str) -> HttpResponse:
    """Who may enter, and what is learnt of them."""
    found = party_of(client_id)
    form = ReleaseForm(request.POST or None, initial=ReleaseForm.said(found))
    return _change(request, found, form, "change_release")


@require_http_methods(["GET", "POST"])
@staff_may(Deed.CONNECT_PARTIES)
def change_oidc(request: DeskRequest, client_id: str) -> HttpResponse:
    """How a service by OpenID Connect is spoken to."""
    found = party_of(client_id, protocol=Protocol.OIDC)
    form = OidcSettingsForm(request.POST or None, initial=OidcSettingsForm.said(found))
    return _change(request, found, form, "change_settings")


@require_http_methods(["GET", "POST"])
@sensitive_variables("secret")
@staff_may(Deed.CONNECT_PARTIES)
def renew_secret(request: DeskRequest, client_id: str) -> HttpResponse:
    """A new secret, after saying that the old one dies."""
    found = party_of(client_id, protocol=Protocol.OIDC)
    if request.method == "GET":
        return draw(request, "renew_secret", party=found, has_secret=registration.has_secret(found))
    try:
        secret = registration.renew_secret(found, by=request.member.key, at=request.at)
    except CannotRegister:
        return draw(request, "renew_secret", party=found, has_secret=False, status=409)
    return draw(request, "secret", party=found, secret=secret)


@require_http_methods(["GET", "POST"])
@staff_may(Deed.CONNECT_PARTIES)
def disable(request: DeskRequest, client_id: str) -> HttpResponse:
    """Cut a service off, after saying what follows."""
    found = party_of(client_id)
    if request.method == "GET":
        return draw(request, "disable", party=found)
    registration.disable(found, by=request.member.key, at=request.at)
    return to_party(found, "coupe")


@require_http_methods(["POST"])
@staff_may(Deed.CONNECT_PARTIES)
def enable(request: DeskRequest, client_id: str) -> HttpResponse:
    """Let people enter it again."""
    found = party_of(client_id)
    registration.enable(found, by=request.member.key, at=request.at)
    return to_party(found, "retabli")


def _change(request: DeskRequest, found: RelyingParty, form: Any, template: str) -> HttpResponse:
    if form.is_valid():
        try:
            registration.change(found, **form.facts(), by=request.member.key, at=request.at)
            return to_party(found, "change")
        except CannotRegister as error:
            form.refuse(error)
    return draw(request, template, party=found, form=form, status=422 if form.errors else 200)


def to_party(found: RelyingParty, done: str) -> HttpResponse:
    """Its page, which says what was done."""
    answer = redirect("federation:party", found.client_id)
    answer["Location"] += f"?fait={done}"
    return answer


def party_of(client_id: str, **more: Any) -> RelyingParty:
    """The service of that short name, or nothing (404)."""
    return get_object_or_404(RelyingParty.objects.select_related("saml"), client_id=client_id, **more)


def draw(request: DeskRequest, template: str, *, status: int = 200, **words: Any) -> HttpResponse:
    """A page about services, within the desk."""
    words = {**frame(request, here=Tab.PARTIES), **words}
    return render(request, f"federation/parties/{template}.html", words, status=status)
