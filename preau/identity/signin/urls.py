"""Addresses of the room `signin`."""

from django.urls import path

from preau.identity.accounts.models import Kind
from preau.identity.signin import factor_pages, franceconnect, views
from preau.identity.signin.obligations import JOURNEY
from preau.identity.signin.without_waiting import JOURNEY as WITHOUT_WAITING
from preau.journeys.views import walk

app_name = "signin"
urlpatterns = [
    path("connexion/", views.profile, name="profile"),
    path("connexion/responsable/", views.door, {"kind": Kind.GUARDIAN}, name="guardian"),
    path("connexion/eleve/", views.door, {"kind": Kind.PUPIL}, name="pupil"),
    path("connexion/cle/question/", factor_pages.question_at_the_door, name="passkey_question"),
    path("connexion/responsable/cle/", factor_pages.enter, {"kind": Kind.GUARDIAN}, name="guardian_passkey"),
    path("connexion/eleve/cle/", factor_pages.enter, {"kind": Kind.PUPIL}, name="pupil_passkey"),
    path("connexion/code/", factor_pages.code, name="code"),
    path("connexion/code/garder/<str:token>/", factor_pages.keep_factors, name="keep_factors"),
    path("connexion/confirmer/cle/", factor_pages.passkey_again, name="passkey_again"),
    path("connexion/confirmer/cle/question/", factor_pages.question_again, name="question_again"),
    path("connexion/confirmer/code/", factor_pages.code_again, name="code_again"),
    path("connexion/franceconnect/", franceconnect.leave, name="franceconnect"),
    path("connexion/franceconnect/retour/", franceconnect.come_back, name="franceconnect_return"),
    path("connexion/suite/", views.onwards, name="onwards"),
    path("connexion/a-faire/<slug:page>/", walk, {"journey": JOURNEY}, name="obligation"),
    path("connexion/confirmer/", views.confirm, name="confirm"),
    path("connexion/sans-attendre/", views.without_waiting, {"kind": Kind.GUARDIAN}, name="guardian_unpause"),
    path("connexion/eleve/sans-attendre/", views.without_waiting, {"kind": Kind.PUPIL}, name="pupil_unpause"),
    path("connexion/reessayer/", views.waits_no_more, {"kind": Kind.GUARDIAN}, name="guardian_unpaused"),
    path("connexion/eleve/reessayer/", views.waits_no_more, {"kind": Kind.PUPIL}, name="pupil_unpaused"),
    path("connexion/sans-attendre/<slug:page>/", walk, {"journey": WITHOUT_WAITING}, name="without_waiting"),
    path("deconnexion/", views.sign_out, name="sign_out"),
    path("deconnexion/faite/", views.signed_out, name="signed_out"),
]
