"""The addresses of FIM (a Shibboleth), under /portail."""

from django.urls import path

from preau.simulators.staff_portal import views

app_name = "staff_portal"
urlpatterns = [
    path("", views.door, name="door"),
    path(".well-known/openid-configuration", views.discovery, name="discovery"),
    path("idp/profile/oidc/authorize", views.authorize, name="authorize"),
    path("idp/profile/oidc/token", views.token, name="token"),
    path("idp/profile/oidc/userinfo", views.userinfo, name="userinfo"),
    path("idp/profile/oidc/keyset", views.keyset, name="keyset"),
    path("idp/profile/Logout", views.end_session, name="end_session"),
]
