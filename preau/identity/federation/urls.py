"""Addresses of the room `federation`: protocol names, not French ones."""

from django.urls import path

from preau.identity.federation.oidc import views as oidc
from preau.identity.federation.saml import views as saml

app_name = "federation"
urlpatterns = [
    # OpenID Connect
    path(".well-known/openid-configuration", oidc.configuration, name="configuration"),
    path(".well-known/oauth-authorization-server", oidc.configuration, name="server_metadata"),
    path("oidc/jwks", oidc.jwks, name="jwks"),
    path("oidc/authorize", oidc.ask, name="authorize"),
    path("oidc/token", oidc.token, name="token"),
    path("oidc/userinfo", oidc.userinfo, name="userinfo"),
    path("oidc/revoke", oidc.revoke, name="revoke"),
    path("oidc/introspect", oidc.introspect, name="introspect"),
    path("oidc/end-session", oidc.end_session, name="end_session"),
    # The addresses that EduConnect's clients know
    path("idp/profile/oidc/authorize", oidc.ask, name="educonnect_authorize"),
    path("idp/profile/oidc/token", oidc.token, name="educonnect_token"),
    path("idp/profile/oidc/userinfo", oidc.userinfo, name="educonnect_userinfo"),
    path("idp/profile/oidc/logout", oidc.educonnect_logout, name="educonnect_logout"),
    # SAML 2.0, at the addresses of a Shibboleth identity provider
    path("idp/shibboleth", saml.metadata, name="saml_metadata"),
    path("saml/metadata", saml.metadata, name="saml_metadata_too"),
    path("idp/profile/SAML2/Redirect/SSO", saml.by_query, name="saml_redirect"),
    path("idp/profile/SAML2/POST/SSO", saml.by_form, name="saml_post"),
    path("idp/profile/SAML2/Unsolicited/SSO", saml.unasked, name="saml_unasked"),
    path("saml/sso", saml.come_back, name="saml_come_back"),
]
