"""Addresses of the room `my_account`."""

from django.urls import path

from preau.identity.my_account import views

app_name = "my_account"
urlpatterns = [
    path("", views.home, name="home"),
    path("mot-de-passe/", views.change_password, name="password"),
    path("courriel/", views.email, name="email"),
]
