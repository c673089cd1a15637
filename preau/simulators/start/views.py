"""« Qui voulez-vous être ? »"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from preau.simulators import cast


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Who one can be, with what they hold; what to try; where the houses of the street are."""
    context = {
        "cast": cast.present(),
        "is_arrival": True,
        "identity_url": settings.IDENTITY_URL,
        "eservices_url": settings.ESERVICES_URL,
    }
    return render(request, "start/start.html", context)
