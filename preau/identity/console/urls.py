"""Addresses of the room `console`."""

from django.urls import path

from preau.identity.console import views

app_name = "console"
urlpatterns = [
    path("", views.cockpit, name="cockpit"),
    path("responsables/", views.guardians, name="guardians"),
    path("responsables/<int:pk>/", views.guardian, name="guardian"),
    path("eleves/", views.pupils, name="pupils"),
    path("eleves/<int:pk>/", views.pupil, name="pupil"),
    path("mes-classes/", views.own_divisions, name="own_divisions"),
    path("choix/", views.select, name="select"),
    path("choix/liste/", views.select_roster, name="select_roster"),
    path("comptes/<int:pk>/bloquer/", views.block, name="block"),
    path("comptes/<int:pk>/debloquer/", views.unblock, name="unblock"),
    path("comptes/<int:pk>/renvoyer/", views.resend, name="resend"),
    path("comptes/<int:pk>/detruire/", views.burn_one, name="burn_one"),
    path("mots-de-passe-provisoires/", views.burn, name="burn"),
    path("equipe/", views.team_page, name="team"),
    path("equipe/<int:pk>/confirmer/", views.confirm_access, name="confirm_access"),
    path("equipe/<int:pk>/retirer/", views.revoke_access, name="revoke_access"),
    path("equipe/<int:pk>/retablir/", views.reinstate, name="reinstate"),
    path("journal/", views.journal, name="journal"),
]
