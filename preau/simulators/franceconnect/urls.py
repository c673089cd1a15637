"""The addresses of FranceConnect v2, under /franceconnect/api/v2, and two pages for whoever plays with it."""

from django.urls import path

from preau.simulators.franceconnect import views

app_name = "franceconnect"
urlpatterns = [
    path("", views.door, name="door"),
    path("pannes/", views.break_it, name="faults"),
    path("api/v2/.well-known/openid-configuration", views.discovery, name="discovery"),
    path("api/v2/authorize", views.authorize, name="authorize"),
    path("api/v2/choix", views.choose, name="choose"),
    path("api/v2/token", views.token, name="token"),
    path("api/v2/userinfo", views.userinfo, name="userinfo"),
    path("api/v2/jwks", views.jwks, name="jwks"),
    path("api/v2/session/end", views.end_session, name="end_session"),
]
