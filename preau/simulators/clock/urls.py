"""The clock's page."""

from django.urls import path

from preau.simulators.clock import views

app_name = "clock"
urlpatterns = [path("", views.clock, name="clock")]
