"""The table of contents of the site: one line per room."""

from django.urls import URLPattern, URLResolver, include, path

from preau.eservices import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", include("preau.eservices.signin.urls")),
    path("", include("preau.eservices.home.urls")),
]
