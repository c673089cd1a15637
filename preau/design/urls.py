"""The gallery of components, in development."""

from django.urls import path

from preau.design import views

app_name = "design"
urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("bureau", views.desk, name="desk"),
    path("message", views.mail, name="mail"),
    path("refus/<int:status>", views.refusal, name="refusal"),
]
