"""Addresses of the room `distribution`."""

from django.urls import path

from preau.identity.distribution import views

app_name = "distribution"
urlpatterns = [
    path("", views.home, name="home"),
    path("choisir/", views.choose, name="choose"),
    path("envoyer/", views.send, name="send"),
    path("lot/<int:pk>/", views.batch, name="batch"),
    path("lot/<int:pk>/arreter/", views.stop, name="stop"),
    path("lot/<int:pk>/imprimer/", views.download, name="download"),
    path("liste/", views.roster, name="roster"),
    path("eleve/<int:pk>/mot-de-passe/", views.reset, name="reset"),
]
