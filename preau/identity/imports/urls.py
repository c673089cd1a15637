"""Addresses of the room `imports`."""

from django.urls import path

from preau.identity.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.home, name="home"),
    path("<int:pk>/", views.run, name="run"),
    path("<int:pk>/lignes/<slug:section>/", views.section, name="section"),
    path("<int:pk>/points/<slug:doubt>/", views.points, name="points"),
    path("<int:pk>/appliquer/", views.apply, name="apply"),
    path("<int:pk>/approuver/", views.approve, name="approve"),
    path("<int:pk>/abandonner/", views.abandon, name="abandon"),
]
