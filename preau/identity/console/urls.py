"""Addresses of the room `console`."""

from django.urls import path

from preau.identity.console import views

app_name = "console"
urlpatterns = [
    path("", views.cockpit, name="cockpit"),
]
