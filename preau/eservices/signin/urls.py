"""The doors in and out. Registered with Préau letter for letter: changing one means changing the other."""

from django.urls import path

from preau.eservices.signin import views

app_name = "signin"
urlpatterns = [
    path("connexion/", views.start, name="start"),
    path("connexion/retour/", views.callback, name="callback"),
    path("deconnexion/", views.sign_out, name="sign_out"),
    path("deconnexion/faite/", views.signed_out, name="signed_out"),
    path("deconnexion/annonce/", views.told, name="told"),
]
