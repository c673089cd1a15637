"""The gallery: every component in every state, to look at, to measure, to copy from. Development only."""

import datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from preau.design.gallery import desk_context, page_context


def gallery(request: HttpRequest) -> HttpResponse:
    """The pages for families; `?langue=ar` turns it round."""
    with translation.override(request.GET.get("langue", "fr")):
        return render(request, "design/gallery.html", page_context(request.GET.get("theme", "")))


def desk(request: HttpRequest) -> HttpResponse:
    """The pages of the desk."""
    page = Paginator(range(1043), 50).get_page(request.GET.get("page"))
    at = datetime.datetime(2026, 11, 23, 18, 42, tzinfo=datetime.UTC)
    with translation.override(request.GET.get("langue", "fr")):
        return render(request, "design/gallery_desk.html", desk_context(request.GET.get("theme", ""), page=page, at=at))


def mail(request: HttpRequest) -> HttpResponse:
    """A message."""
    return render(
        request, "design/gallery_mail.html", {"school_name": "Collège Élise-Deroche", "school_phone": "+33199001234"}
    )


def refusal(request: HttpRequest, status: int) -> HttpResponse:
    """The page of an error, said with the status of a success so that one may look at it."""
    return render(request, f"{status}.html")
