"""The first page, and what this site was told."""

from django.urls import path

from preau.eservices.home import views

app_name = "home"
urlpatterns = [
    path("", views.home, name="home"),
    path("recu/", views.received, name="received"),
]
