"""Addresses of the room `activation`."""

from django.urls import path

from preau.identity.activation import views
from preau.identity.activation.franceconnect import FRANCECONNECT_JOURNEY
from preau.identity.activation.mobile import MOBILE_JOURNEY
from preau.identity.activation.school_letter import GUARDIAN
from preau.identity.activation.school_sheet import PUPIL
from preau.journeys.views import walk

app_name = "activation"
urlpatterns = [
    path("responsable/<slug:page>/", walk, {"journey": GUARDIAN}, name="guardian"),
    path("mobile/", views.start_with_mobile, name="mobile_start"),
    path("mobile/<slug:page>/", walk, {"journey": MOBILE_JOURNEY}, name="mobile"),
    path("franceconnect/<slug:page>/", walk, {"journey": FRANCECONNECT_JOURNEY}, name="franceconnect"),
    path("annuler/<str:token>/", views.undo, name="undo"),
    path("blocage/", views.stuck, name="stuck"),
    path("eleve/<slug:page>/", walk, {"journey": PUPIL}, name="pupil"),
    path("courriel/<str:token>/", views.email, name="email"),
    path("bienvenue/", views.welcome, name="welcome"),
    path("fin/", views.over, name="over"),
]
