"""The screens of an import: give the files, read what they would do, apply, see what came of it."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau.identity.imports import runs, shown
from preau.identity.imports.causes import Doubt, Refused
from preau.identity.imports.forms import ApplyForm, UploadForm
from preau.identity.imports.models import ImportRun, Stage
from preau.identity.imports.sentences import ADVICE, refusal
from preau.identity.jobs import progress
from preau.identity.jobs.models import Job
from preau.identity.staff.desk import Tab, frame
from preau.identity.staff.entry import DeskRequest, staff_may
from preau.identity.staff.permissions import Deed

LINES = 50


@require_http_methods(["GET", "POST"])
@staff_may(Deed.IMPORT, only_looks=True)
def home(request: DeskRequest) -> HttpResponse:
    """Give files, and the imports of the school. Giving writes nothing in the directory; applying does."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        asked: dict[str, Any] = {"by": request.member.key, "at": request.at, "year": form.cleaned_data["year"]}
        return redirect("imports:run", pk=runs.prepare(form.contents(), uai=_uai(request), **asked).pk)
    history = Paginator(ImportRun.objects.of_school(_uai(request)).defer("lines"), LINES)
    words = {"form": form, "page": history.get_page(request.GET.get("page")), **shown.history_columns()}
    return render(request, "imports/home.html", {**frame(request, here=Tab.IMPORTS), **words})


@require_GET
@staff_may(Deed.IMPORT, only_looks=True)
def run(request: DeskRequest, pk: int) -> HttpResponse:
    """One import, wherever it stands."""
    return _page(request, _reached(request, pk), ApplyForm())


@require_GET
@staff_may(Deed.IMPORT, only_looks=True)
def section(request: DeskRequest, pk: int, section: str) -> HttpResponse:
    """The lines of one kind of change."""
    reached = _reached(request, pk)
    if (words := shown.heading(section)) is None or reached.is_over():
        raise Http404
    return _lines(request, reached, "imports/section.html", shown.lines(reached, section), heading=words)


@require_GET
@staff_may(Deed.IMPORT, only_looks=True)
def points(request: DeskRequest, pk: int, doubt: str) -> HttpResponse:
    """The rows to look at, for one reason."""
    reached = _reached(request, pk)
    if doubt not in reached.doubts:
        raise Http404
    advice, found = ADVICE[Doubt(doubt)], shown.points(reached, Doubt(doubt))
    return _lines(request, reached, "imports/points.html", found, heading=advice.seen, do=advice.do)


@require_POST
@staff_may(Deed.IMPORT)
def apply(request: DeskRequest, pk: int) -> HttpResponse:
    """Have the worker do what was shown."""
    form, reached = ApplyForm(request.POST), _reached(request, pk)
    confirms = form.is_valid() and form.cleaned_data["confirms_shrinking"]
    try:
        runs.ask(reached, by=request.member.key, at=request.at, confirms_shrinking=confirms)
    except Refused as refused:
        return _page(request, reached, form, refused)
    return redirect("imports:run", pk=pk)


@require_POST
@staff_may(Deed.IMPORT)
def approve(request: DeskRequest, pk: int) -> HttpResponse:
    """A second person has read the preview."""
    reached = _reached(request, pk)
    try:
        runs.approve(reached, by=request.member.key, at=request.at)
    except Refused as refused:
        return _page(request, reached, ApplyForm(), refused)
    return redirect("imports:run", pk=pk)


@require_POST
@staff_may(Deed.IMPORT, only_looks=True)
def abandon(request: DeskRequest, pk: int) -> HttpResponse:
    """Nobody wants this import any more."""
    runs.abandon(_reached(request, pk), at=request.at)
    return redirect("imports:home")


def _uai(request: DeskRequest) -> str:
    if request.grant.school_id is None:
        raise Http404
    return request.grant.school_id


def _reached(request: DeskRequest, pk: int) -> ImportRun:
    """An import of the member's own school; of any other, nothing."""
    return get_object_or_404(ImportRun.objects.of_school(_uai(request)), pk=pk)


def _first_crumb() -> dict[str, Any]:
    return {"label": shown.HOME, "url": reverse("imports:home")}


def _page(request: DeskRequest, reached: ImportRun, form: ApplyForm, refused: Refused | None = None) -> HttpResponse:
    words = {
        **frame(request, here=Tab.IMPORTS),
        "crumbs": [_first_crumb(), {"label": shown.title(reached)}],
        "run": reached,
        "form": form,
        "watched": shown.watched(reached)[:LINES],
        "has_stopped": runs.has_stopped(reached),
        "is_mine": reached.by == request.member.key,
        "refusal": refusal(refused) if refused else "",
        **shown.summary(reached),
    }
    if (
        reached.stage == Stage.ASKED
        and not words["has_stopped"]
        and (job := Job.objects.filter(pk=reached.job or 0).first())
    ):
        return progress.answer(request, job, page="imports/asked.html", **words)
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Refresh": "true"})  # it was being followed, and is over
    return render(request, "imports/run.html", words, status=409 if refused else 200)


def _lines(request: DeskRequest, reached: ImportRun, page: str, found: list[Any], **words: Any) -> HttpResponse:
    chosen = Paginator(found, LINES).get_page(request.GET.get("page"))
    way = [_first_crumb(), {"label": shown.title(reached), "url": reverse("imports:run", args=[reached.pk])}]
    crumbs = [*way, {"label": words["heading"]}]
    found_here = {"run": reached, "page": chosen, "crumbs": crumbs}
    return render(request, page, {**frame(request, here=Tab.IMPORTS), **found_here, **words})
