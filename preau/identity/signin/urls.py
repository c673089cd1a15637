"""Addresses of the room `signin`."""

from django.urls import path

from preau.identity.accounts.models import Kind
from preau.identity.signin import views
from preau.identity.signin.obligations import JOURNEY
from preau.journeys.views import walk

app_name = "signin"
urlpatterns = [
    path("connexion/", views.profile, name="profile"),
    path("connexion/responsable/", views.door, {"kind": Kind.GUARDIAN}, name="guardian"),
    path("connexion/eleve/", views.door, {"kind": Kind.PUPIL}, name="pupil"),
    path("connexion/suite/", views.onwards, name="onwards"),
    path("connexion/a-faire/<slug:page>/", walk, {"journey": JOURNEY}, name="obligation"),
    path("connexion/confirmer/", views.confirm, name="confirm"),
    path("deconnexion/", views.sign_out, name="sign_out"),
    path("deconnexion/faite/", views.signed_out, name="signed_out"),
]
