"""Addresses of the room `federation`: protocol names, not French ones."""

from django.urls import path

from preau.identity.federation import views

app_name = "federation"
urlpatterns = [
    path(".well-known/openid-configuration", views.configuration, name="configuration"),
    path("oidc/jwks", views.jwks, name="jwks"),
    path("oidc/authorize", views.authorize, name="authorize"),
    path("oidc/token", views.token, name="token"),
    path("oidc/userinfo", views.userinfo, name="userinfo"),
    path("oidc/end-session", views.end_session, name="end_session"),
]
