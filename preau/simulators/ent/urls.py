"""The pages of the ENT, and the addresses that its metadata publish."""

from django.urls import path

from preau.simulators.ent import views

app_name = "ent"
urlpatterns = [
    path("", views.home, name="home"),
    path("connexion/", views.start, name="start"),
    path("retour/", views.answer, name="answer"),
    path("entree/", views.enter, name="enter"),
    path("deconnexion/", views.sign_out, name="sign_out"),
    path("deconnexion/retour/", views.signed_out, name="signed_out"),
    path("deconnexion/annonce/", views.told, name="told"),
    path("metadata", views.metadata, name="metadata"),
]
