"""The table of contents of the site: one line per room."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from preau.identity import views
from preau.identity.addresses import Addresses

_ROOMS: list[URLPattern | URLResolver] = [
    path("", views.door, name="door"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    # Looked up in this order: what services and families open at every sign-on comes first.
    path("", include("preau.identity.federation.urls")),
    path("", include("preau.identity.signin.urls")),
    path("", include("preau.identity.messaging.urls")),
    path("assistance/", include("preau.identity.support.urls")),
    path("activation/", include("preau.identity.activation.urls")),
    path("recuperation/", include("preau.identity.recovery.urls")),
    path("compte/", include("preau.identity.my_account.urls")),
    path("agents/", include("preau.identity.staff.urls")),
    path("gestion/imports/", include("preau.identity.imports.urls")),
    path("gestion/envois/", include("preau.identity.distribution.urls")),
    path("gestion/", include("preau.identity.console.urls")),
]
if settings.DEVELOPMENT:
    _ROOMS.append(path("design/", include("preau.design.urls")))
urlpatterns = [Addresses(_ROOMS)]
