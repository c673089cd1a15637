"""The desk's screens."""

from django.http import HttpResponse

from preau.identity.staff.entry import DeskRequest, staff_only


@staff_only
def cockpit(request: DeskRequest) -> HttpResponse:
    """The first page."""
    return HttpResponse("…")
