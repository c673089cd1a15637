"""Addresses of the room `federation`: protocol names, not French ones."""

from django.urls import path

from preau.identity.federation import going, metadata_views, notice_views, party_views, trial_views
from preau.identity.federation.oidc import views as oidc
from preau.identity.federation.saml import logout_views as saml_logout
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
    # Where EduConnect's clients send the browser to leave (FrEduUrlRetour), without any message
    path("idp/profile/Logout", going.leave, name="leave"),
    path("logout", going.leave, name="leave_too"),
    path("logout/service", saml_logout.carry, name="leave_a_party"),
    path("idp/profile/SAML2/Redirect/SLO", saml_logout.by_query, name="saml_logout_redirect"),
    path("idp/profile/SAML2/POST/SLO", saml_logout.by_form, name="saml_logout_post"),
    path("idp/profile/SAML2/SOAP/SLO", saml_logout.by_soap, name="saml_logout_soap"),
    # What people are told, and agree to.
    path("services/accord/", notice_views.answer, name="answer_notice"),
    path("compte/services/", notice_views.used_parties, name="used_parties"),
    path("compte/services/<str:client_id>/retirer/", notice_views.withdraw, name="withdraw_consent"),
    # The service of test: its door, and what it received
    path("services/essai/", trial_views.door, name="trial"),
    path("services/essai/recu/", trial_views.received, name="trial_received"),
    path("services/essai/openid/", trial_views.asks, name="trial_asks"),
    path("services/essai/openid/recu/", trial_views.returned, name="trial_returned"),
    # The operator's own.
    path("gestion/services/", party_views.parties, name="parties"),
    path("gestion/services/erreurs/", party_views.strangers, name="strangers"),
    path("gestion/services/ajouter/", party_views.add, name="add_party"),
    path("gestion/services/ajouter/openid/", party_views.add_oidc, name="add_oidc"),
    path("gestion/services/ajouter/saml/", metadata_views.add_saml, name="add_saml"),
    path("gestion/services/ajouter/essai/", trial_views.connect, {"protocol": "saml"}, name="connect_trial"),
    path(
        "gestion/services/ajouter/essai/openid/", trial_views.connect, {"protocol": "oidc"}, name="connect_trial_openid"
    ),
    path("gestion/services/ajouter/saml/confirmer/", metadata_views.confirm_saml, name="confirm_saml"),
    path("gestion/services/<str:client_id>/", party_views.party, name="party"),
    path("gestion/services/<str:client_id>/erreurs/", party_views.party_troubles, name="party_troubles"),
    path("gestion/services/<str:client_id>/apercu/", party_views.preview_release, name="preview_release"),
    path("gestion/services/<str:client_id>/droits/", party_views.change_release, name="change_release"),
    path("gestion/services/<str:client_id>/reglages/", party_views.change_oidc, name="change_oidc"),
    path("gestion/services/<str:client_id>/reglages-saml/", metadata_views.change_saml, name="change_saml"),
    path("gestion/services/<str:client_id>/metadonnees/", metadata_views.read_again, name="read_metadata"),
    path("gestion/services/<str:client_id>/metadonnees/confirmer/", metadata_views.vouch, name="vouch_metadata"),
    path("gestion/services/<str:client_id>/secret/", party_views.renew_secret, name="renew_secret"),
    path("gestion/services/<str:client_id>/couper/", party_views.disable, name="disable_party"),
    path("gestion/services/<str:client_id>/retablir/", party_views.enable, name="enable_party"),
]
