"""The gallery alone, as a site mounts it in development."""

from django.urls import include, path

urlpatterns = [path("design/", include("preau.design.urls"))]
