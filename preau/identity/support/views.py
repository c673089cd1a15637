"""The family's side: how help works, where a ticket stands, and « ce n’est pas moi » for a correction."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from preau.identity.directory import corrections
from preau.identity.signin import device
from preau.identity.support import asking, telling
from preau.identity.support.forms import TicketForm


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Who to call, how tickets work, the questions people ask."""
    return render(request, "support/home.html")


@require_http_methods(["GET", "HEAD", "POST"])
def ticket(request: HttpRequest) -> HttpResponse:
    """Where a ticket stands; nothing about anybody."""
    at = request.at  # type: ignore[attr-defined]
    form, found = TicketForm(request.POST or None), None
    if form.is_valid():
        found = asking.ask(request, form.cleaned_data["number"], at=at)
        if found.sentence:
            form.add_error("number", found.sentence)
    context = {"form": form, "found": found, "at": at, "back": reverse("support:home")}
    response = render(request, "support/where.html", context, status=422 if form.errors else 200)
    device.greet(request, response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Say no to a correction, by the button only: mail scanners follow links, they do not click."""
    at = request.at  # type: ignore[attr-defined]
    correction, is_done = telling.behind(token), False
    if correction and request.method == "POST":
        is_done = corrections.cancel(correction, by=correction.key, at=at)
    context = {"correction": correction, "is_done": is_done, "school": telling.shown_school(correction), "at": at}
    return render(request, "support/cancel.html", context, status=200 if correction else 404)
