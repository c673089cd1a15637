"""Addresses of the room `my_account`."""

from django.urls import path

from preau.identity.my_account import factors, views

app_name = "my_account"
urlpatterns = [
    path("", views.home, name="home"),
    path("mot-de-passe/", views.change_password, name="password"),
    path("courriel/", views.email, name="email"),
    path("cles-et-codes/", factors.factors, name="factors"),
    path("cles-et-codes/cle/", factors.add_passkey, name="add_passkey"),
    path("cles-et-codes/cle/question/", factors.passkey_question, name="passkey_question"),
    path("cles-et-codes/cle/<int:number>/retirer/", factors.remove_passkey, name="remove_passkey"),
    path("cles-et-codes/application/", factors.enrol_authenticator, name="enrol_authenticator"),
    path("cles-et-codes/application/retirer/", factors.remove_authenticator, name="remove_authenticator"),
    path("cles-et-codes/secours/", factors.recovery_codes, name="recovery_codes"),
]
