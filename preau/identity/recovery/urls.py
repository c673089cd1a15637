"""Addresses of the room `recovery`."""

from django.urls import path

from preau.identity.accounts.models import Kind
from preau.identity.recovery import guardian_password, guardian_username, pupil_password, pupil_username, views
from preau.journeys.views import walk

app_name = "recovery"
_FOUR = (
    ("responsable/identifiant/", "guardian_username", guardian_username.JOURNEY),
    ("responsable/mot-de-passe/", "guardian_password", guardian_password.JOURNEY),
    ("eleve/identifiant/", "pupil_username", pupil_username.JOURNEY),
    ("eleve/mot-de-passe/", "pupil_password", pupil_password.JOURNEY),
)
urlpatterns = [
    path("fin/", views.over, name="over"),
    path("eleve/mot-de-passe/accord/", views.waited, name="waited"),
    path("approuver/", views.approve, name="approve"),
    path("responsable/mot-de-passe/fait/", views.done, {"kind": Kind.GUARDIAN}, name="guardian_done"),
    path("eleve/mot-de-passe/fait/", views.done, {"kind": Kind.PUPIL}, name="pupil_done"),
    *(path(begins, views.begin, {"journey": journey}, name=f"{name}_begin") for begins, name, journey in _FOUR),
    *(path(f"{begins}<slug:page>/", walk, {"journey": journey}, name=name) for begins, name, journey in _FOUR),
]
