"""Pages to read what arrived, a list for tests, a gateway for short messages."""

from django.urls import path

from preau.simulators.inbox import gateway, views

app_name = "inbox"
urlpatterns = [
    path("boite/", views.emails, name="emails"),
    path("boite/sms/", views.texts, name="texts"),
    path("boite/vider/", views.empty, name="empty"),
    path("boite/<int:pk>/", views.email, name="email"),
    path("boite/<int:pk>/html/", views.html, name="html"),
    path("boite/<int:pk>/piece/<int:rank>/", views.attachment, name="attachment"),
    path("boite.json", views.listing, name="listing"),
    path("sms", gateway.gateway, name="gateway"),
    path("sms/humeur/", gateway.set_mood, name="mood"),
]
