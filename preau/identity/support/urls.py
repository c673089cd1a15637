"""Addresses of the room `support`."""

from django.urls import path

from preau.identity.support import views

app_name = "support"
urlpatterns = [
    path("", views.home, name="home"),
    path("ticket/", views.ticket, name="ticket"),
    path("refus/<str:token>/", views.cancel, name="cancel"),
]
