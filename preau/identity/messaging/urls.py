"""Addresses of the room `messaging`."""

from django.urls import path

from preau.identity.messaging import views

app_name = "messaging"
urlpatterns = [
    path("sms/accuse/<slug:token>/", views.receipt, name="receipt"),
]
