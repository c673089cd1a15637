"""Addresses of the room `staff`."""

from django.urls import path

from preau.identity.staff import passkey_pages, views

app_name = "staff"
urlpatterns = [
    path("entree/", views.entrance, name="entree"),
    path("portail/", views.leave_for_portal, name="portail"),
    path("retour/", views.come_back, name="retour"),
    path("choisir/", views.choose, name="choisir"),
    path("demander-un-acces/", views.ask_access, name="demander_un_acces"),
    path("second-facteur/", views.second_factor_page, name="second_facteur"),
    path("second-facteur/enregistrer/", views.enrol_factor, name="enregistrer"),
    path("second-facteur/cle/", passkey_pages.prove, name="prouver_cle"),
    path("second-facteur/cle/question/", passkey_pages.question, name="question_cle"),
    path("second-facteur/cles/", passkey_pages.mine, name="cles"),
    path("second-facteur/cles/ajouter/", passkey_pages.add, name="ajouter_cle"),
    path("second-facteur/cles/question/", passkey_pages.question_to_add, name="question_nouvelle_cle"),
    path("second-facteur/cles/<int:number>/retirer/", passkey_pages.remove, name="retirer_cle"),
    path("deconnexion/", views.sign_out, name="deconnexion"),
    path("au-revoir/", views.goodbye, name="au_revoir"),
]
