"""« Mon compte »: what one reads. What one changes stands beside: channels, security, franceconnect, leaving…"""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from preau import clock
from preau.identity.my_account import journal, page
from preau.identity.signin.guards import signed_in
from preau.identity.signin.help import school_of
from preau.identity.signin.models import Session


@require_GET
@signed_in
def home(request: HttpRequest, session: Session) -> HttpResponse:
    """Who I am, my children, my address, what was done to my account."""
    at = request.at  # type: ignore[attr-defined]
    shown = page.prepare(session.account, day=clock.today(at), at=at)
    context = {"page": shown, "at": at, "eservices": settings.ESERVICES_URL, "done": request.GET.get("fait", "")}
    return render(request, "my_account/home.html", {**context, "is_pupil": shown.is_pupil, "is_wide": True})


@require_GET
@signed_in
def identity(request: HttpRequest, session: Session) -> HttpResponse:
    """What the schools' bases say of me, and which school to call to correct it."""
    account, day = session.account, clock.today(request.at)  # type: ignore[attr-defined]
    context = {"account": account, "records": page.records(account, day=day), "school": school_of(account, day=day)}
    return render(request, "my_account/identity.html", {**context, "is_pupil": account.pupil_id is not None})


@require_GET
@signed_in
def events(request: HttpRequest, session: Session) -> HttpResponse:
    """What was done to my account, and by whom."""
    account = session.account
    shown = Paginator(journal.events(account), journal.PER_PAGE).get_page(request.GET.get("page"))
    lines = journal.lines(account, shown.object_list)
    context = {"lines": lines, "shown": shown, "at": request.at, "is_pupil": account.pupil_id is not None}  # type: ignore[attr-defined]
    return render(request, "my_account/events.html", context)
