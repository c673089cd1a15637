"""The table of contents of the site: one line per simulator."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("", include("preau.simulators.start.urls")),
    path("portail/", include("preau.simulators.staff_portal.urls")),
    path("franceconnect/", include("preau.simulators.franceconnect.urls")),
    path("", include("preau.simulators.inbox.urls")),
    path("horloge/", include("preau.simulators.clock.urls")),
    path("codes/", include("preau.simulators.authenticator.urls")),
    path("ent/", include("preau.simulators.ent.urls")),
]
