"""The codes of this half minute."""

from django.urls import path

from preau.simulators.authenticator import views

app_name = "authenticator"
urlpatterns = [
    path("", views.codes, name="codes"),
    path("oublier/<int:pk>/", views.forget, name="forget"),
]
