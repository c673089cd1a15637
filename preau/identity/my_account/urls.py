"""Addresses of the room `my_account`."""

from django.urls import path

from preau.identity.accounts.channels import Way
from preau.identity.my_account import channels, children, factors, franceconnect, leaving, security, views
from preau.identity.my_account.child_by_proof import JOURNEY as CHILD
from preau.identity.my_account.mobile import JOURNEY as MOBILE
from preau.journeys.views import walk

app_name = "my_account"
urlpatterns = [
    path("", views.home, name="home"),
    path("identite/", views.identity, name="identity"),
    path("journal/", views.events, name="events"),
    path("mot-de-passe/", security.change_password, name="password"),
    path("mot-de-passe/premier/", security.first_password, name="first_password"),
    path("appareils/", security.devices, name="devices"),
    path("appareils/<str:sid>/deconnecter/", security.end_device, name="end_device"),
    path("appareils/tous/", security.sign_out_everywhere, name="sign_out_everywhere"),
    path("franceconnect/", franceconnect.franceconnect, name="franceconnect"),
    path("franceconnect/relier/", franceconnect.leave, name="link_franceconnect"),
    path("franceconnect/detacher/", franceconnect.unlink, name="unlink_franceconnect"),
    path("donnees/", leaving.data, name="data"),
    path("fermeture/", leaving.close, name="close"),
    path("fermeture/demandee/", leaving.closing_asked, name="closing_asked"),
    path("acces-des-responsables/", leaving.guardians, name="guardians"),
    path("enfants/", children.children, name="children"),
    path("enfants/ajouter/", children.add, name="add_children"),
    path("enfants/ajouter/preuve/", children.add_by_proof, name="add_by_proof"),
    path("enfants/ajouter/preuve/bloque/", children.stuck, name="child_stuck"),
    path("enfants/ajouter/preuve/<slug:page>/", walk, {"journey": CHILD}, name="add_child"),
    path("enfants/regroupement/<int:number>/abandonner/", children.cancel, name="cancel_merge"),
    path("enfants/regroupement/<int:number>/annuler/", children.undo, name="undo_merge"),
    path("regroupement/<str:token>/", children.undo_by_link, name="undo_by_link"),
    path("courriel/", channels.email, name="email"),
    path("courriel/changer/", channels.change_email, name="change_email"),
    path("courriel/renvoyer/", channels.send_again, name="send_again"),
    path("courriel/annuler/", channels.cancel, {"way": Way.EMAIL}, name="cancel_email"),
    path("mobile/", channels.mobile_page, name="mobile"),
    path("mobile/changer/", channels.change_mobile, name="change_mobile"),
    path("mobile/changer/<slug:page>/", walk, {"journey": MOBILE}, name="mobile_step"),
    path("mobile/annuler/", channels.cancel, {"way": Way.SMS}, name="cancel_mobile"),
    path("confirmer/<str:token>/", channels.prove, name="prove"),
    path("changement/<str:token>/", channels.answer, name="answer"),
    path("changement/<str:token>/oui/", channels.answer, {"said": "oui"}, name="agree"),
    path("changement/<str:token>/non/", channels.answer, {"said": "non"}, name="refuse"),
    path("garder/<str:token>/", channels.keep, name="keep_channel"),
    path("cles-et-codes/", factors.factors, name="factors"),
    path("cles-et-codes/cle/", factors.add_passkey, name="add_passkey"),
    path("cles-et-codes/cle/question/", factors.passkey_question, name="passkey_question"),
    path("cles-et-codes/cle/<int:number>/retirer/", factors.remove_passkey, name="remove_passkey"),
    path("cles-et-codes/application/", factors.enrol_authenticator, name="enrol_authenticator"),
    path("cles-et-codes/application/retirer/", factors.remove_authenticator, name="remove_authenticator"),
    path("cles-et-codes/secours/", factors.recovery_codes, name="recovery_codes"),
]
