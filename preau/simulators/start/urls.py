"""The root of the simulators."""

from django.urls import path

from preau.simulators.start import views

app_name = "start"
urlpatterns = [path("", views.start, name="start")]
