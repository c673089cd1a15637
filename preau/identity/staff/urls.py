"""Addresses of the room `staff`."""

from django.urls import path

from preau.identity.staff import views

app_name = "staff"
urlpatterns = [
    path("entree/", views.entrance, name="entree"),
    path("portail/", views.leave_for_portal, name="portail"),
    path("retour/", views.come_back, name="retour"),
    path("choisir/", views.choose, name="choisir"),
    path("demander-un-acces/", views.ask_access, name="demander_un_acces"),
    path("second-facteur/", views.second_factor_page, name="second_facteur"),
    path("second-facteur/enregistrer/", views.enrol_factor, name="enregistrer"),
    path("deconnexion/", views.sign_out, name="deconnexion"),
    path("au-revoir/", views.goodbye, name="au_revoir"),
]
