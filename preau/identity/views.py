"""Pages that belong to no room: the door, the health of the site, a refused form."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def door(request: HttpRequest) -> HttpResponse:
    """The address families type: the choice of profile."""
    return redirect("signin:profile")


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """The process answers and reaches its database; whoever shares out the visits leaves it aside meanwhile."""
    try:
        connection.close_if_health_check_failed()  # one that was kept may have died with the base it knew
        connection.ensure_connection()
    except DatabaseError:
        return HttpResponse("the database does not answer", content_type="text/plain", status=503)
    return HttpResponse("ready", content_type="text/plain")


def refused_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token (cookies refused, page kept open too long, another site): what to do next."""
    return render(request, "403_csrf.html", status=403)
