"""Addresses of the room `console`."""

from django.urls import path

from preau.identity.console import family_views, views

app_name = "console"
urlpatterns = [
    path("", views.cockpit, name="cockpit"),
    path("responsables/", views.guardians, name="guardians"),
    path("responsables/<int:pk>/", views.guardian, name="guardian"),
    path("eleves/", views.pupils, name="pupils"),
    path("eleves/<int:pk>/", views.pupil, name="pupil"),
    path("responsables/<int:pk>/corriger/", family_views.correct_guardian, name="correct_guardian"),
    path("eleves/<int:pk>/corriger/", family_views.correct_pupil, name="correct_pupil"),
    path("eleves/<int:pk>/proteger/", family_views.protect, name="protect"),
    path("tickets/", family_views.tickets_page, name="tickets"),
    path("tickets/<int:pk>/reponse/", family_views.answer_ticket, name="answer_ticket"),
    path("corrections/", family_views.corrections_page, name="corrections"),
    path("corrections/liste/", family_views.corrections_list, name="corrections_list"),
    path("corrections/<int:pk>/annuler/", family_views.cancel_correction, name="cancel_correction"),
    path("liens/<int:pk>/", family_views.settle_link, name="settle_link"),
    path("mes-classes/", views.own_divisions, name="own_divisions"),
    path("choix/", views.select, name="select"),
    path("choix/liste/", views.select_roster, name="select_roster"),
    path("comptes/<int:pk>/bloquer/", views.block, name="block"),
    path("comptes/<int:pk>/debloquer/", views.unblock, name="unblock"),
    path("comptes/<int:pk>/renvoyer/", views.resend, name="resend"),
    path("comptes/<int:pk>/telephone-perdu/", views.remove_factors, name="remove_factors"),
    path("comptes/<int:pk>/canal-etranger/", views.forget_channel, name="forget_channel"),
    path("comptes/<int:pk>/annuler-acces/", family_views.undo_opening, name="undo_opening"),
    path("comptes/<int:pk>/detruire/", views.burn_one, name="burn_one"),
    path("mots-de-passe-provisoires/", views.burn, name="burn"),
    path("equipe/", views.team_page, name="team"),
    path("equipe/<int:pk>/confirmer/", views.confirm_access, name="confirm_access"),
    path("equipe/<int:pk>/retirer/", views.revoke_access, name="revoke_access"),
    path("equipe/<int:pk>/retablir/", views.reinstate, name="reinstate"),
    path("journal/", views.journal, name="journal"),
]
